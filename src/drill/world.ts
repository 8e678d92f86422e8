import type { Probe, ReadResult } from "../core/probe.ts";
import type { LiveNode } from "../lb/live/node.ts";
import type { Pair } from "../lb/pair/pair.ts";
import type { Sample } from "../probe/sample.ts";
import type { FaultResult, RepeatResult } from "./result.ts";

/** A load balancer, as a drill reaches it: root, under the lock. Both ways throw TransportError. */
export interface DrillNode {
  readonly name: string;
  readonly read: <T>(probe: Probe<T>, limitMs?: number) => Promise<T>;
  readonly act: (script: string, limitMs?: number) => Promise<ReadResult>;
  /** Gives the connection up; the next read or act opens another one. */
  readonly reset: () => Promise<void>;
}

/** The client that counts. */
export interface DrillClient {
  /** Starts to ask, and to hold connections open. */
  readonly start: () => Promise<DrillCounting>;
  /** Whether a sample is an answer as before the drill. */
  readonly isGood: (sample: Sample) => boolean;
}

/** A client that is at it. */
export interface DrillCounting {
  /** Ends it; what it saw, by the controller's clock. */
  readonly stop: () => Promise<Counted>;
}

/** What a client saw. */
export interface Counted {
  readonly samples: readonly Sample[];
  /** Null: none could be held. Times in milliseconds since the epoch. */
  readonly held: {
    readonly opened: number;
    readonly cutAt: readonly number[];
    readonly ended: number;
  } | null;
}

/** Who can switch nodes off and on: a lab. */
export interface Power {
  /** The node is switched on after so many seconds, should nobody do it before. */
  readonly arm: (node: string, seconds: number) => Promise<void>;
  /** Off at once. */
  readonly off: (node: string) => Promise<void>;
  /** A node of a lab that is rebooted goes off, as nothing starts it anew. */
  readonly isOff: (node: string) => Promise<boolean>;
  /** On, and ready for a login. */
  readonly on: (node: string) => Promise<void>;
}

/** What a drill stands on: the nodes, the time, and somebody who listens. */
export interface DrillGround {
  /** The pair's nodes in the inventory's order. */
  readonly nodes: readonly DrillNode[];
  /** How they are now. */
  readonly look: () => Promise<readonly LiveNode[]>;
  /** Their configurations and facts, which predictions are made of. */
  readonly survey: () => Promise<Pair>;
  readonly power: Power | null;
  /** Milliseconds since the epoch, with fractions. */
  readonly now: () => number;
  /** Resolves early where somebody wants the drill to end. */
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** Resolves not earlier. */
  readonly wait: (milliseconds: number) => Promise<void>;
  readonly stopped: () => boolean;
  readonly report: (event: DrillProgress) => void;
}

/** Everything that a drill is given. */
export interface DrillWorld extends DrillGround {
  readonly client: DrillClient;
}

/** What happens in a drill, while it happens. */
export type DrillProgress =
  | {
      readonly kind: "repeat-started";
      readonly id: string;
      readonly title: string;
      readonly number: number;
      readonly repeats: number;
    }
  | { readonly kind: "step"; readonly text: string }
  | {
      readonly kind: "repeat-ended";
      readonly id: string;
      readonly title: string;
      readonly repeats: number;
      readonly repeat: RepeatResult;
    }
  | { readonly kind: "fault-ended"; readonly fault: FaultResult };
