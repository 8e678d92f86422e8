/**
 * What a drill found, whole: the JSON output of `lbplay drill` is exactly this. Times called `…Ms` are milliseconds. Those
 * of a repeat (`at`, `from`, `to`, moments) count from the moment of its fault's injection, by the controller's clock, and
 * are negative before it; the clocks of the nodes are corrected. Moments by the calendar are ISO 8601 in UTC.
 */
export interface DrillResult {
  readonly kind: "drill";
  /** Raised when a field changes its meaning. */
  readonly format: 1;
  readonly environment: DrillEnvironment;
  readonly pair: DrilledPair;
  /** In the order in which they were planned; also those that could not or did not happen. */
  readonly faults: readonly FaultResult[];
  readonly summary: DrillSummary;
}

/** Where, when and how it was measured. */
export interface DrillEnvironment {
  /** The version of lbplay. */
  readonly lbplay: string;
  readonly startedAt: string;
  readonly durationMs: number;
  /** `lab NAME` for the embedded lab, else `nodes`: machines of which nothing more is known. */
  readonly where: { readonly kind: "lab"; readonly name: string } | { readonly kind: "nodes" };
  /** The host that made the requests; null: the machine that lbplay ran on. */
  readonly from: string | null;
  /** What was asked: `http://192.0.2.10/`. */
  readonly target: string;
  /** Milliseconds between two requests, each on a connection of its own. */
  readonly everyMs: number;
  /** Milliseconds after which a request is given up. */
  readonly timeoutMs: number;
  /** Connections held open through the virtual address. */
  readonly heldConnections: number;
  readonly repeats: number;
  /** The drill file; null: the faults and budgets came from the command line. */
  readonly file: string | null;
}

/** The pair, as it was before the first fault. */
export interface DrilledPair {
  /** The inventory's group. */
  readonly name: string;
  readonly virtualAddresses: readonly string[];
  /** In the inventory's order. */
  readonly nodes: readonly DrilledNode[];
  readonly instances: readonly DrilledInstance[];
}

/** One load balancer of the pair. */
export interface DrilledNode {
  readonly name: string;
  /** The virtual addresses that it had. */
  readonly owns: readonly string[];
  /** Versions, as the programs say them; null: not known. */
  readonly haproxy: string | null;
  readonly keepalived: string | null;
  /** `Debian GNU/Linux 12 (bookworm)`; null: not known. */
  readonly system: string | null;
  readonly kernel: string | null;
}

/** A virtual router of the pair. */
export interface DrilledInstance {
  /** As the first node calls it. */
  readonly name: string;
  readonly virtualRouterId: number | null;
  readonly vrrpVersion: 2 | 3;
  readonly addresses: readonly string[];
  readonly members: readonly {
    readonly node: string;
    /** Its state before the first fault: `MASTER`, `BACKUP`, `FAULT`, `INIT`, or `unknown`. */
    readonly state: VrrpStateName;
    /** As configured. */
    readonly priority: number;
    /** With what trackers give and take; null: keepalived does not tell. */
    readonly effectivePriority: number | null;
    /** Milliseconds between adverts. */
    readonly advertMs: number;
    readonly nopreempt: boolean;
    readonly preemptDelayMs: number;
    /** `track_script chk_haproxy weight 2`. */
    readonly trackers: readonly string[];
  }[];
}

/** A state of VRRP, as keepalived names it. */
export type VrrpStateName = "MASTER" | "BACKUP" | "FAULT" | "INIT" | "unknown";

/** One fault with all its repeats. */
export interface FaultResult {
  /** As `--faults` takes it: `haproxy-kill`. */
  readonly id: string;
  /** `HAProxy killed (kill -9)`. */
  readonly title: string;
  /** What was done, and how it was undone, in one sentence each. */
  readonly injection: string;
  readonly undo: string;
  /** Milliseconds without an answer that are allowed, in the fault and in the return each; null: any. */
  readonly budgetMs: number | null;
  /** Empty where it did not happen. */
  readonly repeats: readonly RepeatResult[];
  readonly verdict: FaultVerdict;
  /** Over the repeats; null where there was none. */
  readonly figures: FaultFigures | null;
}

/** What became of a fault. */
export type FaultVerdict =
  | { readonly kind: "passed" }
  | { readonly kind: "failed"; readonly reasons: readonly Reason[] }
  /** It was said beforehand that it cannot be done here. */
  | { readonly kind: "unavailable"; readonly because: string }
  /** The drill ended before it. */
  | { readonly kind: "not-run"; readonly because: string };

/** Figures of a fault over its repeats. */
export interface FaultFigures {
  readonly outageP50Ms: number;
  readonly outageMaxMs: number;
  /** Of the return. */
  readonly returnP50Ms: number;
  readonly returnMaxMs: number;
  readonly requests: number;
  readonly failed: number;
  /** Null where none was held. */
  readonly heldCut: number | null;
}

/** Why a repeat failed. */
export interface Reason {
  readonly kind: /** There was no answer for longer than the budget. */
    | "budget"
    /** The measured time is not in the predicted range. */
    | "prediction"
    /** Somebody else has the addresses than was predicted. */
    | "owner"
    /** After settling an address had no owner, or two. */
    | "exactly-one"
    /** The fault did not do what it is meant to: a reload that was refused, a server that is still up. */
    | "effect"
    /** The pair did not come to rest in the time that it has. */
    | "unsettled"
    /** The state afterwards is not that before. */
    | "state"
    /** The fault could not be injected, or not be undone. */
    | "injection"
    | "undo"
    /** Ctrl-C, or a lost node. */
    | "interrupted";
  /** A sentence with figures, names and, where it is known, why. */
  readonly text: string;
}

/** One time that a fault was injected, watched and undone. */
export interface RepeatResult {
  /** From 1. */
  readonly number: number;
  /** The nodes that the fault was done to. */
  readonly nodes: readonly string[];
  readonly injectedAt: string;
  /** Null: it did not come to that. */
  readonly moments: {
    /** The first request of the client. */
    readonly watchedFrom: number;
    /** The undoing began. */
    readonly undone: number | null;
    /** The pair was at rest after the undoing. */
    readonly settled: number | null;
    /** The addresses were handed back to who had them before; null: they were there by themselves, or it failed. */
    readonly handedBack: number | null;
    /** The last request was answered or given up. */
    readonly watchedUntil: number;
  };
  /** In time's order, without gaps other than those between two requests. */
  readonly requests: readonly RequestSpan[];
  /** What clients felt from the injection until the undoing. */
  readonly outage: PhaseOutage;
  /** What clients felt from the undoing on. */
  readonly returnOutage: PhaseOutage;
  /** Null: none was held, as the target's protocol allows none or there are none to be held. */
  readonly held: HeldConnections | null;
  /** Who had which address, for every node and virtual address. */
  readonly ownership: readonly OwnershipTrack[];
  /** For how long nobody, or several nodes, had a virtual address between injection and settling; the worst address. */
  readonly nobodyMs: number;
  readonly severalMs: number;
  /** Changes of VRRP states, in time's order. */
  readonly vrrp: readonly VrrpChange[];
  /** Other lines of the daemons' logs that explain what happened, and what lbplay did, in time's order. */
  readonly events: readonly DrillEvent[];
  /** From injection to the first sign that keepalived or HAProxy noticed; null: none was seen. */
  readonly detectionMs: number | null;
  /** The sign: `lb1: VI_1 FAULT`. */
  readonly detectedBy: string | null;
  /** From injection until the other node had the addresses; null: they did not move. */
  readonly takeoverMs: number | null;
  /** Who had the addresses: before, when the fault had shown its effect, when the pair had settled by itself, in the end. */
  readonly owners: {
    readonly before: readonly string[];
    readonly during: readonly string[];
    readonly settled: readonly string[];
    readonly after: readonly string[];
  };
  /** The addresses that had no owner, or several, after settling; empty is well. */
  readonly notExactlyOne: readonly { readonly address: string; readonly owners: readonly string[] }[];
  /** How the state after differs from that before, a sentence each; empty is well. */
  readonly differences: readonly string[];
  /** Null: nothing is predicted of this fault. */
  readonly predicted: PredictedOutcome | null;
  readonly clocks: readonly NodeClock[];
  /** Empty: it passed. */
  readonly reasons: readonly Reason[];
}

/** Requests one after the other with the same outcome, for at most a quarter of a second. */
export interface RequestSpan {
  /** When the first of them began. */
  readonly from: number;
  /** When the last of them began. */
  readonly to: number;
  readonly count: number;
  /** Null: answered as before the fault. Else why not: `ECONNREFUSED`, `timeout`, `status 503`. */
  readonly failure: string | null;
  /** The longest that one of them took. */
  readonly slowestMs: number;
}

/** What clients that connect anew felt. */
export interface PhaseOutage {
  /** The longest time without an answer, while requests failed or were late; 0 where every one was answered in time. */
  readonly outageMs: number;
  /** The longest time between two answers, whether or not any request failed. */
  readonly longestGapMs: number;
  readonly requests: number;
  readonly failed: number;
  /** Failures by cause. */
  readonly errors: Readonly<Record<string, number>>;
}

/** What became of connections that were open before the fault and kept busy with small requests. */
export interface HeldConnections {
  readonly opened: number;
  /** Reset, closed with a request under way, or silent for longer than the time-out. */
  readonly cut: number;
  /** Closed by the server between two requests, or after it had said so. */
  readonly ended: number;
  /** When each of the cut ones was. */
  readonly cutAt: readonly number[];
}

/** Whether a node had a virtual address, over time. */
export interface OwnershipTrack {
  readonly node: string;
  readonly address: string;
  /** The first is the state at the beginning; each holds until the next. Null: not known, as the node was off. */
  readonly changes: readonly { readonly at: number; readonly held: boolean | null }[];
}

/** A VRRP instance that changed its state. */
export interface VrrpChange {
  readonly at: number;
  readonly node: string;
  readonly instance: string;
  readonly state: VrrpStateName;
  /** Where it is known from: the journal, a log file, or keepalived's own account of its last transition. */
  readonly source: "journal" | "log" | "keepalived";
}

/** Something that happened on a node. */
export interface DrillEvent {
  readonly at: number;
  readonly node: string;
  readonly source: "keepalived" | "haproxy" | "systemd" | "lbplay";
  readonly text: string;
}

/** What `lbplay predict` says of the fault. */
export interface PredictedOutcome {
  /** `haproxy dies on lb1`. */
  readonly what: string;
  readonly outcome: "moves" | "stays" | "never" | "both" | "nobody";
  readonly owners: readonly string[];
  /** Milliseconds from the fault until the addresses have moved; null: they do not. */
  readonly moves: PredictedSpan | null;
  /** Milliseconds without an answer; null: without end. */
  readonly outage: PredictedSpan | null;
  /** How that is reckoned, or why nothing moves. */
  readonly formula: string;
  /** How the measurement left it, a sentence; null: it did not. */
  readonly left: string | null;
}

/** Milliseconds, from the soonest to the latest. */
export interface PredictedSpan {
  readonly min: number;
  readonly max: number;
}

/** How a node's clock stood against the controller's; times of the result are corrected by it. */
export interface NodeClock {
  readonly node: string;
  /** What the node's clock was ahead. */
  readonly offsetMs: number;
  /** How far that may be off. */
  readonly errorMs: number;
}

/** All faults together. */
export interface DrillSummary {
  readonly passed: number;
  readonly failed: number;
  readonly unavailable: number;
  readonly notRun: number;
  /** Why the drill ended before its end; null: it did not. */
  readonly stopped: string | null;
  /** Everything that was planned and could be done passed. */
  readonly ok: boolean;
}
