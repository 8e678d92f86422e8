import type { Action } from "../core/action.ts";
import type { HostStatus } from "../core/event.ts";
import { quote } from "../core/shell.ts";
import type { ChangeView, PlannedState } from "../core/task.ts";
import type { Value } from "../core/value.ts";
import { type Background, launch, startedValues } from "./background.ts";
import { withoutHeld } from "./held.ts";
import { keepFile } from "./keep-file.ts";
import type { Prepared } from "./prepare.ts";
import type { ActReport, Ahead } from "./session.ts";

/** What became of one turn of a task on one host. */
export interface TurnResult {
  readonly status: Exclude<HostStatus, "unreachable">;
  /** Whether something was changed; also known of a failure, which failed_when may overrule. */
  readonly changed: boolean;
  readonly msg: string | null;
  readonly hint: string | null;
  readonly changes: readonly ChangeView[];
  /** What `register` sees, besides changed, failed, skipped and msg. */
  readonly values: Readonly<Record<string, Value>>;
  /** Variables that the host has from now on. */
  readonly facts: ReadonlyMap<string, Value>;
  /** Check mode did not run it (or could not): what is registered of it is not what a run would register. */
  readonly unrun: boolean;
}

/** How a turn is to be done. */
export interface ExecuteOptions {
  readonly mode: "apply" | "check";
  /** Handlers to record as owed if this changes something. */
  readonly owes: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly ahead: Ahead;
  /** `timeout:` of the task in milliseconds; null for none. */
  readonly timeoutMs: number | null;
  /** Told of each change that check mode does not make. */
  readonly onPlanned: (change: { readonly view: ChangeView; readonly actions: readonly Action[] }) => void;
  /** Whether it is left running; null: it is waited for. */
  readonly background: Background | null;
  /** In check mode: an earlier task would have changed the node. */
  readonly pending: boolean;
}

const NOTHING = {
  changed: false,
  msg: null,
  hint: null,
  changes: [],
  values: {},
  facts: new Map<string, Value>(),
  unrun: false,
} as const;

/**
 * Decides a prepared state or action task by what the node answers, and performs what is to be done. Where several hosts
 * delegate to one node, each sees what the one before it left.
 */
export const execute = async (prepared: Prepared, options: ExecuteOptions): Promise<TurnResult> => {
  const { bound, session } = prepared;
  switch (bound.kind) {
    case "state":
      return session.exclusively(() => executeState(prepared, bound.probe, options));
    case "action":
      return session.exclusively(() => executeAction(prepared, bound, options));
    case "controller":
    case "engine":
      throw new Error(`a task of the ${bound.kind} has no reads to decide by`);
  }
};

type StateProbe = Extract<Prepared["bound"], { kind: "state" }>["probe"];

const executeState = async (
  prepared: Prepared,
  probe: StateProbe,
  options: ExecuteOptions,
): Promise<TurnResult> => {
  const planned = probe.parse(await prepared.session.ask(prepared.become, probe.reads, options.ahead));
  const { plan } = planned;
  const values = { ...planned.values, ...planned.was };
  switch (plan.kind) {
    case "converged":
      return { ...NOTHING, status: "ok", values };
    case "blocked":
      return blocked(plan, options, values);
    case "changes": {
      const changes = plan.changes.map((change) => change.view);
      if (options.mode === "check") {
        for (const change of plan.changes) options.onPlanned(change);
        return { ...NOTHING, ...verdictOf(changes), changes, values };
      }
      return changeState(prepared, probe, planned, options);
    }
  }
};

/** A task that only does what does not count is ok, in check mode as in a run. */
const verdictOf = (changes: readonly ChangeView[]): Pick<TurnResult, "status" | "changed"> =>
  changes.every(({ quiet }) => quiet === true)
    ? { status: "ok", changed: false }
    : { status: "changed", changed: true };

const blocked = (
  { reason, foreseen }: Extract<PlannedState["plan"], { kind: "blocked" }>,
  options: ExecuteOptions,
  values: TurnResult["values"],
): TurnResult => {
  if (options.mode === "check" && options.pending) {
    if (foreseen === "converged") return { ...NOTHING, status: "ok", values };
    return { ...NOTHING, status: "would-follow", changed: true, msg: reason, values, unrun: true };
  }
  return { ...NOTHING, status: "failed", msg: reason, values };
};

/** Acts, then reads again: a task whose node still differs has failed, even if every command exited 0. */
const changeState = async (
  prepared: Prepared,
  probe: StateProbe,
  { plan, values, was }: PlannedState,
  options: ExecuteOptions,
): Promise<TurnResult> => {
  if (plan.kind !== "changes") throw new Error("there is nothing to change");
  const units = prepared.session.held();
  const { changes: due, held } = withoutHeld(plan.changes, units);
  if (due.length === 0)
    return {
      ...NOTHING,
      status: "ok",
      msg: `${held.join(" and ")}: held, the roll starts it later`,
      values: { ...values, ...was },
    };
  const changes = due.map((change) => change.view);
  const actions = due.flatMap((change) => change.actions);
  const verdict = verdictOf(changes);
  for (const file of due.flatMap(({ keeps }) => keeps)) keepFile(file);
  // Nothing to do on the node, and nothing to record on it: what was read of it stays known.
  if (actions.length === 0 && options.owes.length === 0) return { ...NOTHING, ...verdict, changes, values };
  const report = await prepared.session.act(prepared.become, {
    actions,
    owes: verdict.changed ? options.owes : [],
    environment: options.environment,
    again: probe.reads,
    ahead: options.ahead,
    harmless: false,
    timeoutMs: options.timeoutMs,
  });
  if (report.failed) return { ...NOTHING, ...failure(actions, report), status: "failed", changes };
  const after = probe.parse(report.again);
  const left = remaining(after, units);
  if (left !== null)
    return { ...NOTHING, status: "failed", msg: left, changes, values: { ...after.values, ...was } };
  return { ...NOTHING, ...verdict, changes, values: { ...after.values, ...was } };
};

/** What still differs after the actions; null when the node is as wanted. */
const remaining = ({ plan }: PlannedState, held: ReadonlySet<string>): string | null => {
  if (plan.kind === "converged") return null;
  if (plan.kind === "blocked") return `applied, but now: ${plan.reason}`;
  const differs = withoutHeld(plan.changes, held)
    .changes.map((change) => change.view)
    .filter((view) => view.event !== true);
  if (differs.length === 0) return null;
  const shown = differs.map(
    (view) => `${view.field} is ${brief(view, view.before)}, not ${brief(view, view.after)}`,
  );
  return `applied, but the node still differs: ${shown.join("; ")}`;
};

const brief = (view: ChangeView, text: string | null): string => {
  if (text === null) return "absent";
  if (view.secret === true) return "[redacted]";
  return text.includes("\n") || text.length > 80 ? `${text.length} characters of text` : `"${text}"`;
};

type BoundAction = Extract<Prepared["bound"], { kind: "action" }>;

const executeAction = async (
  prepared: Prepared,
  bound: BoundAction,
  options: ExecuteOptions,
): Promise<TurnResult> => {
  const planned = bound.probe.parse(
    await prepared.session.ask(prepared.become, bound.probe.reads, options.ahead),
  );
  const { decision } = planned;
  if (decision.kind === "done")
    return { ...NOTHING, status: "ok", msg: decision.msg, values: decision.values };
  if (options.mode === "check" && !bound.harmless && decision.needed === true)
    return { ...NOTHING, status: "changed", changed: true, msg: "would be run", unrun: true };
  if (options.mode === "check" && !bound.harmless) {
    return {
      ...NOTHING,
      status: "skipped",
      msg: "not run in check mode",
      values: { skipped: true },
      unrun: true,
    };
  }
  const { background } = options;
  const actions =
    background === null
      ? decision.actions
      : [launch(decision.actions, planned, options.environment, background)];
  const report = await prepared.session.act(prepared.become, {
    actions,
    owes: options.owes,
    environment: options.environment,
    again: [],
    ahead: options.ahead,
    harmless: bound.harmless,
    timeoutMs: options.timeoutMs,
  });
  if (report.outcomes.length === 0 || report.unkept)
    return { ...NOTHING, ...failure(actions, report), status: "failed" };
  if (background !== null && report.failed)
    return { ...NOTHING, ...failure(actions, report), status: "failed" };
  if (background !== null)
    return { ...NOTHING, status: "changed", changed: true, values: startedValues(background.jid, 0) };
  const { changed, failed, msg, values } = planned.report(report.outcomes);
  return { ...NOTHING, status: failed ? "failed" : changed ? "changed" : "ok", changed, msg, values };
};

/** Which action failed, in its own words. */
const failure = (
  actions: readonly Action[],
  { outcomes, unkept }: ActReport,
): Pick<TurnResult, "msg" | "hint" | "values"> => {
  const last = outcomes.at(-1);
  const action = actions[outcomes.length - 1];
  if (last === undefined || action === undefined) {
    return {
      msg: "nothing was done: the node's state directory could not be written",
      hint: "is its disk full?",
      values: {},
    };
  }
  const stderr = last.stderr.toString("utf8").trim();
  const stdout = last.stdout.toString("utf8").trim();
  const said = stderr === "" ? stdout : stderr;
  const hint = /no space left on device/i.test(said)
    ? "the node's disk is full: make room, then run again"
    : null;
  if (unkept) return { msg: said, hint, values: { rc: last.code, stdout, stderr } };
  return {
    msg: `${titleOf(action)} failed${action.kind === "write" ? "" : ` with exit code ${last.code}`}${said === "" ? "" : `: ${ends(said)}`}`,
    hint,
    values: { rc: last.code, stdout, stderr },
  };
};

const titleOf = (action: Action): string => {
  switch (action.kind) {
    case "run":
      return action.argv.map(quote).join(" ");
    case "script":
      return "the script";
    case "write":
      return `writing ${action.path}`;
    case "remove":
      return `removing ${action.path}`;
  }
};

/** The reason stands at one end of a long output: mostly at the last one, but dnf puts a repository's settings below it. */
const ends = (text: string): string => {
  const lines = text.split("\n");
  return lines.length <= 20 ? text : [...lines.slice(0, 6), "...", ...lines.slice(-14)].join("\n");
};
