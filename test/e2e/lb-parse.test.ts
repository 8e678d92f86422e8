import { readFile } from "node:fs/promises";

import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseHaproxy, printHaproxy } from "../../src/lb/haproxy/parse.ts";
import { haproxyConfig } from "../../src/lb/haproxy/read-config.ts";
import type { HaproxySyntax } from "../../src/lb/haproxy/syntax.ts";
import { parseKeepalived, printKeepalived } from "../../src/lb/keepalived/parse.ts";
import { keepalivedConfig } from "../../src/lb/keepalived/read-config.ts";
import { type DebianFiles, debianFiles } from "./debian-archive.ts";
import {
  type CutLines,
  cutByHaproxy,
  formFaultsOfKeepalived,
  type HeldInstance,
  heldByKeepalived,
  refusedByHaproxy,
} from "./lb-daemons.ts";

// The parsers against what others wrote and what the daemons make of it. Debian's packages are unpacked, not installed.

/** HAProxy 3.0 and what it is linked with: 2.6 cannot show how it cuts a file into words. */
const NEWER_HAPROXY = [
  ...["haproxy", "libc6", "libcrypt1", "libgcc-s1", "libjemalloc2", "liblua5.4-0", "libopentracing1"],
  ...["libopentracing-c-wrapper0t64", "libpcre2-8-0", "libssl3t64", "libstdc++6", "libzstd1", "zlib1g"],
];

let debian: DebianFiles;
let haproxy: readonly string[];

beforeAll(async () => {
  debian = await debianFiles();
  const root = await debian.packages("trixie", NEWER_HAPROXY);
  const loader = (await debian.list(`${root}/usr/lib`)).find((path) => /\/ld-linux[^/]*\.so\.\d$/.test(path));
  if (loader === undefined) throw new Error("libc6 has no loader");
  haproxy = [loader, "--library-path", loader.replace(/\/[^/]*$/, ""), `${root}/usr/sbin/haproxy`];
});

afterAll(() => debian.remove());

/** Files as texts of bytes, by what tells them from one another. */
const textsOf = async (
  roots: readonly string[],
  wanted: (path: string) => boolean,
): Promise<ReadonlyMap<string, string>> => {
  const texts = new Map<string, string>();
  for (const root of roots)
    for (const path of await debian.list(root))
      if (wanted(path)) texts.set(path.slice(root.length), await readFile(path, "latin1"));
  return texts;
};

/** The configurations within a script of HAProxy's own tests. */
const embedded = (script: string): readonly string[] =>
  [...script.matchAll(/-conf(?:-OK|-BAD)?\s*\{[ \t]*\n(.*?)^\s*\}/gms)].map(([, text = ""]) => text);

/** How our parser cuts a text, in the form of HAProxy's own dump; without the lines whose variables HAProxy puts in. */
const cut = ({
  preamble,
  sections,
  problems,
}: HaproxySyntax): CutLines & { readonly variable: Set<number> } => {
  const all = [...preamble, ...sections.flatMap(({ header, lines }) => [header, ...lines])];
  const refused = new Set(problems.filter(({ severity }) => severity === "error").map(({ at }) => at.line));
  const kept = all.filter(({ number, raw }) => !refused.has(number) && !/^\s*\[/.test(raw));
  return {
    refused,
    variable: new Set(all.filter(({ raw }) => /".*\$/.test(raw)).map(({ number }) => number)),
    lines: new Map(
      kept.map(({ number, words }) => [
        number,
        words
          .map(({ text }) => text)
          .join(" ")
          .trim(),
      ]),
    ),
  };
};

/** Does something with each, four at a time: the daemons mostly wait. */
const inTurns = async <T>(all: readonly T[], use: (one: T) => Promise<unknown>): Promise<void> => {
  const rest = [...all];
  const worker = async (): Promise<void> => {
    for (let one = rest.shift(); one !== undefined; one = rest.shift()) await use(one);
  };
  await Promise.all([worker(), worker(), worker(), worker()]);
};

const expectSameCut = async (path: string, text: string): Promise<number> => {
  const ours = cut(parseHaproxy({ path, text }));
  const theirs = await cutByHaproxy(haproxy, text);
  const comparable = (lines: CutLines["lines"]) =>
    [...lines].filter(([number]) => !ours.variable.has(number));
  expect({ path, refused: [...ours.refused], lines: comparable(ours.lines) }).toEqual({
    path,
    refused: [...theirs.refused],
    lines: comparable(theirs.lines),
  });
  return comparable(theirs.lines).length;
};

describe("haproxy.cfg", () => {
  test("configurations of HAProxy's sources and packages are printed as they were, and cut as HAProxy cuts them", {
    timeout: 900_000,
  }, async () => {
    const roots = [
      await debian.sources("haproxy"),
      await debian.packages("bookworm", ["haproxy", "haproxy-doc"]),
      await debian.packages("trixie", ["haproxy"]),
    ];
    const files = await textsOf(roots, (path) => /\.(cfg|vtc)$/.test(path));
    let all = "";
    for (const [path, text] of files) {
      expect(printHaproxy(parseHaproxy({ path, text })), path).toBe(text);
      for (const one of path.endsWith(".vtc") ? embedded(text) : [text]) {
        expect(printHaproxy(parseHaproxy({ path, text: one })), path).toBe(one);
        // Those of add-ons are in languages of their own.
        if (path.includes("/addons/")) continue;
        expect(haproxyConfig([{ path, text: one }]).problems, path).toEqual([]);
        all += `# ${path}\n${one}`;
      }
    }
    const compared = await expectSameCut("all of them", all);
    expect(files.size).toBeGreaterThan(150);
    expect(compared).toBeGreaterThan(5000);
  });

  test("lines of chance are cut as HAProxy cuts them", async () => {
    const piece = fc.constantFrom(
      ..."\"'\\# ab01\t-{}[]*:,@/.~\v\f\u0001\u00e9",
      ...["\\x41", "\\x4", "\\t", "\\$", "\\ ", '\\"', "\\'", "\\#", '"', "'", "\"'", " ", " "],
      ...["'a b'", '""', "bind", "global", "default", "listen x", "x\\x20y"],
    );
    const line = fc.array(piece, { minLength: 1, maxLength: 12 }).map((parts) => `x${parts.join("")}`);
    const end = fc.constantFrom("\n", "\n", "\n", "\r\n", "\ry\n", " \rz\n");
    const text = fc
      .array(fc.tuple(line, end), { minLength: 30, maxLength: 40 })
      .map((lines) => `global\n${lines.flat().join("")}`);
    const texts = fc.sample(text, { numRuns: 40, seed: 1905 });
    await inTurns(texts, (one) => expectSameCut("chance", one));
  });

  test.each([
    ["a quote without its end", 'global\n  description "a\n'],
    ["another one", "global\n  description 'a\n"],
    ["an escaped quote", 'global\n  description \\"a\n'],
    ["half a hexadecimal number", "global\n  description \\x4\n"],
    ["a variable without a name", 'global\n  description "$1"\n'],
    ["a variable's brace without its end", 'global\n  description "${A"\n'],
    ["a dollar sign outside of quotes", "global\n  description ${A\n"],
    ["too many words", `global\n  description ${"a ".repeat(64)}\n`],
    ["no line feed at the end", "global\n  description a"],
    ["a comment without a line feed", "global\n# end"],
  ])("the HAProxy of this machine says the same of %s", async (_, text) => {
    const { problems } = parseHaproxy({ path: "given.conf", text });
    const ours = problems.filter(({ severity }) => severity === "error").map(({ at }) => at.line);
    expect(ours).toEqual(await refusedByHaproxy(text));
  });
});

/** What our reading of a text says of its instances, in keepalived's own measure. */
const read = (text: string): readonly HeldInstance[] =>
  keepalivedConfig([{ path: "given.conf", text }], "lb1").instances.map((instance) => ({
    name: instance.name,
    vrid: instance.virtualRouterId?.value ?? 0,
    priority: instance.priority.value,
    version: instance.version,
    advertInt: instance.advertInt.seconds,
    nopreempt: instance.nopreempt,
    preemptDelay: instance.preemptDelay,
    addresses: instance.virtualAddresses
      .filter(({ excluded }) => !excluded)
      .map(({ address, prefix, family }) => {
        const whole = family === "ipv4" ? 32 : 128;
        return prefix === null || prefix === whole ? address : `${address}/${prefix}`;
      }),
  }));

describe("keepalived.conf", () => {
  test("samples of keepalived's sources and packages are printed as they were, and read as keepalived reads them", {
    timeout: 900_000,
  }, async () => {
    const roots = [
      await debian.sources("keepalived"),
      await debian.packages("bookworm", ["keepalived"]),
      await debian.packages("trixie", ["keepalived"]),
    ];
    const files = await textsOf(
      roots,
      (path) => /\/keepalived\.conf[^/]*$|\/samples\/[^/]*\.conf/.test(path) && !/\/man/.test(path),
    );
    expect(files.size).toBeGreaterThan(40);
    let held = 0;
    const seen = new Set<string>();
    for (const [path, text] of files) {
      expect(printKeepalived(parseKeepalived({ path, text })), path).toBe(text);
      // Their comments have apostrophes and all; the makers of the package compress some, and templates are for a shell.
      if (seen.has(text) || /\.(gz|in)$/.test(path)) continue;
      seen.add(text);
      expect(keepalivedConfig([{ path, text }], "lb1").problems, path).toEqual([]);
    }
    const instances = [...files].filter(([, text]) => seen.delete(text) && text.includes("vrrp_instance"));
    await inTurns(instances, async ([path, text]) => {
      const theirs = await heldByKeepalived(text);
      const names = new Set(theirs?.map(({ name }) => name));
      held += names.size;
      expect({ path, instances: read(text).filter(({ name }) => names.has(name)) }).toEqual({
        path,
        instances: theirs ?? [],
      });
    });
    expect(held).toBeGreaterThan(10);
  });

  test.each(Object.entries(OWN_TEXTS()))("keepalived holds what our reading says: %s", async (_, text) => {
    const ours = read(text);
    expect(ours.length).toBeGreaterThan(0);
    expect(await heldByKeepalived(text)).toEqual(ours);
  });

  test.each([
    ["a brace that is not closed", "vrrp_instance V {\n  interface eth0\n"],
    ["a brace that closes nothing", "vrrp_script a {\n}\n}\n"],
    ["a quote without its end", 'global_defs {\n  router_id "lb1\n}\n'],
    ["a repetition that leads nowhere", "~SEQ(I, 1, 0, 3) global_defs\n"],
    ["nothing wrong", 'global_defs {\n  router_id "lb 1" # "\n}\n'],
    ["nothing wrong on one line", "vrrp_script a { script /bin/true\n }\n"],
  ])("keepalived says the same of %s", async (_, text) => {
    const { problems } = keepalivedConfig([{ path: "given.conf", text }], "lb1");
    expect(problems.length > 0, JSON.stringify(problems.map(({ message }) => message))).toBe(
      (await formFaultsOfKeepalived(text)).length > 0,
    );
  });
});

/** Configurations in which keepalived's grammar does what is unusual. */
function OWN_TEXTS(): Readonly<Record<string, string>> {
  const instance = (name: string, body: string): string => `vrrp_instance ${name} {
  interface eth0
  ${body}
}
`;
  return {
    defaults: instance("V", "virtual_router_id 7\n virtual_ipaddress { 192.0.2.100 }"),
    definitions: `$ID=51
$COMMON=\\
   priority 150 \\
   advert_int 2
$NET=192.0.2
${instance("V_${ID}", "virtual_router_id $ID\n $COMMON\n virtual_ipaddress {\n ${NET}.100/24 dev eth1\n }")}`,
    conditions: `global_defs {
  vrrp_version 3
}
${instance("V", "virtual_router_id 9\n@lb1 priority 101\n@lb2 priority 100\n@^lb1 nopreempt\n advert_int 0.25\n virtual_ipaddress\n {\n 192.0.2.100 dev eth1 label eth1:vip\n }")}`,
    repetitions: instance(
      "V",
      "virtual_router_id 9\n virtual_ipaddress {\n ~SEQ(I, 4, -2, 0) 192.0.2.20${I}\n ~LST({A, B}, {1, 2}, {3, 4}) 192.0.2.${A}${B}\n }",
    ),
    "an instance of IPv6": instance(
      "V",
      "virtual_router_id 9\n virtual_ipaddress {\n fe80::1/64\n 2001:db8::1 dev eth0\n }",
    ),
    "its own version, preempt_delay and excluded addresses": instance(
      "V",
      "state BACKUP\n version 3\n preempt_delay 3\n virtual_router_id 9 ! the ninth\n virtual_ipaddress { 192.0.2.100/24 }\n virtual_ipaddress_excluded { 192.0.2.101 }",
    ),
    "two, with blocks on one line": `${instance("A", "virtual_router_id 1\n priority 254 #\n virtual_ipaddress{192.0.2.1/32}")}${instance("B", 'virtual_router_id "2"\n virtual_ipaddress { 192.0.2.2\n 192.0.2.3 }')}`,
  };
}
