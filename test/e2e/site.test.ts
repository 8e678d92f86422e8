import { describe, expect, it } from "vitest";
import { ownershipTimes } from "../../src/lab/ownership.ts";
import { outageOf } from "../../src/probe/outage.ts";
import { withLab } from "./lab-fixture.ts";
import { changedTasks, lbplay, recapOf, runEvents } from "./lbplay.ts";

const lab = withLab({ name: "site" });

/** The variables that inventory/lab gives to users, and the nodes of this test's lab: the later inventory wins. */
const site = (...words: readonly string[]): readonly string[] => [
  "playbooks/site.yaml",
  "-i",
  "inventory/lab",
  "-i",
  lab.inventoryFile(),
  ...words,
];

const page = async (path = "/"): Promise<string> =>
  lab.output("client", `curl -fsS --max-time 2 http://${lab.vip()}${path}`);

const holders = async (): Promise<readonly string[]> => {
  const held = await Promise.all(
    ["lb1", "lb2"].map(async (node) => {
      const { stdout } = await lab.exec(node, `ip -o addr show to ${lab.vip()}`);
      return stdout === "" ? [] : [node];
    }),
  );
  return held.flat();
};

describe("the site on bare nodes", () => {
  it("is predicted by check mode, which writes nothing, then converges and stays", {
    timeout: 600_000,
  }, async () => {
    const before = await fingerprints();
    const check = await runEvents(site("--check"));
    expect(check.stderr).toBe("");
    expect(check.code).toBe(0);
    expect(await fingerprints()).toEqual(before);

    const first = await runEvents(site());
    expect({ code: first.code, stderr: first.stderr }).toEqual({ code: 0, stderr: "" });
    expect(changedTasks(check.events).toSorted()).toEqual(changedTasks(first.events).toSorted());

    const second = await runEvents(site());
    expect(changedTasks(second.events)).toEqual([]);
    expect(second.code).toBe(0);
    const trips = Object.entries(recapOf(second.events).roundTrips);
    expect(trips.filter(([, count]) => count > 2)).toEqual([]);
    expect(trips.map(([host]) => host).toSorted()).toEqual(["lb1", "lb2", "web1", "web2"]);

    const again = await runEvents(site("--check"));
    expect(changedTasks(again.events)).toEqual([]);
  });

  it("serves both web nodes' pages through the virtual address, in clear and by TLS", async () => {
    await expect.poll(holders, { timeout: 20_000 }).toHaveLength(1);
    const pages = new Set<string>();
    for (let asked = 0; asked < 8; asked += 1) pages.add((await page()).trim());
    expect([...pages].toSorted()).toEqual([expect.stringContaining("web1"), expect.stringContaining("web2")]);
    await lab.output("client", `curl -kfsS --max-time 2 https://${lab.vip()}/`);
  });
});

describe("when the owner of the virtual address", () => {
  const faults: readonly {
    readonly title: string;
    readonly inject: (owner: string) => Promise<unknown>;
    readonly undo: (owner: string) => Promise<unknown>;
    /** Milliseconds; ten times what was measured, so that only a broken mechanism fails. */
    readonly within: number;
  }[] = [
    {
      title: "has its HAProxy stopped",
      inject: (owner) => lab.output(owner, "systemctl stop haproxy"),
      undo: (owner) => lab.output(owner, "systemctl start haproxy"),
      within: 2000,
    },
    {
      title: "has its HAProxy killed",
      inject: (owner) => lab.output(owner, "systemctl kill -s KILL haproxy"),
      undo: (owner) => lab.output(owner, "systemctl start haproxy"),
      within: 2000,
    },
    {
      title: "has its keepalived stopped",
      inject: (owner) => lab.output(owner, "systemctl stop keepalived"),
      undo: (owner) => lab.output(owner, "systemctl start keepalived"),
      within: 2000,
    },
    {
      title: "has its cable pulled",
      inject: (owner) => lab.pullCable(owner),
      undo: (owner) => lab.plugCable(owner),
      within: 5000,
    },
    {
      title: "loses its power",
      inject: (owner) => lab.kill(owner),
      undo: (owner) => lab.start(owner),
      within: 5000,
    },
  ];

  it.each(faults)(
    "$title, the other node serves it, and there is one owner at every sample",
    async ({ title, inject, undo, within }) => {
      await expect.poll(healthy, { timeout: 30_000 }).toEqual([]);
      const [owner = ""] = await holders();
      const other = owner === "lb1" ? "lb2" : "lb1";
      const prober = await lab.probe({ everyMs: 5 });
      const watch = await lab.watchOwner();
      await pause(500);
      try {
        await inject(owner);
        await pause(within);
        const samples = await prober.stop();
        const owned = watch.stop();
        const outage = outageOf(samples);
        console.info(
          `${title}: ${Math.round(outage.longestGapMs)} ms, ${outage.failed} of ${outage.requests} failed`,
        );
        expect(outage.longestGapMs).toBeLessThan(within);
        expect(samples.at(-1)).toMatchObject({ status: 200, server: other });
        const { one, ...others } = ownershipTimes(owned.changes, {
          from: owned.end - within / 2,
          end: owned.end,
        });
        expect({ others, settled: one > 0 }).toEqual({ others: { none: 0, several: 0 }, settled: true });
      } finally {
        await undo(owner);
      }
    },
  );
});

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

/** keepalived takes nothing over before vrrp_startup_delay (5 s) and an election are behind it. */
const SETTLED_SECONDS = 8;

/** What keeps the pair from being fit: empty when both nodes are up, past their start, with one owner. */
const healthy = async (): Promise<readonly string[]> => {
  const script = `systemctl is-active haproxy keepalived; up=$(cut -d. -f1 /proc/uptime)
    since=$(systemctl show -P ActiveEnterTimestampMonotonic keepalived); [ $((up - since / 1000000)) -ge ${SETTLED_SECONDS} ] && echo settled`;
  const states = await Promise.all(["lb1", "lb2"].map(async (node) => (await lab.exec(node, script)).stdout));
  const owners = await holders();
  return [
    ...states.filter((state) => state !== "active\nactive\nsettled\n"),
    ...(owners.length === 1 ? [] : [`owners: ${owners}`]),
  ];
};

/** Every file of /etc and /run/lbplay with its owner, mode, size and time. */
const fingerprints = async (): Promise<readonly string[]> =>
  Promise.all(
    ["lb1", "lb2", "web1", "web2"].map((node) =>
      lab.output(
        node,
        "find /etc /usr/local /opt /root /var/lib/dpkg/status -printf '%p %u %g %m %s %T@ %l\\n' | sort | sha256sum; ls -A /run/lbplay 2>&1 || true",
      ),
    ),
  );

it("is described by --list-hosts, --list-tasks and --syntax-check without asking a node", async () => {
  const listed = await lbplay(["run", ...site("--list-hosts", "--list-tasks")]);
  expect(listed.code).toBe(0);
  expect(listed.stdout).toContain("haproxy : Configure HAProxy");
  expect((await lbplay(["run", ...site("--syntax-check")])).code).toBe(0);
});
