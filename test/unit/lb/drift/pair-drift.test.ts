import { expect, test } from "vitest";
import type { DriftFile, DriftNode } from "../../../../src/lb/drift/node.ts";
import { pairDrift } from "../../../../src/lb/drift/pair-drift.ts";
import { haproxyConfig } from "../../../../src/lb/haproxy/read-config.ts";
import { keepalivedConfig } from "../../../../src/lb/keepalived/read-config.ts";
import { ordinaryFacts } from "../../../../src/lb/lint/ordinary-facts.ts";

const HAPROXY = `global
    node lb1
    stats socket /run/haproxy/admin.sock
frontend web
    bind 192.0.2.100:80
    default_backend app
peers mesh
    peer lb1 192.0.2.11:1024
    peer lb2 192.0.2.12:1024
backend app
    server web1 192.0.2.21:80 check
`;

const KEEPALIVED = `global_defs {
    router_id lb1
}
vrrp_instance VI_1 {
    state MASTER
    interface eth0
    virtual_router_id 51
    priority 101
    unicast_src_ip 192.0.2.11
    unicast_peer {
        192.0.2.12
    }
    authentication {
        auth_type PASS
        auth_pass k7Rw2mXq
    }
    virtual_ipaddress {
        192.0.2.100/32
    }
}
`;

const FILES: ReadonlyMap<string, DriftFile> = new Map([
  ["/etc/haproxy/haproxy.cfg", { mode: "0644", owner: "root:root", digest: "a".repeat(64) }],
  ["/etc/haproxy/errors/503.http", { mode: "0644", owner: "root:root", digest: "b".repeat(64) }],
]);

interface Change {
  readonly haproxy?: string;
  readonly keepalived?: string;
  readonly facts?: Partial<DriftNode["facts"]>;
  readonly files?: ReadonlyMap<string, DriftFile>;
}

const node = (name: "lb1" | "lb2", { haproxy, keepalived, facts, files }: Change = {}): DriftNode => {
  const own = (text: string): string =>
    name === "lb1"
      ? text
      : text
          .replace("node lb1", "node lb2")
          .replace("router_id lb1", "router_id lb2")
          .replace("state MASTER", "state BACKUP")
          .replace("priority 101", "priority 100")
          .replace("unicast_src_ip 192.0.2.11", "unicast_src_ip 192.0.2.12")
          .replace(/unicast_peer \{\s+192.0.2.12/, "unicast_peer {\n        192.0.2.11");
  return {
    name,
    haproxy: haproxyConfig([{ path: `${name}:/etc/haproxy/haproxy.cfg`, text: own(haproxy ?? HAPROXY) }]),
    keepalived: keepalivedConfig([
      { path: `${name}:/etc/keepalived/keepalived.conf`, text: own(keepalived ?? KEEPALIVED) },
    ]),
    facts: { ...ordinaryFacts(name === "lb1" ? 1 : 2), ...facts },
    files: files ?? FILES,
  };
};

const differences = (change: Change) =>
  pairDrift([node("lb1"), node("lb2", change)]).map(({ kind, what, values }) => [
    kind,
    what,
    ...values.map(({ lines }) => lines.join(" / ")),
  ]);

test("What each node has of its own by nature is no drift.", () => {
  expect(differences({})).toEqual([]);
});

test("A line that one haproxy.cfg lacks is told with its section.", () => {
  expect(differences({ haproxy: HAPROXY.replace("web1 192.0.2.21", "web1 192.0.2.99") })).toEqual([
    [
      "config",
      "haproxy.cfg, backend app",
      "server web1 192.0.2.21:80 check",
      "server web1 192.0.2.99:80 check",
    ],
  ]);
});

test("A section that only one has is told as a whole.", () => {
  expect(differences({ haproxy: `${HAPROXY}backend more\n` })).toEqual([
    ["config", "haproxy.cfg, backend more", "", "it is there"],
  ]);
});

test("The same lines in another order differ, as HAProxy goes by it.", () => {
  const lines = "    bind 192.0.2.100:80\n    default_backend app\n";
  const turned = "    default_backend app\n    bind 192.0.2.100:80\n";
  expect(differences({ haproxy: HAPROXY.replace(lines, turned) })).toMatchObject([
    ["config", "haproxy.cfg, frontend web", expect.stringContaining("order"), expect.any(String)],
  ]);
});

test("Passwords that differ are told, and not shown.", () => {
  expect(differences({ keepalived: KEEPALIVED.replace("k7Rw2mXq", "another1") })).toEqual([
    [
      "config",
      "keepalived.conf, vrrp_instance VI_1",
      "authentication auth_pass [redacted]",
      "authentication auth_pass [redacted]",
    ],
  ]);
});

test("A peer that is none of the pair is no line of its own.", () => {
  const keepalived = KEEPALIVED.replace("        192.0.2.12", "        192.0.2.77");
  expect(differences({ keepalived })).toEqual([
    ["config", "keepalived.conf, vrrp_instance VI_1", "unicast_peer 192.0.2.12", "unicast_peer 192.0.2.77"],
  ]);
});

test("Files differ by content, mode, owner and being there; configurations by what they say alone.", () => {
  const files = new Map([
    ["/etc/haproxy/haproxy.cfg", { mode: "0644", owner: "root:root", digest: "c".repeat(64) }],
    ["/etc/haproxy/errors/503.http", { mode: "0600", owner: "haproxy:haproxy", digest: "d".repeat(64) }],
    ["/etc/haproxy/new.map", { mode: "0644", owner: "root:root", digest: "e".repeat(64) }],
  ]);
  expect(differences({ files }).map(([, what]) => what)).toEqual([
    "/etc/haproxy/errors/503.http, content",
    "/etc/haproxy/errors/503.http, mode",
    "/etc/haproxy/errors/503.http, owner",
    "/etc/haproxy/new.map",
  ]);
});

test("Versions, kernel settings and services are compared; what the kernel counts is not.", () => {
  const plain = ordinaryFacts(2);
  const units = new Map(plain.units);
  units.set(
    "keepalived.service",
    new Map([...(units.get("keepalived.service") ?? []), ["UnitFileState", "disabled"]]),
  );
  expect(
    differences({
      facts: {
        units,
        haproxy: { version: [2, 8, 5], text: "", openssl: true },
        sysctl: new Map([
          ...(plain.sysctl ?? []),
          ["net.ipv4.ip_nonlocal_bind", "0"],
          ["net.netfilter.nf_conntrack_count", "7"],
        ]),
      },
    }),
  ).toEqual([
    ["version", "HAProxy", "2.6.12", "2.8.5"],
    ["kernel", "net.ipv4.ip_nonlocal_bind", "1", "0"],
    ["unit", "keepalived.service, enabled", "enabled", "disabled"],
  ]);
});

test("Certificates of one path with two keys differ.", () => {
  const certificate = (spki: string) => ({
    subject: "CN=lb.example",
    issuer: "CN=lb.example",
    names: [],
    notBefore: 0,
    notAfter: 1_800_000_000_000,
    spki,
    keyType: "ec",
    keyBits: 256,
    signature: "",
    ca: false,
    issuerUrl: null,
  });
  const of = (spki: string) => ({ certificates: new Map([["/etc/haproxy/site.pem", [certificate(spki)]]]) });
  const found = pairDrift([
    node("lb1", { facts: of("1".repeat(64)) }),
    node("lb2", { facts: of("2".repeat(64)) }),
  ]);
  expect(found.map(({ kind, what }) => [kind, what])).toEqual([
    ["certificate", "/etc/haproxy/site.pem, key"],
  ]);
});

test("One node alone differs from nobody.", () => {
  expect(pairDrift([node("lb1")])).toEqual([]);
});
