import type { ChangeView } from "./task.ts";
import type { Json } from "./value.ts";

/** How a task ended on a host. `would-follow`: check mode cannot know, it depends on a change that is still pending. */
export type HostStatus = "ok" | "changed" | "skipped" | "failed" | "unreachable" | "would-follow";

/** The figures of Ansible's recap line. */
export interface HostRecap {
  readonly ok: number;
  readonly changed: number;
  readonly unreachable: number;
  readonly failed: number;
  readonly skipped: number;
  readonly rescued: number;
  readonly ignored: number;
}

/** What a task is called in the output. */
export interface TaskLabel {
  /** Unique within a run. */
  readonly id: string;
  /** `haproxy : Install haproxy`: role, then name or module. */
  readonly name: string;
  readonly module: string;
  /** `file:line` */
  readonly at: string;
  readonly handler: boolean;
}

/** Everything that can be reported of a run, in the order it happened; `time` is milliseconds since the epoch. Texts are already redacted. */
export type RunEvent =
  | {
      readonly kind: "run-started";
      readonly time: number;
      readonly playbook: string;
      readonly mode: "apply" | "check";
    }
  | {
      readonly kind: "play-started";
      readonly time: number;
      readonly play: string;
      readonly hosts: readonly string[];
    }
  | { readonly kind: "task-started"; readonly time: number; readonly task: TaskLabel }
  /** The host is at work on the task now (for live views). */
  | { readonly kind: "host-started"; readonly time: number; readonly host: string; readonly task: TaskLabel }
  | HostResultEvent
  | RollEvent
  | {
      readonly kind: "warning";
      readonly time: number;
      readonly host: string | null;
      readonly message: string;
    }
  | { readonly kind: "no-hosts"; readonly time: number; readonly play: string; readonly pattern: string }
  | {
      readonly kind: "recap";
      readonly time: number;
      readonly hosts: Readonly<Record<string, HostRecap>>;
      /** What set_stats noted, by host; `_run` is for the whole run. */
      readonly stats: Readonly<Record<string, Json>>;
      readonly roundTrips: Readonly<Record<string, number>>;
      readonly seconds: number;
    };

/** The result of a task, or of one item of its loop, on one host. */
export interface HostResultEvent {
  readonly kind: "host-result";
  readonly time: number;
  readonly host: string;
  readonly task: TaskLabel;
  readonly status: HostStatus;
  /** A failure that ignore_errors, or a rescue, took care of. */
  readonly ignored: boolean;
  readonly rescued: boolean;
  /** The item's label; null for the task as a whole. A loop reports each item, then the whole. */
  readonly item: string | null;
  readonly delegatedTo: string | null;
  readonly msg: string | null;
  readonly hint: string | null;
  readonly changes: readonly ChangeView[];
  /** Whether `--diff` (or the task's `diff:`) asks to show the changes. */
  readonly diff: boolean;
  /** The task says `diff: false`: its changes are shown in no view. */
  readonly diffRefused: boolean;
  /** What `register` sees; null under no_log. */
  readonly result: Json;
  /** Milliseconds. */
  readonly duration: number;
}

/** A step of changing nodes that belong together: what is planned, what was looked at, what was done beside the tasks. */
export interface RollEvent {
  readonly kind: "roll";
  readonly time: number;
  /** The pair's name. */
  readonly group: string;
  /** null: it is about all of them. */
  readonly host: string | null;
  /** `plan`, `gate`, `hold`, `handover`, `release`, `restore`, `probe`, … */
  readonly step: string;
  readonly status: "ok" | "warning" | "failed";
  readonly message: string;
  /** Figures for programs; null where there are none. */
  readonly data: Json;
}

/** Where events go. */
export type EventSink = (event: RunEvent) => void;
