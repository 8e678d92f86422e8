import type { Action, Touched } from "./action.ts";
import type { HostStatus, RollEvent, TaskLabel } from "./event.ts";
import type { Probe, ReadResult } from "./probe.ts";
import type { ChangeView } from "./task.ts";

/** A change that a play would make on a node, with what it would do there. */
export interface PlannedChange {
  readonly task: TaskLabel;
  /** The node that would be changed; for a delegated task another one than the host. */
  readonly node: string;
  readonly view: ChangeView;
  readonly actions: readonly Action[];
}

/** What a play would do for one host, found out without changing anything. */
export interface HostPlan {
  readonly changes: readonly PlannedChange[];
  /** Tasks of which only a run can tell what they do: commands, and what waits for a pending change. */
  readonly unknown: readonly TaskLabel[];
  /** The first task that would fail, and why; what comes after it is not known. */
  readonly failure: {
    readonly task: TaskLabel;
    readonly status: HostStatus;
    readonly message: string;
  } | null;
}

/** How a play is run on some of its hosts. */
export interface RollOptions {
  /** Everything that is changed can be put back by `restore`: what was there before is kept on the node. */
  readonly journal: boolean;
  /** Units that are not started, restarted or reloaded now, whatever a task says: the roll does that itself, later. */
  readonly held: ReadonlySet<string>;
}

/** A journal as it was found. */
export interface JournalState {
  /** What the run that died noted when it began; null: there was none, a new one is begun. */
  readonly continues: string | null;
}

/** What was put back. */
export interface RestoreReport {
  /** In words: `/etc/haproxy/haproxy.cfg`, `unit haproxy reloaded`, `net.ipv4.ip_forward`. */
  readonly restored: readonly string[];
  /** What could not be put back, in words: packages that were installed, commands that were run. */
  readonly lasting: readonly string[];
  /** What failed while putting back; empty when all went well. */
  readonly failures: readonly string[];
}

/** What goes with a script of a roll's own. */
export interface RollAction {
  readonly stdin?: Buffer;
  /** What it changes, so that the node's journal keeps it first. */
  readonly touches?: readonly Touched[];
}

/** A play on nodes that belong together, for somebody who decides which of them is changed when. */
export interface RollJob {
  readonly play: string;
  /** Hosts that still take part, in the play's order. */
  readonly hosts: readonly string[];
  readonly mode: "apply" | "check";
  /** What the play would do, by host. Nothing is reported of it, and no variable of the run is touched. */
  readonly plan: () => Promise<ReadonlyMap<string, HostPlan>>;
  /** Runs the play on hosts, in step. How it went is said by `standing`. */
  readonly run: (hosts: readonly string[], options: RollOptions) => Promise<void>;
  readonly standing: (host: string) => "active" | "failed" | "unreachable" | "ended";
  /** Takes hosts out of the play: `failed` with a line that says why, or `ended` because another one failed. */
  readonly drop: (host: string, as: "failed" | "ended") => void;
  /** Reads a node anew, as the play's user. Throws TransportError. */
  readonly read: <T>(host: string, probe: Probe<T>) => Promise<T>;
  /** Does something on a node, as the play's user; whatever was read of it is forgotten. Throws TransportError. */
  readonly act: (host: string, script: string, more?: RollAction) => Promise<ReadResult>;
  /** The note of a journal that is open on a node, without a trip of its own; null: there is none. */
  readonly openJournal: (host: string) => Promise<string | null>;
  /**
   * Begins a journal on a node of what runs with `journal` change, or goes on with one that a run left that died. Only
   * root can keep one: where the play's user is somebody else a warning says so, and nothing is kept. Throws LbplayError.
   */
  readonly beginJournal: (host: string, note: string) => Promise<JournalState>;
  /** Puts everything back that the node's journal keeps. Can be done again if it was cut short. Throws TransportError. */
  readonly restore: (host: string) => Promise<RestoreReport>;
  /** Removes the node's journal: the changes stay. Throws LbplayError. */
  readonly endJournal: (host: string) => Promise<void>;
  /** Has a node with a journal go back by itself when it hears nothing from here for so many seconds. Throws LbplayError. */
  readonly guard: (host: string, seconds: number) => Promise<void>;
  /** Takes the guard away over a fresh connection. Throws LbplayError where the node has gone back, TransportError where it cannot be reached. */
  readonly confirm: (host: string) => Promise<void>;
  readonly report: (event: Omit<RollEvent, "kind" | "time">) => void;
}

/** Who decides the order in which nodes that belong together are changed. */
export interface Roller {
  /** The nodes that belong together among a play's hosts, under a name; nodes that stand for themselves are in none. */
  readonly groups: (
    hosts: readonly string[],
  ) => readonly { readonly name: string; readonly hosts: readonly string[] }[];
  readonly roll: (group: string, job: RollJob) => Promise<void>;
}
