import { beforeAll, describe, expect, it } from "vitest";
import { rules } from "../../src/lb/lint/registry.ts";
import { SITE_PACKAGES, withLab } from "./lab-fixture.ts";
import { type Finished, lbplay } from "./lbplay.ts";
import { pairOnNodes } from "./pair-on-nodes.ts";

const lab = withLab({ name: "lint", packages: SITE_PACKAGES });

const inventory = (): readonly string[] => ["-i", "inventory/lab", "-i", lab.inventoryFile()];

interface Finding {
  readonly rule: string;
  readonly severity: string;
  readonly message: string;
  readonly nodes: readonly string[];
}

/** Errors and warnings of a lint, as `X01 error lb1: message`. */
const grave = ({ stdout }: Finished): readonly string[] => {
  const { pairs } = JSON.parse(stdout) as {
    readonly pairs: readonly { readonly findings: readonly Finding[] }[];
  };
  return pairs
    .flatMap(({ findings }) => findings)
    .filter(({ severity }) => severity !== "info")
    .map(({ rule, severity, nodes, message }) => `${rule} ${severity} ${nodes.join(", ")}: ${message}`);
};

const live = (): Promise<Finished> =>
  lbplay(["lint", "--live", ...inventory(), "--limit", "lb", "--output", "json"]);

const planned = (): Promise<Finished> =>
  lbplay(["lint", "playbooks/site.yaml", ...inventory(), "--output", "json"]);

beforeAll(async () => {
  const converged = await lbplay(["run", "playbooks/site.yaml", ...inventory()]);
  expect({ code: converged.code, stderr: converged.stderr }).toEqual({ code: 0, stderr: "" });
});

describe("the shipped site on two nodes", { timeout: 600_000 }, () => {
  it("has neither error nor warning, on the nodes and as the playbook would leave it", async () => {
    const seen = await live();
    expect(grave(seen)).toEqual([]);
    expect(seen.code).toBe(0);
    const foretold = await planned();
    expect(grave(foretold)).toEqual([]);
    expect(foretold.stdout).toContain("would change none of these nodes");
  });

  it("is foretold to move its address at every failure of one node", async () => {
    const { code, stdout } = await lbplay(["predict", "--live", ...inventory(), "--limit", "lb"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/haproxy dies on lb[12]\s+lb[12]\s+/);
    expect(stdout).not.toContain("until it is mended  lb");
  });

  it("is read and not changed: neither files nor processes are others afterwards", async () => {
    const look =
      "stat -c '%n %Y %i' /etc/haproxy/haproxy.cfg /etc/keepalived/keepalived.conf; systemctl show -p MainPID,NRestarts haproxy keepalived";
    const before = await Promise.all(["lb1", "lb2"].map((node) => lab.output(node, look)));
    await live();
    expect(await Promise.all(["lb1", "lb2"].map((node) => lab.output(node, look)))).toEqual(before);
  });

  it("tells all that rules ask, and no rule has even a hint", async () => {
    const pair = await pairOnNodes(lab);
    const silent = pair.nodes.map(({ facts }) =>
      Object.entries(facts ?? {}).flatMap(([member, fact]) => (fact === null ? [member] : [])),
    );
    // Debian has no SELinux, the nodes no tool for a firewall or to listen with, and a container cannot tell its cloud.
    const unknowable = ["selinux", "cloud", "firewall", "vrrp"];
    expect(silent.map((members) => members.filter((member) => !unknowable.includes(member)))).toEqual([
      [],
      [],
    ]);
    const found = rules.flatMap((rule) =>
      rule
        .check(pair, { now: Date.now() })
        .map(({ nodes, message }) => `${rule.id} ${nodes.join(", ")}: ${message}`),
    );
    expect(found).toEqual([]);
  });
});

describe("a pair that somebody has changed by hand", { timeout: 600_000 }, () => {
  const KEEPALIVED = "/etc/keepalived/keepalived.conf";
  const HAPROXY = "/etc/haproxy/haproxy.cfg";

  it.each([
    [
      "another virtual_router_id",
      "lb2",
      `sed -i 's/virtual_router_id .*/virtual_router_id 99/' ${KEEPALIVED}`,
      "X01",
    ],
    [
      "another priority, the same as the other node's",
      "lb2",
      `sed -i 's/priority 253/priority 254/' ${KEEPALIVED}`,
      "X20",
    ],
    ["a server that is no longer checked", "lb1", `sed -i 's/ check\\b.*//' ${HAPROXY}`, "H05"],
    ["a line on one node only", "lb1", `sed -i '/^global/a\\    spread-checks 3' ${HAPROXY}`, "X40"],
    ["a virtual address that cannot be bound", "lb1", "sysctl -qw net.ipv4.ip_nonlocal_bind=0", "H02"],
    [
      "a keepalived.conf that everybody reads",
      "lb2",
      `sed -i '/virtual_router_id/a\\    authentication {\\n auth_type PASS\\n auth_pass hidden1\\n }' ${KEEPALIVED}; chmod 644 ${KEEPALIVED}`,
      "K41",
    ],
    ["a service that is not started at boot", "lb2", "systemctl -q disable haproxy", "X53"],
  ] as const)("%s is found (%s)", async (_, node, script, rule) => {
    const restore = `cp -a ${KEEPALIVED} ${HAPROXY} /root/; systemctl is-enabled haproxy >/root/enabled; sysctl -n net.ipv4.ip_nonlocal_bind >/root/bind`;
    await lab.output(node, restore);
    try {
      await lab.output(node, script);
      const found = await live();
      expect(grave(found).map((line) => line.split(" ")[0])).toContain(rule);
      expect(found.stdout).not.toContain("hidden1");
    } finally {
      await lab.output(
        node,
        `cp -a /root/keepalived.conf ${KEEPALIVED}; cp -a /root/haproxy.cfg ${HAPROXY}; systemctl -q enable haproxy; sysctl -qw net.ipv4.ip_nonlocal_bind=$(cat /root/bind)`,
      );
    }
  });

  it("is told node by node where one of them is away, with the exit code of that", async () => {
    await lab.pullCable("lb2");
    try {
      const { code, stdout } = await lbplay([
        "lint",
        "--live",
        ...inventory(),
        "--limit",
        "lb",
        "-T",
        "3",
        "--rule",
        "X01",
      ]);
      expect(code).toBe(3);
      expect(stdout).toContain("lb2: unreachable: ");
      expect(stdout).toContain("1 node held against 1 rule");
    } finally {
      await lab.plugCable("lb2");
    }
  });
});
