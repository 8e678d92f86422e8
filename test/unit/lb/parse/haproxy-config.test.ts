import { describe, expect, test } from "vitest";
import type { HaproxyConfig, LineOptions, ProxySection } from "../../../../src/lb/haproxy/config.ts";
import { allDirectives, directivesOf, effective } from "../../../../src/lb/haproxy/directives.ts";
import { haproxyConfig } from "../../../../src/lb/haproxy/read-config.ts";
import type { Version } from "../../../../src/lb/version.ts";

const read = (text: string, version: Version | null = null): HaproxyConfig =>
  haproxyConfig([{ path: "haproxy.cfg", text }], version);

const proxy = (config: HaproxyConfig, name: string): ProxySection => {
  const found = config.proxies.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no proxy ${name}`);
  return found;
};

const said = (options: LineOptions): Record<string, string> =>
  Object.fromEntries([...options].map(([name, words]) => [name, words.map(({ text }) => text).join(" ")]));

const lines = (directives: ProxySection["directives"]): readonly string[] =>
  directives.map(({ words, prefix }) =>
    [...(prefix === null ? [] : [prefix]), ...words.map(({ text }) => text)].join(" "),
  );

describe("defaults", () => {
  const config = read(`
defaults
    mode http
    timeout client 5s
    option httplog
frontend one
defaults base
    mode http
    timeout client 7s
    option redispatch
defaults other from base
    timeout client 9s
    no option redispatch
backend two
backend three from base
    mode tcp
    default option redispatch
    no log
defaults
backend four
`);

  test("the last one before a section holds for it, and starts anew", () => {
    expect(lines(proxy(config, "one").inherited)).toEqual([
      "mode http",
      "timeout client 5s",
      "option httplog",
    ]);
    expect(proxy(config, "four").inherited).toEqual([]);
    expect(proxy(config, "four").mode).toBe("tcp");
  });

  test("one that is named is taken by its name, and by others of its kind", () => {
    expect(lines(proxy(config, "two").inherited)).toEqual([
      "mode http",
      "timeout client 7s",
      "option redispatch",
      "timeout client 9s",
      "no option redispatch",
    ]);
    expect(proxy(config, "two").mode).toBe("http");
    expect(proxy(config, "three").inherited).toHaveLength(3);
    expect(proxy(config, "three").mode).toBe("tcp");
  });

  test("what holds is the section's own, else the inherited, and nothing once it is taken back", () => {
    expect(effective(proxy(config, "two"), "timeout client")?.args.map(({ text }) => text)).toEqual(["9s"]);
    expect(effective(proxy(config, "two"), "option redispatch")).toBeNull();
    expect(effective(proxy(config, "three"), "option redispatch")).toBeNull();
    expect(effective(proxy(config, "three"), "log")).toBeNull();
    expect(effective(proxy(config, "one"), "option httplog")?.at).toMatchObject({
      line: 5,
      column: 5,
      length: 14,
    });
    expect(lines(allDirectives(proxy(config, "three"), "option"))).toEqual([
      "option redispatch",
      "default option redispatch",
    ]);
  });

  test("a name that no defaults section before has is a problem", () => {
    const { problems } = read("frontend a from b\ndefaults b\n");
    expect(problems).toMatchObject([
      { message: 'there is no defaults section "b" before this one', at: { line: 1, column: 17, length: 1 } },
    ]);
  });

  test("they go on from one file to the next", () => {
    const config = haproxyConfig([
      { path: "00-defaults.cfg", text: "defaults d\n mode http\n" },
      { path: "10-web.cfg", text: "frontend web\n" },
    ]);
    expect(config.proxies).toMatchObject([
      { name: "web", mode: "http", at: { source: { path: "10-web.cfg" } } },
    ]);
  });
});

describe("bind", () => {
  const binds = (text: string) =>
    read(`frontend f\n    bind ${text}\n`).proxies.flatMap((each) => each.binds);

  test.each([
    [":80", "*", "ipv4", [80, 80], "tcp"],
    ["*:80", "*", "ipv4", [80, 80], "tcp"],
    ["192.0.2.1:80-89", "192.0.2.1", "ipv4", [80, 89], "tcp"],
    ["[2001:db8::1]:443", "2001:db8::1", "ipv6", [443, 443], "tcp"],
    ["2001:db8::1:443", "2001:db8::1", "ipv6", [443, 443], "tcp"],
    [":::80", "::", "ipv6", [80, 80], "tcp"],
    ["ipv6@:80", "*", "ipv6", [80, 80], "tcp"],
    ["quic4@192.0.2.1:443", "192.0.2.1", "ipv4", [443, 443], "udp"],
    ["quic6@:443", "*", "ipv6", [443, 443], "udp"],
    ["/run/web.sock", "/run/web.sock", "unix", null, "tcp"],
    ["unix@web.sock", "web.sock", "unix", null, "tcp"],
    ["fd@3", "fd@3", "other", null, "tcp"],
    ["abns@web", "abns@web", "other", null, "tcp"],
    ['"${VIP}:80"', "${VIP}", "other", [80, 80], "tcp"],
    ['"192.0.2.1:${PORT-80}"', "192.0.2.1", "ipv4", null, "tcp"],
    ['"${ADDRESS}"', "${ADDRESS}", "other", null, "tcp"],
    ["lb.example.com:80", "lb.example.com", "other", [80, 80], "tcp"],
  ])("%s", (text, address, family, ports, protocol) => {
    expect(binds(text)).toMatchObject([{ address, family, ports, protocol }]);
  });

  test("a line with several addresses is several, each with the options of the line", () => {
    const found = binds(":80,[::]:80 v4v6 name web");
    expect(found.map(({ address }) => address)).toEqual(["*", "::"]);
    expect(found.map(({ options }) => said(options))).toEqual([
      { v4v6: "", name: "web" },
      { v4v6: "", name: "web" },
    ]);
    expect(found[1]?.at).toMatchObject({ line: 2, column: 10, length: 11 });
  });

  test("certificates add up, other options are replaced", () => {
    const [bind] = binds(":443 ssl crt a.pem crt b.pem alpn h2 alpn h2,http/1.1");
    expect(said(bind?.options ?? new Map())).toEqual({ ssl: "", crt: "a.pem b.pem", alpn: "h2,http/1.1" });
  });

  test("an address in the section's first line is one too", () => {
    expect(read("listen old 192.0.2.1:80 name x\n").proxies).toMatchObject([
      { name: "old", binds: [{ address: "192.0.2.1", ports: [80, 80] }] },
    ]);
  });
});

describe("server", () => {
  const config = read(`
defaults
    default-server inter 2s check
backend app
    default-server rise 3 ssl verify none
    server s1 192.0.2.1:80 weight 10 backup
    server s2 [2001:db8::2]:8080 no-check no-ssl inter 5s disabled
    default-server no-tlsv10 disabled
    server s3 app.example.com tlsv10 enabled
    server s4 /run/app.sock
    server-template t 3 app.example.com:80 no-verify
    server-template r 2-5 app.example.com:+1000
    server s5 192.0.2.5:80 set-proxy-v2-tlv-fmt(0x20) %[fc_pp_tlv(0x20)] send-proxy-v2
`);
  const servers = proxy(config, "app").servers;

  test("has its address and port", () => {
    expect(servers.map(({ name, address, port, count }) => [name, address, port, count])).toEqual([
      ["s1", "192.0.2.1", 80, 1],
      ["s2", "2001:db8::2", 8080, 1],
      ["s3", "app.example.com", null, 1],
      ["s4", "/run/app.sock", null, 1],
      ["t", "app.example.com", 80, 3],
      ["r", "app.example.com", null, 4],
      ["s5", "192.0.2.5", 80, 1],
    ]);
  });

  test("has what default-server lines before it gave, and not what it takes back", () => {
    const base = { inter: "2s", check: "", rise: "3", ssl: "", verify: "none" };
    const { check, ssl, ...plain } = base;
    expect(servers.map(({ options }) => said(options))).toEqual([
      { ...base, weight: "10", backup: "" },
      { ...plain, inter: "5s", disabled: "" },
      base,
      { ...base, "no-tlsv10": "", disabled: "" },
      { inter: "2s", check: "", rise: "3", ssl: "", "no-tlsv10": "", disabled: "" },
      { ...base, "no-tlsv10": "", disabled: "" },
      {
        ...base,
        "no-tlsv10": "",
        disabled: "",
        "set-proxy-v2-tlv-fmt(0x20)": "%[fc_pp_tlv(0x20)]",
        "send-proxy-v2": "",
      },
    ]);
    expect([check, ssl]).toEqual(["", ""]);
  });
});

describe("conditions", () => {
  const text = `
frontend f
.if version_atleast(2.4)
    bind :80
.else
    bind :81
.endif
.if 0
backend never
    mode http
.elif !0 # comment
    bind :82
.else
    bind :83
.endif
.if defined(PORT)
    bind :84
.endif
`;
  const ports = (version: Version | null) =>
    read(text, version).proxies.map(({ name, binds }) => [name, binds.map((bind) => bind.ports?.[0])]);

  test("lines whose condition does not hold are left out", () => {
    expect(ports([2, 6, 12])).toEqual([["f", [80, 82, 84]]]);
    expect(ports([2, 2, 0])).toEqual([["f", [81, 82, 84]]]);
  });

  test("lines of which only the daemon knows are kept and marked", () => {
    expect(ports(null)).toEqual([["f", [80, 81, 82, 84]]]);
    const [section] = read(text, [2, 6, 0]).proxies;
    expect(section?.directives.map(({ conditional }) => conditional)).toEqual([false, false, true]);
  });

  test("what does not belong together is a problem", () => {
    const { problems } = read(".if 1\n.else\n.elif 0\n.endif\n.endif\n.if 1\n");
    expect(problems.map(({ message, at }) => [at.line, message])).toEqual([
      [3, ".elif behind .else"],
      [5, ".endif without an .if before it"],
      [6, "this .if has no .endif"],
    ]);
  });
});

test("other sections keep their lines", () => {
  const { sections, problems } = read("global\n maxconn 10\npeers p\n peer lb1 192.0.2.1:1024\n # end\n");
  const peers = sections.find(({ keyword }) => keyword === "peers");
  expect(peers?.name?.text).toBe("p");
  expect(peers === undefined ? [] : lines(directivesOf(peers))).toEqual(["peer lb1 192.0.2.1:1024"]);
  expect(problems).toEqual([]);
});

test("a line before the first section is a problem", () => {
  expect(read("maxconn 10\nglobal\n").problems).toMatchObject([
    { message: '"maxconn" stands before the first section', at: { line: 1, column: 1, length: 10 } },
  ]);
});
