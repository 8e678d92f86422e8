import { readFileSync } from "node:fs";
import { performance } from "node:perf_hooks";
import { labNode } from "./lab.ts";
import { type LabSite, nodeLeader } from "./node.ts";

/** Who held an address from some time on, until the next change. */
export interface Ownership {
  /** Milliseconds since the epoch. */
  readonly from: number;
  readonly owners: readonly string[];
}

/** For how long an address had no owner, one, or more, in milliseconds, from a time on until `end`. */
export const ownershipTimes = (
  changes: readonly Ownership[],
  { from, end }: { readonly from: number; readonly end: number },
): { readonly none: number; readonly one: number; readonly several: number } => {
  const times = { none: 0, one: 0, several: 0 };
  changes.forEach((change, index) => {
    const until = Math.min(changes[index + 1]?.from ?? end, end);
    const length = Math.max(0, until - Math.max(change.from, from));
    if (change.owners.length === 0) times.none += length;
    else if (change.owners.length === 1) times.one += length;
    else times.several += length;
  });
  return times;
};

/** Watches who holds an address. */
export interface OwnerSampler {
  /** Ends the watching. */
  readonly stop: () => OwnershipRecord;
}

/** What an OwnerSampler saw. */
export interface OwnershipRecord {
  /** The first sample, and every later one that differs from the one before. */
  readonly changes: readonly Ownership[];
  /** How many looks there were at all nodes together. */
  readonly samples: number;
  /** When the last look was, in milliseconds since the epoch. */
  readonly end: number;
}

/** Whether an IPv4 address is a network namespace's own, by its `/proc/PID/net/fib_trie`. */
export const holdsAddress = (fibTrie: string, address: string): boolean => {
  const lines = fibTrie.split("\n");
  return lines.some(
    (line, index) => line.endsWith(`|-- ${address}`) && /^\s+\/32 host LOCAL$/.test(lines[index + 1] ?? ""),
  );
};

/** Looks into the nodes' network namespaces on a schedule, without a process or a packet, until stopped. */
export const startOwnerSampler = async (
  site: LabSite,
  nodes: readonly string[],
  { address, everyMs }: { readonly address: string; readonly everyMs: number },
): Promise<OwnerSampler> => {
  const leaders = new Map<string, number | null>();
  const find = async (): Promise<void> => {
    for (const node of nodes) leaders.set(labNode(site, node).name, await nodeLeader(site, node));
  };
  await find();
  const changes: Ownership[] = [];
  let samples = 0;
  let end = 0;
  const look = (): void => {
    const owners = nodes.filter((node) => holds(leaders.get(node) ?? null, address));
    end = performance.timeOrigin + performance.now();
    samples += 1;
    if (changes.at(-1)?.owners.join() !== owners.join()) changes.push({ from: end, owners });
  };
  look();
  const looking = setInterval(look, everyMs);
  // A node that is killed and started again has another first process.
  const finding = setInterval(() => void find(), 200);
  return {
    stop: () => {
      clearInterval(looking);
      clearInterval(finding);
      look();
      return { changes, samples, end };
    },
  };
};

const holds = (leader: number | null, address: string): boolean => {
  if (leader === null) return false;
  try {
    return holdsAddress(readFileSync(`/proc/${leader}/net/fib_trie`, "utf8"), address);
  } catch {
    return false;
  }
};
