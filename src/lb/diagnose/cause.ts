import type { LiveNode } from "../live/node.ts";
import type { LiveKeepalived } from "../live/state.ts";
import type { PairNode } from "../pair/pair.ts";
import type { Symptoms } from "./symptoms.ts";

/** Why a pair is not as it should be. */
export interface Cause {
  /** For programs: `firewall-blocks-vrrp`, `authentication-mismatch`. */
  readonly kind: string;
  /** The nodes that it is about; empty: none more than the others. */
  readonly nodes: readonly string[];
  /** `certain`: it was seen at work; `likely`: it is so, and fits what was seen; `possible`: it may matter. */
  readonly confidence: "certain" | "likely" | "possible";
  readonly message: string;
  /** What was seen that says so. */
  readonly evidence: readonly string[];
  readonly advice: string;
}

/** All that was found out of one node. */
export interface Examined {
  readonly live: LiveNode;
  /** null: it was not reached a second time. */
  readonly node: PairNode | null;
  readonly symptoms: Symptoms | null;
  /** keepalived once more, seconds later: what its counters did meanwhile. */
  readonly after: LiveKeepalived | null;
}

/** What the machine that diagnoses saw of a virtual address. */
export interface FromHere {
  readonly address: string;
  /** Ports that HAProxy should serve there: what came of a connection, null where it was accepted. */
  readonly ports: readonly { readonly port: number; readonly error: string | null }[];
  /** Hardware address that answered here; null: this machine is in another network, or nobody did. */
  readonly mac: string | null;
}

/** What became of an instance's counters between the two looks. */
export interface Growth {
  readonly received: number;
  readonly sent: number;
  /** Kinds of mistakes that grew, and by how many. */
  readonly errors: ReadonlyMap<string, number>;
}

/** How an instance's counters grew; null where they are not known, or keepalived was started in between. */
export const growthOf = ({ live, after }: Examined, instance: string): Growth | null => {
  const before = live.seen.kind === "seen" ? live.seen.state.keepalived : null;
  if (before === null || after === null || before.mainPid !== after.mainPid) return null;
  const counters = (state: LiveKeepalived) =>
    state.instances.find(({ name }) => name === instance)?.counters ?? null;
  const [first, second] = [counters(before), counters(after)];
  if (first === null || second === null) return null;
  return {
    received: second.received - first.received,
    sent: second.sent - first.sent,
    errors: new Map(
      Object.entries(second.errors)
        .map(([name, count]): [string, number] => [name, count - (first.errors[name] ?? 0)])
        .filter(([, count]) => count > 0),
    ),
  };
};

/** Seconds for which adverts were listened for. */
export const secondsOf = ({ symptoms }: Examined): number => symptoms?.seconds ?? 0;
