import type { HostStatus, TaskLabel } from "../core/event.ts";
import type { TaskStep } from "../core/play.ts";
import type { Source, Value } from "../core/value.ts";
import type { TurnResult } from "./execute.ts";
import type { PlayRun } from "./play-run.ts";
import { asBoolean } from "./templar.ts";
import { type PreparedMemory, type Standpoint, scopeOf } from "./turns.ts";

/** How a task ended on a host. */
export interface TaskEnd {
  readonly status: HostStatus;
  readonly ignored: boolean;
  /** Its turns, whose facts the other hosts of a run_once task get too. */
  readonly turns: readonly TurnResult[];
  /** What was registered, for the other hosts of a run_once task. */
  readonly result: ReadonlyMap<Value, Value>;
}

/** A task on its way through one host. */
export interface TaskCall {
  readonly step: TaskStep;
  readonly label: TaskLabel;
  readonly at: Standpoint;
  readonly memory: PreparedMemory;
  /** A failure is looked after by a rescue around it. */
  readonly rescuable: boolean;
}

/** One turn that has ended. */
export interface DoneTurn {
  readonly turn: TurnResult;
  readonly value: ReadonlyMap<Value, Value>;
  readonly delegatedTo: string | null;
  /** Keys of the handlers that it notifies if the task changed something. */
  readonly notifies: readonly string[];
  /** It could not even be rendered: its loop ends here. */
  readonly breaks: boolean;
}

/** Whether a keyword of the task is true, rendered with the task's variables. */
export const isSet = (call: TaskCall, run: PlayRun, keyword: Source, name: string): boolean =>
  keyword !== null &&
  asBoolean(run.templar.resolve(keyword, scopeOf(call.step, call.at, run)), name) === true;
