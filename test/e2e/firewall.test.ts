import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { withLab } from "./lab-fixture.ts";
import { changedTasks, runEvents } from "./lbplay.ts";

// Each firewall on a node of its own: it must let in what the role names, drop the rest, and stay so.

const lab = withLab({ name: "fw", nodes: ["lb1", "lb2", "lb3", "lb4", "client"] });

const NODES = { lb1: "nftables", lb2: "iptables", lb3: "ufw", lb4: "firewalld" } as const;

const OPEN = [22, 80, 443, 8443] as const;
const CLOSED = [8080, 1080] as const;

/** Something that accepts connections on all these ports. */
const listen = (node: string): Promise<string> =>
  lab.output(
    node,
    `systemctl is-active -q listeners || systemd-run -q --unit listeners systemd-socket-activate --accept --inetd ${[
      ...OPEN.slice(1),
      ...CLOSED,
    ]
      .map((port) => `-l ${port}`)
      .join(" ")} /bin/cat`,
  );

/** The ports of a node that let the client in. */
const reachable = async (node: string): Promise<readonly number[]> => {
  await listen(node);
  const ports = [...OPEN, ...CLOSED];
  const ends = await Promise.all(
    ports.map((port) => lab.exec("client", `timeout 2 bash -c '</dev/tcp/${lab.address(node)}/${port}'`)),
  );
  return ports.filter((_, index) => ends[index]?.code === 0);
};

/** Runs the role alone on one node, in check mode too; the names of the tasks that changed something. */
const run = async (node: keyof typeof NODES, ...words: readonly string[]): Promise<readonly string[]> => {
  const directory = await mkdtemp(join(tmpdir(), "lbplay-firewall-"));
  try {
    await writeFile(
      join(directory, "play.yaml"),
      `- hosts: ${node}
  become: true
  roles: [firewall]
  vars:
    firewall_enabled: true
    firewall_backend: ${NODES[node]}
    firewall_ports: [8443/tcp, 10000-10010/udp]
    firewall_interface: ${NODES[node] === "firewalld" ? "host0" : '""'}
`,
    );
    const { code, stderr, events } = await runEvents([
      join(directory, "play.yaml"),
      "-i",
      lab.inventoryFile(),
      ...words,
    ]);
    const failed = events.filter((event) => event.kind === "host-result" && event.status === "failed");
    expect({ code, stderr, failed }).toEqual({ code: 0, stderr: "", failed: [] });
    return changedTasks(events);
  } finally {
    await rm(directory, { recursive: true });
  }
};

const names = ["lb1", "lb2", "lb3", "lb4"] as const;

describe.each(names.map((node) => [NODES[node], node] as const))("%s", (_backend, node) => {
  test("comes as check mode said, lets in what it should and stays", { timeout: 600_000 }, async () => {
    const promised = await run(node, "--check");
    const changed = await run(node);
    expect(promised.toSorted()).toEqual(changed.toSorted());
    expect(await run(node)).toEqual([]);

    await expect.poll(() => reachable(node)).toEqual(OPEN);
  });

  test("has a rule for VRRP in the running firewall", async () => {
    const listing = {
      nftables: "nft list ruleset",
      iptables: "iptables -S",
      ufw: "iptables -S",
      firewalld: "firewall-cmd --list-all",
    };
    const rules = await lab.output(node, listing[NODES[node]]);
    expect(rules).toMatch(/-p (112|vrrp)|l4proto (112|vrrp)|protocol value="vrrp"/);
  });

  test("is the same after a start from nothing", { timeout: 120_000 }, async () => {
    await lab.kill(node);
    await lab.start(node);
    await expect.poll(() => reachable(node), { timeout: 30_000 }).toEqual(OPEN);
    expect(await run(node)).toEqual([]);
  });
});

test("Direct rules for VRRP of old instructions are removed, others stay.", {
  timeout: 300_000,
}, async () => {
  await lab.output(
    "lb4",
    // Direct rules are iptables' own; Debian's firewalld does without it.
    `apt-get install -qq -y --no-install-recommends iptables >/dev/null 2>&1
firewall-cmd --direct --permanent --add-rule ipv4 filter INPUT 0 -i host0 -d 224.0.0.18 -j ACCEPT
firewall-cmd --direct --permanent --add-rule ipv4 filter INPUT 0 -p vrrp -i host0 -j ACCEPT
firewall-cmd --direct --permanent --add-rule ipv4 filter OUTPUT 0 -p vrrp -o host0 -j ACCEPT
firewall-cmd --direct --permanent --add-rule ipv4 filter INPUT 0 -p tcp --dport 9999 -j ACCEPT
firewall-cmd --reload`,
  );
  const promised = await run("lb4", "--check");
  expect(await run("lb4")).toEqual(promised);
  expect(promised).not.toEqual([]);
  const left = "ipv4 filter INPUT 0 -p tcp --dport 9999 -j ACCEPT\n";
  expect(await lab.output("lb4", "firewall-cmd --permanent --direct --get-all-rules")).toBe(left);
  expect(await lab.output("lb4", "firewall-cmd --direct --get-all-rules")).toBe(left);
  expect(await run("lb4")).toEqual([]);
});
