import { rmSync } from "node:fs";
import { describe, expect, it, onTestFinished } from "vitest";
import { runProgram } from "../../../src/cli/program.ts";
import { outsideOf, parseShard } from "../../../src/cli/shard.ts";
import { loadInventory } from "../../../src/config/inventory.ts";
import type { HostRecap } from "../../../src/core/event.ts";
import { siteDir } from "../config/site.ts";
import { recordIo } from "./io.ts";

const directoryOf = (files: Readonly<Record<string, string>>): string => {
  const cwd = siteDir(files);
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }));
  return cwd;
};

const SITE = {
  "inv.yaml": `all:
  children:
    lb:
      vars: { lbplay_pair: {} }
      hosts: { lb1: {}, lb2: {} }
    lb_more:
      vars: { lbplay_pair: {} }
      hosts: { lb3: {}, lb4: {} }
    web:
      hosts: { "web[1:5]": {} }
`,
  "site.yml": "- hosts: all\n  gather_facts: false\n  tasks: []\n",
};

const PAIRS = [{ hosts: ["lb1", "lb2"] }, { hosts: ["lb3", "lb4"] }];

describe("an inventory in shards", () => {
  it.each([1, 2, 3, 4, 5, 7])("has each host in one of %i, pairs whole, sizes alike", (count) => {
    const cwd = directoryOf(SITE);
    const { inventory } = loadInventory(["inv.yaml"], {
      cwd,
      vaults: [],
      onSecret: () => undefined,
      playbookDir: null,
    });
    const all = [...inventory.hosts.keys()];
    const shards = Array.from({ length: count }, (_, index) => {
      const outside = outsideOf({ index: index + 1, count }, inventory, PAIRS);
      return all.filter((host) => !outside.has(host));
    });
    expect(shards.flat().toSorted()).toEqual(all.toSorted());
    for (const { hosts } of PAIRS)
      expect(shards.filter((shard) => hosts.some((host) => shard.includes(host))).length).toBe(1);
    const sizes = shards.map((shard) => shard.length);
    expect(Math.min(...sizes)).toBeGreaterThan(0);
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(2);
  });

  it("is read from i/n and nothing else", () => {
    expect(parseShard("2/4")).toEqual({ index: 2, count: 4 });
    for (const text of ["0/4", "5/4", "1/0", "1", "1/4/2", "-1/4", "a/b", ""])
      expect(parseShard(text), text).toBe(null);
  });

  it("is what a run sees of it, beside its limit", async () => {
    const cwd = directoryOf(SITE);
    const listed = async (...words: readonly string[]): Promise<readonly string[]> => {
      const { io, stdout, stderr } = recordIo(cwd);
      expect(
        await runProgram(["run", "site.yml", "-i", "inv.yaml", "--list-hosts", ...words], io),
        stderr(),
      ).toBe(0);
      return (stdout().match(/^ {6}(\S+)$/gm) ?? []).map((line) => line.trim());
    };
    const shards = await Promise.all(["1/3", "2/3", "3/3"].map((shard) => listed("--shard", shard)));
    expect(shards.flat().toSorted()).toEqual(await listed().then((all) => all.toSorted()));
    expect(shards.every((shard) => shard.length >= 2)).toBe(true);
    const limited = await Promise.all(
      ["1/3", "2/3", "3/3"].map((shard) => listed("--shard", shard, "--limit", "lb")),
    );
    expect(limited.flat()).toEqual(["lb1", "lb2"]);
    expect(limited.filter((shard) => shard.length > 0).length).toBe(1);
  });

  it("is refused where there are more shards than there is to split", async () => {
    const { io, stderr } = recordIo(directoryOf(SITE));
    expect(
      await runProgram(["run", "site.yml", "-i", "inv.yaml", "--list-hosts", "--shard", "8/8"], io),
    ).toBe(2);
    expect(stderr()).toContain("can be split into 7 at most");
  });
});

const figures = (some: Partial<HostRecap>): HostRecap => ({
  ok: 0,
  changed: 0,
  unreachable: 0,
  failed: 0,
  skipped: 0,
  rescued: 0,
  ignored: 0,
  ...some,
});

const ended = (hosts: Readonly<Record<string, Partial<HostRecap>>>, seconds: number): string =>
  [
    { kind: "run-start", time: 1 },
    {
      kind: "recap",
      time: 10 * seconds,
      hosts: Object.fromEntries(Object.entries(hosts).map(([host, some]) => [host, figures(some)])),
      roundTrips: Object.fromEntries(Object.keys(hosts).map((host) => [host, 2])),
      seconds,
    },
  ]
    .map((event) => `${JSON.stringify(event)}\n`)
    .join("");

describe("the results of several runs", () => {
  const recapOf = async (files: Readonly<Record<string, string>>, ...words: readonly string[]) => {
    const { io, stdout, stderr } = recordIo(directoryOf(files));
    const code = await runProgram(["recap", ...Object.keys(files), ...words], io);
    return { code, stdout: stdout(), stderr: stderr() };
  };

  it("are one result, with the exit code of the worst", async () => {
    const a = ended({ lb1: { ok: 3 }, localhost: { ok: 1 } }, 2);
    const whole = await recapOf({ a, b: ended({ web1: { ok: 2, changed: 1 }, localhost: { ok: 2 } }, 3) });
    expect(whole.code).toBe(0);
    expect(whole.stdout).toMatch(/^lb1 +: ok=3 /m);
    expect(whole.stdout).toMatch(/^localhost +: ok=3 /m);
    expect(whole.stdout).toMatch(/^web1 +: ok=2 +changed=1 /m);
    expect(whole.stdout).toContain("3.00 s, 8 round trips to 3 nodes");
    expect((await recapOf({ a, b: ended({ web1: { unreachable: 1 } }, 1) })).code).toBe(3);
    expect((await recapOf({ a, b: ended({ web1: { unreachable: 1 }, web2: { failed: 1 } }, 1) })).code).toBe(
      1,
    );
  });

  it("are JSON for programs", async () => {
    const { stdout } = await recapOf(
      { a: ended({ lb1: { ok: 3 } }, 2), b: ended({ lb2: { ok: 1 } }, 1) },
      "--output",
      "json",
    );
    expect(JSON.parse(stdout)).toMatchObject({
      kind: "recap",
      hosts: { lb1: { ok: 3 }, lb2: { ok: 1 } },
      roundTrips: { lb1: 2, lb2: 2 },
      seconds: 2,
    });
  });

  it("are none where one of them did not come to its end, or is something else", async () => {
    const broken = await recapOf({
      a: ended({ lb1: { ok: 3 } }, 2),
      b: '{"kind":"run-start"}\n',
      c: "no JSON",
    });
    expect(broken.code).toBe(2);
    expect(broken.stdout).toBe("");
    expect(broken.stderr).toContain("b has no recap: that run did not come to its end");
    expect(broken.stderr).toContain("c is not what --output json writes");
  });
});
