import type { LiveNode } from "../../lb/live/node.ts";
import type { Pair } from "../../lb/pair/pair.ts";
import type { FaultScripts } from "../guard.ts";
import type { PredictedOutcome } from "../result.ts";

/** What `--faults` takes. */
export type FaultId =
  | "haproxy-stop"
  | "haproxy-kill"
  | "haproxy-freeze"
  | "keepalived-stop"
  | "keepalived-kill"
  | "keepalived-reload"
  | "keepalived-restart"
  | "vrrp-block"
  | "cable"
  | "reboot"
  | "power-off"
  | "disk-full"
  | "backend-down"
  | "backend-hang"
  | "backends-down"
  | "switchover"
  | "reload";

/** What a node has that a fault may need. */
export interface Capabilities {
  readonly nft: boolean;
  readonly iptables: boolean;
  readonly systemd: boolean;
}

/** The pair at rest, just before a fault. */
export interface Subject {
  /** Configurations and facts, for predictions. */
  readonly pair: Pair;
  readonly nodes: readonly LiveNode[];
  /** Who has all virtual addresses. */
  readonly owner: LiveNode;
  /** Who would take over. */
  readonly standby: LiveNode;
  readonly addresses: readonly string[];
  readonly capabilities: ReadonlyMap<string, Capabilities>;
  /** Whether somebody can switch the owner's power off and on: a lab can. */
  readonly power: boolean;
}

/** A prediction without a measurement to compare it with. */
export type Prediction = Omit<PredictedOutcome, "left">;

/** Something that has to be seen of a fault, or it was none. */
export type Effect =
  /** These servers (`backend/name`) are taken out by the HAProxy of every node before the undoing. */
  | { readonly kind: "servers-down"; readonly servers: readonly string[] }
  /** A new worker of HAProxy on the node, with the configuration that is on the disk. */
  | { readonly kind: "haproxy-reloaded" }
  /** keepalived's main process goes on. */
  | { readonly kind: "keepalived-reloaded" };

/** A fault that can be done. */
export interface PlannedFault {
  readonly kind: "planned";
  readonly id: FaultId;
  readonly title: string;
  readonly injection: string;
  readonly undo: string;
  /** The nodes that it is done to. */
  readonly nodes: readonly string[];
  /** Empty where it is done from outside of the nodes. */
  readonly scripts: FaultScripts;
  /** `cut`: the way to the node is cut, so that the node undoes by itself. `reboot`, `power`: the node goes, and comes back. */
  readonly way: "direct" | "cut" | "reboot" | "power";
  readonly predicted: Prediction | null;
  /** Who may have the addresses before the undoing beside whom the prediction names, each a set of nodes. */
  readonly alsoOwners: readonly (readonly string[])[];
  /** Clients are answered again, or still, before the undoing. */
  readonly served: boolean;
  /** Milliseconds from the injection to the undoing. */
  readonly windowMs: number;
  readonly effect: Effect | null;
}

/** A fault that cannot be done to this pair, and why. */
export interface UnavailableFault {
  readonly kind: "unavailable";
  readonly id: FaultId;
  readonly title: string;
  readonly injection: string;
  readonly undo: string;
  readonly because: string;
}

/** What a fault is called, what is done and how it is undone, in a sentence each. */
export interface FaultWords {
  readonly id: FaultId;
  readonly title: string;
  readonly injection: string;
  readonly undo: string;
}

/** A fault by itself, and how it is planned for a pair. */
export interface Fault extends FaultWords {
  readonly plan: (subject: Subject) => Planning;
}

/** What a fault says of a pair: how it would be done, or why it cannot be. */
export type Planning = Omit<PlannedFault, keyof FaultWords | "kind"> | { readonly because: string };

/** What a plan of a fault has to say; the rest is as most faults have it. */
type Planned = Exclude<Planning, { readonly because: string }>;

/** A plan in which nothing is unusual but what is said: done by scripts, clients are answered again, only those predicted own the addresses. */
export const planned = (
  more: Pick<Planned, "nodes" | "scripts" | "predicted"> & Partial<Planned>,
): Planning => ({
  way: "direct",
  alsoOwners: [],
  served: true,
  windowMs: windowFor(more.predicted),
  effect: null,
  ...more,
});

/** Nothing to undo, and nothing to inject on a node. */
export const NOTHING = ":";

/** The least time between injection and undoing, in milliseconds: a second move would show. */
const SHORTEST_MS = 2500;
const LONGEST_MS = 30_000;

/** How long to watch a fault: half as long again as predicted, so that what comes late is seen as late. */
export const windowFor = (predicted: Prediction | null): number => {
  const expected = Math.max(predicted?.moves?.max ?? 0, predicted?.outage?.max ?? 0);
  return Math.min(LONGEST_MS, Math.max(SHORTEST_MS, Math.round(expected * 1.5 + 1500)));
};
