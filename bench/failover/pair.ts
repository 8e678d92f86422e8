import { poll } from "../../src/lab/command.ts";
import { execOnNode } from "../../src/lab/exec.ts";
import type { LabPlace } from "../../src/lab/lab.ts";
import { vipAddress } from "../../src/lab/names.ts";
import type { LabSite } from "../../src/lab/node.ts";

/** The pair under measurement: the nodes lb1 and lb2 of a lab, and the address that they share. */
export interface Pair {
  readonly place: LabPlace;
  readonly site: LabSite;
  readonly vip: string;
}

/** The nodes that can own the address. */
export const LOAD_BALANCERS = ["lb1", "lb2"] as const;

/** The pair of a lab. */
export const pairOf = (place: LabPlace, site: LabSite): Pair => ({
  place,
  site,
  vip: vipAddress(site.record.id),
});

/** Standard output of a script that has to exit 0 on a node. */
export const output = async ({ site }: Pair, node: string, script: string): Promise<string> => {
  const { code, stdout, stderr } = await execOnNode(site, node, script);
  if (code !== 0) throw new Error(`on ${node}, exit ${code}: ${script}\n${stdout}${stderr}`);
  return stdout;
};

/** The nodes that have the address. */
export const owners = async (pair: Pair): Promise<readonly string[]> => {
  const held = await Promise.all(
    LOAD_BALANCERS.map(async (node) => {
      const answer = await execOnNode(pair.site, node, `ip -o addr show to ${pair.vip}`);
      return answer.stdout === "" ? [] : [node];
    }),
  );
  return held.flat();
};

/** Seconds since its start after which keepalived has its startup delay (5 s) and an election behind it. */
const KEEPALIVED_SETTLED = 9;
/** Seconds since its start after which a check every two seconds has seen HAProxy. */
const HAPROXY_SETTLED = 4;

/** systemd's clock does not stop in a container that the host's does not stop for. */
const AGE = `up=$(cut -d. -f1 /proc/uptime)
age() { systemctl is-active --quiet $1 && echo $((up - $(systemctl show -P ActiveEnterTimestampMonotonic $1) / 1000000)) || echo 0; }
echo $(age haproxy) $(age keepalived)`;

const isSettled = async (pair: Pair, node: string): Promise<boolean> => {
  const [haproxy = 0, keepalived = 0] = (await output(pair, node, AGE)).trim().split(" ").map(Number);
  return haproxy >= HAPROXY_SETTLED && keepalived >= KEEPALIVED_SETTLED;
};

/** Waits until both nodes are fit and one of them, or the one that is preferred, has the address; that one. */
export const settledOwner = async (pair: Pair, preferred: string | null): Promise<string> => {
  const owner = await poll(
    async () => {
      const fit = await Promise.all(LOAD_BALANCERS.map((node) => isSettled(pair, node)));
      const [only, ...more] = await owners(pair);
      if (fit.includes(false) || only === undefined || more.length > 0) return null;
      return preferred === null || only === preferred ? only : null;
    },
    { everyMs: 250, forMs: 60_000 },
  );
  if (owner === null) throw new Error("the pair does not come to rest with one owner of the address");
  return owner;
};
