import { expect } from "vitest";
import type { RollEvent, RunEvent } from "../../src/core/event.ts";
import { ownershipTimes } from "../../src/lab/ownership.ts";
import { type Outage, outageOf } from "../../src/probe/outage.ts";
import { type TestLab, withLab } from "./lab-fixture.ts";
import { type Finished, runEvents } from "./lbplay.ts";

/** A roll, seen by a client that opens 200 connections a second and by somebody who watches the owner. */
export interface Rolled extends Finished {
  readonly events: readonly RunEvent[];
  /** What the roll said beside the tasks. */
  readonly said: readonly RollEvent[];
  readonly outage: Outage;
  /** Milliseconds in which nobody, one, or several had the virtual address. */
  readonly owned: { readonly none: number; readonly one: number; readonly several: number };
}

/** A converged pair that the inventory marks as one. */
export interface RollLab {
  readonly lab: TestLab;
  /** The words of a run of the site's load balancers with further variables. */
  readonly words: (vars: object, ...more: readonly string[]) => readonly string[];
  /** Rolls new variables while a client counts. */
  readonly roll: (vars: object, ...more: readonly string[]) => Promise<Rolled>;
  /** The only owner of the virtual address; waits until both nodes are fit, keepalived for some seconds (by itself 7, past its startup delay). */
  readonly settled: (seconds?: number) => Promise<string>;
  /** Everything of the load balancers' configuration with modes and owners, as one text per node. */
  readonly state: (node: string) => Promise<string>;
}

/** Packages of the load balancers, so that a run has nothing to download. */
const PACKAGES = ["haproxy", "keepalived", "rsyslog", "logrotate", "openssl", "socat", "curl"] as const;

/** A lab for the tests of one file. */
export const withRollLab = (name: string): RollLab => {
  const lab = withLab({ name, packages: PACKAGES, groupVars: { lb: { lbplay_pair: true } }, measures: true });
  const words = (vars: object, ...more: readonly string[]): readonly string[] => [
    "playbooks/site.yaml",
    "-i",
    "inventory/lab",
    "-i",
    lab.inventoryFile(),
    "-e",
    JSON.stringify(vars),
    ...more,
  ];
  const settled = async (seconds = 7): Promise<string> => {
    await expect.poll(() => unsettled(lab, seconds), { timeout: 60_000, interval: 200 }).toEqual([]);
    const [owner] = await holders(lab);
    if (owner === undefined) throw new Error("nobody has the virtual address");
    return owner;
  };
  return {
    lab,
    words,
    settled,
    roll: async (vars, ...more) => {
      await settled();
      const prober = await lab.probe({ everyMs: 5 });
      const watch = await lab.watchOwner();
      const began = Date.now();
      try {
        const run = await runEvents(words(vars, "--limit", "lb", ...more));
        return { ...run, said: run.events.filter((event) => event.kind === "roll"), ...(await seen()) };
      } catch (error) {
        await seen();
        throw error;
      }
      async function seen(): Promise<Pick<Rolled, "outage" | "owned">> {
        const samples = await prober.stop();
        const { changes, end } = watch.stop();
        return { outage: outageOf(samples), owned: ownershipTimes(changes, { from: began, end }) };
      }
    },
    state: (node) =>
      lab.output(
        node,
        "find /etc/haproxy /etc/keepalived /etc/sysctl.d /etc/rsyslog.d /etc/logrotate.d /etc/systemd/system -printf '%p %u %g %m %l\\n' | sort; find /etc/haproxy /etc/keepalived /etc/sysctl.d /etc/rsyslog.d /etc/logrotate.d /etc/systemd/system -type f -exec sha256sum {} + | sort -k 2; systemctl is-active haproxy keepalived; systemctl is-enabled haproxy keepalived; sysctl -a 2>/dev/null | grep -E 'nonlocal_bind|ip_forward|somaxconn'",
      ),
  };
};

const holders = async (lab: TestLab): Promise<readonly string[]> => {
  const held = await Promise.all(
    ["lb1", "lb2"].map(async (node) => {
      const { stdout } = await lab.exec(node, `ip -o addr show to ${lab.vip()}`);
      return stdout === "" ? [] : [node];
    }),
  );
  return held.flat();
};

/** What keeps the pair from being fit: empty when both nodes are up, past keepalived's startup delay, with one owner. */
const unsettled = async (lab: TestLab, seconds: number): Promise<readonly string[]> => {
  const script = `systemctl is-active haproxy keepalived; up=$(cut -d. -f1 /proc/uptime)
    since=$(systemctl show -P ActiveEnterTimestampMonotonic keepalived); [ $((up - since / 1000000)) -ge ${seconds} ] && echo settled
    echo 'show stat' | socat - /run/haproxy/admin.sock | awk -F, '$18 ~ /^DOWN/ { print "down " $1 "/" $2 }'`;
  const states = await Promise.all(["lb1", "lb2"].map(async (node) => (await lab.exec(node, script)).stdout));
  const owners = await holders(lab);
  return [
    ...states.filter((state) => state !== "active\nactive\nsettled\n"),
    ...(owners.length === 1 ? [] : [`owners: ${owners}`]),
  ];
};

/** What failed in a run and what the roll said, for the message of a test. */
export const storyOf = ({
  events,
  stderr,
}: {
  readonly events: readonly RunEvent[];
  readonly stderr: string;
}): string =>
  [
    ...events.flatMap((event) => {
      if (event.kind === "roll")
        return [`${event.host ?? "pair"} ${event.step} ${event.status}: ${event.message}`];
      return event.kind === "host-result" && (event.status === "failed" || event.status === "unreachable")
        ? [`${event.host} ${event.status} ${event.task.name}: ${event.msg}`]
        : [];
    }),
    stderr,
  ].join("\n");
