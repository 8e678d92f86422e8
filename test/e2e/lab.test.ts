import { describe, expect, test } from "vitest";
import { groupProcesses } from "../../src/lab/cgroup.ts";
import { poll, sleep } from "../../src/lab/command.ts";
import { labUp } from "../../src/lab/lab.ts";
import { hostNames } from "../../src/lab/names.ts";
import { nodeState } from "../../src/lab/node.ts";
import { ownershipTimes } from "../../src/lab/ownership.ts";
import { armPower, restorePower } from "../../src/lab/power.ts";
import { labStatus } from "../../src/lab/status.ts";
import { outageOf } from "../../src/probe/outage.ts";
import { withLab } from "./lab-fixture.ts";

const NOTHING = { nodes: null, packages: [], groupVars: {} } as const;

describe("a lab's nodes", () => {
  const lab = withLab({ name: "nodes" });
  const names = ["lb1", "lb2", "web1", "web2", "client"] as const;

  test("are real machines with systemd and without Python", async () => {
    for (const node of names) {
      expect((await lab.ssh(node, "hostname", "root")).stdout).toBe(`${node}\n`);
      expect((await lab.output(node, "systemctl is-system-running --wait")).trim()).toBe("running");
      expect((await lab.exec(node, "command -v python3 || command -v python")).code).not.toBe(0);
      expect(await lab.exec(node, "pwd; id -u")).toEqual({ code: 0, stdout: "/\n0\n", stderr: "" });
      expect((await lab.output(node, "cat /etc/hosts")).trim()).toBe("127.0.0.1 localhost");
    }
  });

  test("have each its own machine id and journal", async () => {
    const ids = await Promise.all(names.map((node) => lab.output(node, "cat /etc/machine-id")));
    expect(new Set(ids).size).toBe(names.length);
    await lab.output("lb1", "logger -t lbplay-test one line");
    expect(await lab.output("lb1", "journalctl --sync; journalctl -q -o cat -t lbplay-test")).toBe(
      "one line\n",
    );
  });

  test("have a sudo user without a password and one with", async () => {
    expect((await lab.ssh("lb1", "sudo -n id -u")).stdout).toBe("0\n");
    const refused = await lab.ssh("lb1", "sudo -n id -u", "operator");
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toContain("password is required");
    const told = await lab.ssh("lb1", "echo lab-operator | sudo -S -p '' id -u", "operator");
    expect(told.stdout).toBe("0\n");
  });

  test("install a package, and again from the cache on another node", async () => {
    for (const node of ["web1", "web2"]) {
      await lab.output(node, "apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get -qy install tree");
      expect(await lab.output(node, "tree --version")).toContain("tree v");
    }
  });

  test("see each other by their addresses only", async () => {
    expect((await lab.exec("client", `ping -qc1 -W2 ${lab.address("lb1")}`)).code).toBe(0);
    expect((await lab.exec("client", "ping -qc1 -W2 lb1")).code).not.toBe(0);
  });

  test("get a fresh disk by a reset, under the same host key", async () => {
    await lab.output("lb2", "touch /root/mark");
    await lab.reset("lb2");
    expect((await lab.ssh("lb2", "test -e /root/mark || echo fresh", "root")).stdout).toBe("fresh\n");
  });

  test("are kept by a second up, which mends what is off, frozen or unplugged", async () => {
    expect((await labUp(lab.place, NOTHING)).changed).toBe(false);
    await lab.kill("web1");
    await lab.freeze("web2");
    await lab.pullCable("client");
    expect((await labStatus(lab.site())).map(({ name, state, cable }) => [name, state, cable])).toEqual([
      ["lb1", "running", "plugged"],
      ["lb2", "running", "plugged"],
      ["web1", "off", "none"],
      ["web2", "frozen", "plugged"],
      ["client", "running", "pulled"],
    ]);
    expect((await labUp(lab.place, NOTHING)).changed).toBe(true);
    for (const { state, cable } of await labStatus(lab.site()))
      expect([state, cable]).toEqual(["running", "plugged"]);
  });

  test("cannot be others than those the lab was made with", async () => {
    const other = labUp(lab.place, { ...NOTHING, nodes: [{ name: "lb9", role: "lb" }] });
    await expect(other).rejects.toMatchObject({ code: "E_LAB_DIFFERENT" });
  });
});

describe("faults", () => {
  const lab = withLab({ name: "faults", nodes: ["lb1", "client"] });
  const pings = async (): Promise<boolean> =>
    (await lab.exec("client", `ping -qc1 -W1 ${lab.address("lb1")}`)).code === 0;
  const logsIn = (): Promise<boolean> =>
    Promise.race([lab.ssh("lb1", "true").then(({ code }) => code === 0), sleep(3_000).then(() => false)]);

  test("a pulled cable cuts a node off, and back in it is reached again", async () => {
    await lab.pullCable("lb1");
    expect(await pings()).toBe(false);
    expect((await lab.output("lb1", "cat /sys/class/net/host0/carrier")).trim()).toBe("0");
    await lab.plugCable("lb1");
    expect(await poll(async () => ((await pings()) ? true : null), { everyMs: 100, forMs: 5_000 })).toBe(
      true,
    );
  });

  test("a pulled cable, or networkd configuring anew, does not take a virtual IP away", async () => {
    await lab.output("lb1", `ip address add ${lab.vip()}/32 dev host0`);
    await lab.pullCable("lb1");
    await sleep(1_000);
    await lab.plugCable("lb1");
    await sleep(1_000);
    await lab.output("lb1", "networkctl reconfigure host0 && systemctl restart systemd-networkd && sleep 1");
    expect(await lab.output("lb1", `ip -o address show to ${lab.vip()}`)).toContain(lab.vip());
    await lab.output("lb1", `ip address del ${lab.vip()}/32 dev host0`);
  });

  test("a frozen node answers pings but no login, and goes on where it was", async () => {
    const before = await lab.output("lb1", "cat /proc/sys/kernel/random/boot_id; readlink /proc/1/ns/pid");
    await lab.freeze("lb1");
    expect(await pings()).toBe(true);
    expect(await logsIn()).toBe(false);
    await expect(lab.exec("lb1", "true")).rejects.toMatchObject({ code: "E_LAB_OFF" });
    await lab.thaw("lb1");
    expect(await logsIn()).toBe(true);
    expect(await lab.output("lb1", "cat /proc/sys/kernel/random/boot_id; readlink /proc/1/ns/pid")).toBe(
      before,
    );
  });

  test("a killed node is gone at once, and starts again with its disk", async () => {
    await lab.output("lb1", "echo kept > /root/mark && sync && touch /run/volatile");
    await lab.kill("lb1");
    expect(await nodeState(lab.site(), "lb1")).toBe("off");
    expect(await pings()).toBe(false);
    await lab.start("lb1");
    expect(await lab.output("lb1", "cat /root/mark; ls /run/volatile 2>/dev/null || echo gone")).toBe(
      "kept\ngone\n",
    );
  });

  test("a frozen node can be killed", async () => {
    await lab.freeze("lb1");
    await lab.kill("lb1");
    expect(await nodeState(lab.site(), "lb1")).toBe("off");
    await lab.start("lb1");
    expect(await pings()).toBe(true);
  });

  test("a node that was armed is switched on when its time is over, unless somebody was before", async () => {
    const waiting = (): Promise<readonly number[]> => {
      const { hierarchies, record } = lab.site();
      return groupProcesses(hierarchies, `${hostNames(record.id).cgroup}/power`);
    };
    await armPower(lab.place, lab.site(), "lb1", 2);
    await lab.kill("lb1");
    expect(await nodeState(lab.site(), "lb1")).toBe("off");
    await expect.poll(logsIn, { timeout: 60_000 }).toBe(true);
    await expect.poll(waiting).toEqual([]);
    await armPower(lab.place, lab.site(), "lb1", 600);
    await lab.kill("lb1");
    await restorePower(lab.place, lab.site(), "lb1");
    expect(await logsIn()).toBe(true);
    await expect.poll(waiting).toEqual([]);
  });

  test("of a node that is off, or not there, say so", async () => {
    await lab.kill("lb1");
    await expect(lab.freeze("lb1")).rejects.toMatchObject({ code: "E_LAB_OFF" });
    await expect(lab.pullCable("lb1")).rejects.toMatchObject({ code: "E_LAB_OFF" });
    await expect(lab.kill("lb9")).rejects.toMatchObject({ code: "E_LAB_NODE" });
    await lab.start("lb1");
  });
});

describe("a pair in the lab", () => {
  const lab = withLab({ name: "pair", nodes: ["lb1", "lb2", "client"], packages: ["haproxy", "keepalived"] });

  const configure = (node: string, priority: number): Promise<string> =>
    lab.output(
      node,
      `cat > /etc/haproxy/haproxy.cfg <<'EOF'
defaults
  mode http
  timeout client 5s
  timeout server 5s
  timeout connect 1s
frontend web
  bind ${lab.vip()}:80 transparent
  http-request return status 200 content-type text/plain string ${node} hdr x-served-by ${node}
EOF
cat > /etc/keepalived/keepalived.conf <<'EOF'
global_defs {
  vrrp_version 3
}
vrrp_instance site {
  state BACKUP
  interface host0
  virtual_router_id 51
  priority ${priority}
  advert_int 0.1
  virtual_ipaddress {
    ${lab.vip()}/24
  }
}
EOF
systemctl restart haproxy keepalived`,
    );

  test("has one owner of the virtual IP, and a client can measure how long it is gone", async () => {
    await configure("lb1", 250);
    await configure("lb2", 240);
    const holder = (): Promise<true | null> =>
      lab
        .exec("lb1", `ip -o address show to ${lab.vip()} | grep -q .`)
        .then(({ code }) => (code === 0 ? true : null));
    expect(await poll(holder, { everyMs: 100, forMs: 10_000 })).toBe(true);
    await sleep(500);

    const owner = await lab.watchOwner();
    const prober = await lab.probe();
    await sleep(1_000);
    await lab.kill("lb1");
    await sleep(2_000);
    const outage = outageOf(await prober.stop());
    const record = owner.stop();
    console.info("lb1 killed:", outage, record.changes);

    expect(record.changes.at(0)?.owners).toEqual(["lb1"]);
    expect(record.changes.at(-1)?.owners).toEqual(["lb2"]);
    expect(outage.requests).toBeGreaterThan(500);
    expect(outage.longestGapMs).toBeGreaterThan(100);
    expect(outage.longestGapMs).toBeLessThan(1_500);
    const from = record.changes[0]?.from ?? 0;
    expect(ownershipTimes(record.changes, { from, end: record.end }).several).toBe(0);
    expect(record.samples).toBeGreaterThan(200);
    await lab.start("lb1");
  });

  test("has requests answered by both nodes over one failover, told by their header", async () => {
    const holds = (): Promise<true | null> =>
      lab
        .exec("lb1", `ip -o address show to ${lab.vip()} | grep -q .`)
        .then(({ code }) => (code === 0 ? true : null));
    expect(await poll(holds, { everyMs: 100, forMs: 10_000 })).toBe(true);
    await sleep(500);
    const prober = await lab.probe();
    await sleep(500);
    await lab.output("lb1", "systemctl stop keepalived");
    await sleep(1_000);
    const samples = await prober.stop();
    expect(new Set(samples.flatMap(({ server }) => server ?? []))).toEqual(new Set(["lb1", "lb2"]));
    expect(samples.at(-1)).toMatchObject({ status: 200, error: null, server: "lb2", body: "lb2" });
  });

  test("accepts rsyslog, and firewalld with its default zone blocks VRRP", async () => {
    await lab.output("lb1", "DEBIAN_FRONTEND=noninteractive apt-get -qy install rsyslog logrotate firewalld");
    expect((await lab.output("lb1", "systemctl is-active rsyslog firewalld")).split("\n")).toEqual([
      "active",
      "active",
      "",
    ]);
    await lab.output("lb1", "systemctl start keepalived");
    const held = (node: string) => async (): Promise<true | null> =>
      (await lab.exec(node, `ip -o address show to ${lab.vip()} | grep -q .`)).code === 0 ? true : null;
    const both = async (): Promise<true | null> =>
      (await held("lb1")()) === true && (await held("lb2")()) === true ? true : null;
    // lb2 cannot be heard by lb1, which has the higher priority anyway; lb1's adverts still reach lb2.
    expect(await poll(held("lb1"), { everyMs: 100, forMs: 10_000 })).toBe(true);
    await lab.output(
      "lb2",
      "sed -i 's/priority 240/priority 254/' /etc/keepalived/keepalived.conf && systemctl restart keepalived",
    );
    expect(await poll(both, { everyMs: 100, forMs: 10_000 })).toBe(true);
    await lab.output("lb1", "firewall-cmd -q --add-protocol=vrrp");
    const alone = async (): Promise<true | null> => ((await held("lb1")()) === null ? true : null);
    expect(await poll(alone, { everyMs: 100, forMs: 10_000 })).toBe(true);
  });
});
