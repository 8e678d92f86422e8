import { describe, expect, test } from "vitest";
import type { PartChange } from "../../../../src/lb/config-diff.ts";
import { diffHaproxy } from "../../../../src/lb/haproxy/diff.ts";
import { haproxyConfig } from "../../../../src/lb/haproxy/read-config.ts";
import { diffKeepalived } from "../../../../src/lb/keepalived/diff.ts";
import { keepalivedConfig } from "../../../../src/lb/keepalived/read-config.ts";

const shown = (changes: readonly PartChange[]): readonly string[] =>
  changes.map(({ kind, name, removed, added, reordered }) =>
    [
      kind,
      name,
      ...removed.map(({ text, at }) => `-${at.line} ${text}`),
      ...added.map(({ text, at }) => `+${at.line} ${text}`),
      ...(reordered ? ["reordered"] : []),
    ].join(" | "),
  );

describe("haproxy.cfg", () => {
  const diff = (before: string, after: string) =>
    shown(
      diffHaproxy(
        haproxyConfig([{ path: "before", text: before }]),
        haproxyConfig([{ path: "after", text: after }]),
      ),
    );

  const base = `global
    daemon
defaults
    mode http
frontend web
    bind :80
    http-request deny if a
    http-request deny if b
backend app
    server s1 192.0.2.1:80
    server s1 192.0.2.1:80
backend old
`;

  test("comments, blank lines and indentation do not count", () => {
    expect(diff(base, base.replaceAll("    ", "\t").replaceAll("\n", " # x\n\n"))).toEqual([]);
  });

  test("sections and lines come and go by their names", () => {
    const after = base
      .replace("backend old\n", "")
      .replace("bind :80", "bind :80,:8080")
      .replace("defaults", "defaults base")
      .replace("    server s1 192.0.2.1:80\n", "");
    expect(diff(base, `backend new from base\n    mode tcp\n${after}`)).toEqual([
      "removed | defaults | -4 mode http",
      "changed | frontend web | -6 bind :80 | +8 bind :80,:8080",
      "changed | backend app | -11 server s1 192.0.2.1:80",
      "removed | backend old",
      "added | backend new | +1 from base | +2 mode tcp",
      "added | defaults base | +6 mode http",
    ]);
  });

  test("the order of a section's lines counts, that of sections does not", () => {
    const swapped = base.replace("deny if a", "deny if c").replace("deny if b", "deny if a");
    expect(diff(base, swapped.replace("deny if c", "deny if b"))).toEqual([
      "changed | frontend web | reordered",
    ]);
    expect(diff("backend a\nbackend b\n", "backend b\nbackend a\n")).toEqual([]);
  });

  test("sections without names are told apart by their number", () => {
    expect(diff("defaults\n mode tcp\ndefaults\n mode http\n", "defaults\n mode tcp\n")).toEqual([
      "removed | defaults#2 | -4 mode http",
    ]);
  });
});

describe("keepalived.conf", () => {
  const diff = (before: string, after: string) =>
    shown(
      diffKeepalived(
        keepalivedConfig([{ path: "before", text: before }], "lb1"),
        keepalivedConfig([{ path: "after", text: after }], "lb1"),
      ),
    );

  const base = `global_defs {
    router_id lb1
}
vrrp_instance VI_1 {
    priority 100
    virtual_ipaddress {
        192.0.2.10/32 dev eth0
    }
}
`;

  test("how it is written does not count", () => {
    expect(
      diff(
        base,
        "$P=100\nglobal_defs { router_id lb1 }\nvrrp_instance VI_1\n{ ! x\n priority ${P}\n@lb2 priority 1\nvirtual_ipaddress { 192.0.2.10/32 dev eth0 }\n}\n",
      ),
    ).toEqual([]);
  });

  test("blocks and lines come and go by their names", () => {
    const after = base
      .replace("priority 100", "priority 254")
      .replace("dev eth0\n", "dev eth0\n        192.0.2.11/32\n")
      .replace("global_defs {\n    router_id lb1\n}\n", "vrrp_script chk {\n    script /bin/true\n}\n");
    expect(diff(base, after)).toEqual([
      "removed | global_defs | -2 router_id lb1",
      "changed | vrrp_instance VI_1 | -5 priority 100 | +5 priority 254 | +8 virtual_ipaddress 192.0.2.11/32",
      "added | vrrp_script chk | +2 script /bin/true",
    ]);
  });
});
