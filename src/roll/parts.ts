import type { ReadResult } from "../core/probe.ts";
import type { HostPlan, RollJob } from "../core/roll.ts";
import type { LiveNode } from "../lb/live/node.ts";
import type { PairSettings } from "../lb/pair/pair.ts";
import type { Impact } from "../lb/roll/impact.ts";
import type { Decision } from "../lb/roll/order.ts";
import type { Outage } from "../probe/outage.ts";

/** A pair of the inventory. */
export interface RollPair {
  readonly name: string;
  readonly hosts: readonly string[];
  readonly settings: PairSettings;
}

/** What the operator allows a rolling run. */
export interface RollSettings {
  /** Changes the owner although no other node could take over. */
  readonly allowUnfit: boolean;
  /** Milliseconds without an answer that the run may cost; null: what the pair's own settings say. */
  readonly maxOutageMs: number | null;
  /** Why lint is left out; null: it is not. */
  readonly noLint: string | null;
  /** The addresses go to the other node and back in the end, also where nothing was changed. */
  readonly proveFailover: boolean;
}

/** A client that watches whether a service answers. */
export interface Continuity {
  /** What is asked, how often, from where. */
  readonly label: string;
  readonly start: () => Promise<{ readonly stop: () => Promise<Outage> }>;
}

/** What a client is to ask, and who asks. */
export interface ContinuityWish {
  /** As the pair's settings say it; null: what its owner serves on the addresses. */
  readonly said: string | null;
  readonly owner: LiveNode;
  readonly addresses: readonly string[];
  /** A host of the inventory; null: from here. */
  readonly from: {
    readonly name: string;
    readonly act: (script: string) => Promise<ReadResult>;
  } | null;
}

/** What a roller is given of the world. */
export interface RollWorld {
  /** A client that counts; null where there is nothing to ask. Throws LbplayError where nobody answers. */
  readonly openContinuity: (wish: ContinuityWish) => Promise<Continuity | null>;
  readonly now: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

/** One roll, from the plan to its end. */
export interface Roll {
  readonly pair: RollPair;
  readonly job: RollJob;
  readonly world: RollWorld;
  readonly settings: RollSettings;
  readonly plans: ReadonlyMap<string, HostPlan>;
  readonly impacts: ReadonlyMap<string, Impact>;
  /** All nodes of the pair as they were, those that the run is limited from too. */
  readonly before: ReadonlyMap<string, LiveNode>;
  readonly decision: Decision;
  /** Hosts with which a run that died in the middle was through. */
  readonly done: ReadonlySet<string>;
  /** The pair's virtual addresses, as they were and as they will be. */
  readonly addresses: { readonly before: readonly string[]; readonly after: readonly string[] };
}

/** What makes a roll end: on which node, and why. */
export class RollFailure extends Error {
  override readonly name = "RollFailure";
  readonly host: string;
  /** What is wrong is no single node's: all that were changed are put back. */
  readonly wholePair: boolean;
  /** Somebody has reported it already: a gate, the engine. */
  readonly told: boolean;

  constructor(
    host: string,
    message: string,
    { wholePair = false, told = false }: { readonly wholePair?: boolean; readonly told?: boolean } = {},
  ) {
    super(message);
    this.host = host;
    this.wholePair = wholePair;
    this.told = told;
  }
}
