import { REDACTED } from "../core/secret.ts";
import type { ChangeView } from "../core/task.ts";
import type { TransportError } from "../core/transport.ts";
import { dict, toJson, type Value } from "../core/value.ts";
import type { TurnResult } from "./execute.ts";
import { count, setVariable } from "./host-state.ts";
import type { Turn } from "./loops.ts";
import type { PlayRun } from "./play-run.ts";
import { type DoneTurn, isSet, type TaskCall, type TaskEnd } from "./task-call.ts";
import { scopeOf } from "./turns.ts";

/** What a turn is called in the output. */
export const turnLabel = (call: TaskCall, run: PlayRun, turn: Turn): string => {
  const label = call.step.keywords.loop?.label ?? null;
  if (label === null) return plainLabel(turn);
  return textOf(run.templar.resolve(label, scopeOf(call.step, call.at, run, turn.variables)));
};

/** The item itself as its label. */
export const plainLabel = ({ item }: Turn): string => textOf(item);

const textOf = (value: Value): string => (typeof value === "string" ? value : JSON.stringify(toJson(value)));

/** Whether a failure of this turn is one that the task ignores. */
export const isIgnored = (call: TaskCall, run: PlayRun, ended: TurnResult): boolean =>
  ended.status === "failed" && isSet(call, run, call.step.keywords.ignoreErrors, "ignore_errors");

/** A no_log that cannot be rendered hides: showing too much cannot be taken back. */
const isHidden = (call: TaskCall, run: PlayRun): boolean => {
  try {
    return isSet(call, run, call.step.keywords.noLog, "no_log");
  } catch {
    return true;
  }
};

const HIDDEN = "the output is hidden because of no_log: true";

/** An event goes to files and other programs, too: the texts of a secret change are not in it. */
const concealed = (change: ChangeView): ChangeView => {
  if (change.secret !== true) return change;
  const hide = (text: string | null): string | null => (text === null ? null : REDACTED);
  return { ...change, before: hide(change.before), after: hide(change.after) };
};

/** Reports one turn, or the task as a whole. */
export const reportTurn = (
  call: TaskCall,
  run: PlayRun,
  { turn, value, delegatedTo }: DoneTurn,
  about: { readonly started: number; readonly item: string | null; readonly ignored: boolean },
): void => {
  const hidden = isHidden(call, run);
  const { diff } = call.step.keywords;
  const wanted = diff === null ? null : isSet(call, run, diff, "diff");
  const time = run.context.now().getTime();
  run.context.sink({
    kind: "host-result",
    time,
    host: call.at.host.name,
    task: call.label,
    status: turn.status,
    ignored: about.ignored,
    rescued: turn.status === "failed" && call.rescuable && !about.ignored,
    item: hidden && about.item !== null ? "(hidden)" : about.item,
    delegatedTo,
    msg: hidden ? (turn.msg === null ? null : HIDDEN) : turn.msg,
    hint: hidden ? null : turn.hint,
    changes: hidden ? [] : turn.changes.map(concealed),
    diff: wanted ?? run.context.settings.diff,
    diffRefused: wanted === false,
    result: hidden ? { censored: HIDDEN } : toJson(value),
    duration: time - about.started,
  });
};

/** Reports a node that was lost or never reached; it takes no further part, unless the task ignores that. */
export const reportUnreachable = (
  call: TaskCall,
  run: PlayRun,
  started: number,
  error: TransportError,
): TaskEnd => {
  const { host } = call.at;
  const ignored = isSet(call, run, call.step.keywords.ignoreUnreachable, "ignore_unreachable");
  const result = dict({ changed: false, unreachable: true, msg: error.message });
  const time = run.context.now().getTime();
  run.context.sink({
    kind: "host-result",
    time,
    host: host.name,
    task: call.label,
    status: "unreachable",
    ignored,
    rescued: false,
    item: null,
    delegatedTo: null,
    msg: error.message,
    hint: error.hint,
    changes: [],
    diff: false,
    diffRefused: false,
    result: toJson(result),
    duration: time - started,
  });
  const { register } = call.step.keywords;
  if (register !== null) setVariable(host, register, result);
  if (ignored) count(host, "ok", "ignored");
  else {
    count(host, "unreachable");
    host.status = "unreachable";
  }
  return { status: "unreachable", ignored, turns: [], result };
};
