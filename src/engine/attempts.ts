import type { InventoryChange } from "../core/play.ts";
import { TransportError } from "../core/transport.ts";
import { PyFloat, type Source, type Value } from "../core/value.ts";
import { type Background, doneJob, type Job, settleJob, startedValues } from "./background.ts";
import { noteStats } from "./custom-stats.ts";
import { execute, type TurnResult } from "./execute.ts";
import { handlerKeysFor } from "./handlers.ts";
import type { Turn } from "./loops.ts";
import { owedRecord } from "./node-state.ts";
import { carryOut } from "./orders.ts";
import type { PlayRun } from "./play-run.ts";
import type { Prepared } from "./prepare.ts";
import { endedTurn, failureOf, registered } from "./results.ts";
import type { PlannedTurn } from "./run-context.ts";
import { followInventory } from "./run-state.ts";
import { isSet, type TaskCall } from "./task-call.ts";
import { asBoolean, type TaskScope } from "./templar.ts";
import { readsAhead, scopeOf } from "./turns.ts";

/** Tries a prepared turn until it is as `until` wants it, or failed as often as `retries` allows. */
export const tryUntilDone = async (
  call: TaskCall,
  run: PlayRun,
  turn: Turn,
  scope: TaskScope,
  prepared: Prepared,
): Promise<TurnResult> => {
  const { until, retries, delay } = call.step.keywords;
  const number = (source: Source, otherwise: number): number =>
    numberOf(run.templar.resolve(source, scope), otherwise);
  const most = until === null && retries === null ? 0 : number(retries, 3);
  for (let attempt = 1; ; attempt += 1) {
    const ended = judged(call, run, turn, await once(call, run, scope, prepared));
    if (most === 0) return ended;
    const counted = { ...ended, values: { ...ended.values, attempts: attempt } };
    if (isDone(call, run, turn, counted) || run.context.settings.mode === "check") return counted;
    if (attempt > most)
      return {
        ...counted,
        status: until === null ? counted.status : "failed",
        values: { ...counted.values, attempts: most },
      };
    await run.context.sleep(1000 * number(delay, 5));
  }
};

const isDone = (call: TaskCall, run: PlayRun, turn: Turn, ended: TurnResult): boolean => {
  const conditions = call.step.keywords.until;
  if (conditions === null) return ended.status !== "failed";
  const scope = resultScope(call, run, turn, ended);
  return conditions.every((condition) => run.templar.truth(condition, scope));
};

const once = async (
  call: TaskCall,
  run: PlayRun,
  scope: TaskScope,
  prepared: Prepared,
): Promise<TurnResult> => {
  const { step, at, memory } = call;
  if (prepared.bound.kind === "controller") {
    const report = prepared.bound.run(evaluation(run, scope));
    const changed = report.inventory === undefined ? report.changed : changeInventory(report.inventory, run);
    if (report.stats !== undefined) noteStats(run.stats, report.stats, statsHosts(call, run));
    // What debug keeps quiet about for want of -v is skipped, in the recap too.
    const done = report.values.skipped === true ? "skipped" : changed ? "changed" : "ok";
    const status = report.failed ? "failed" : done;
    return { ...endedTurn(status, report.msg), values: report.values, facts: report.facts };
  }
  const { bound } = prepared;
  const checkMode = asBoolean(run.templar.resolve(step.keywords.checkMode, scope), "check_mode");
  const mode = checkMode === null ? run.context.settings.mode : checkMode ? "check" : "apply";
  const { background, limit: timeout, awaited } = patience(call, run, scope);
  const planned: PlannedTurn["changes"][number][] = [];
  const timeoutMs = timeout > 0 ? timeout * 1000 : null;
  const owes =
    mode === "check"
      ? []
      : handlerKeysFor(step, scope, run).map((key) => owedRecord(key, at.host.name, prepared.session.name));
  const { context } = run;
  const planning = context.onPlanned !== null;
  const executing =
    bound.kind === "engine"
      ? carryOut(bound.order, {
          ...prepared,
          ...{ context, mode, timeoutMs, owes, planning, task: call.label.name },
        })
      : execute(prepared, {
          onPlanned: (change) => planned.push(change),
          mode,
          timeoutMs,
          background: mode === "check" ? null : background,
          owes,
          environment: prepared.environment,
          ahead: readsAhead(step, { ...at, speculative: true }, prepared, memory, run),
          pending: at.host.pending,
        });
  const performed = await (timeout > 0
    ? executing.catch((error: unknown) => givenUp(error, timeout, prepared))
    : executing);
  const ended =
    prepared.task.name === "async_status"
      ? settleJob(performed, (jid) => run.jobs.get(jid))
      : background === null || mode === "check"
        ? awaited
          ? { ...performed, values: { ...performed.values, started: 1, finished: 1 } }
          : performed
        : leftBehind(performed, background, prepared);
  run.context.onPlanned?.({
    host: at.host.name,
    node: prepared.session.name,
    task: call.label,
    changes: planned,
    unrun: ended.unrun,
  });
  return ended;
};

/** How long a task is waited for: `timeout:`, or the seconds of `async`, or not at all with `poll: 0`. */
const patience = (
  { step }: TaskCall,
  run: PlayRun,
  scope: TaskScope,
): { readonly background: Background | null; readonly limit: number; readonly awaited: boolean } => {
  const number = (source: Source, otherwise: number): number =>
    numberOf(run.templar.resolve(source, scope), otherwise);
  const limit = number(step.keywords.timeout, 0);
  const seconds = number(step.keywords.async, 0);
  if (seconds <= 0) return { background: null, limit, awaited: false };
  if (number(step.keywords.poll, 1) > 0)
    return { background: null, limit: limit > 0 ? limit : seconds, awaited: true };
  const { nonce } = run.context;
  const jid = `j${BigInt(`0x${nonce().slice(0, 10)}`)}.${Math.floor(run.context.now().getTime() / 1000)}`;
  const remember = (job: Job): void => void run.jobs.set(jid, job);
  return { background: { jid, seconds, nonce: nonce(), remember }, limit, awaited: false };
};

/** A module that only compares and changes a state is through already: what register sees says so. */
const leftBehind = (ended: TurnResult, background: Background, { bound }: Prepared): TurnResult => {
  if (bound.kind === "action" && ended.values.ansible_job_id !== undefined) return ended;
  background.remember(doneJob(ended));
  return { ...ended, values: { ...ended.values, ...startedValues(background.jid, 1) } };
};

/** With run_once the one host notes for all. */
const statsHosts = (call: TaskCall, run: PlayRun): readonly string[] =>
  isSet(call, run, call.step.keywords.runOnce, "run_once")
    ? run.hosts.map(({ name }) => name)
    : [call.at.host.name];

/** Changes the inventory for this play and all that follow; the hosts of this play stay who they are. */
const changeInventory = (change: InventoryChange, run: PlayRun): boolean => {
  const { inventory } = run.context;
  const changed = inventory.change(change);
  if (changed) followInventory(inventory, run.variables.hosts);
  return changed;
};

/** A task that took longer than its `timeout:` has failed; its shell is gone, so the next task gets a new one. */
const givenUp = async (error: unknown, seconds: number, prepared: Prepared): Promise<TurnResult> => {
  if (!(error instanceof TransportError) || error.fault !== "timeout") throw error;
  await prepared.session.reset();
  return endedTurn("failed", `the task was given up after its timeout of ${seconds} s`);
};

const evaluation = (run: PlayRun, scope: TaskScope) => ({
  render: (source: string): Value =>
    /\{[{%#]/.test(source) ? run.templar.resolve({ kind: "template", source, at: null }, scope) : source,
  evaluate: (source: string): Value => run.templar.evaluate({ source, at: null }, scope),
  truth: (source: string): boolean => run.templar.truth({ source, at: null }, scope),
  variable: scope.get,
  verbosity: run.context.settings.verbosity,
});

/** `changed_when` and `failed_when` overrule what the module says. */
const judged = (call: TaskCall, run: PlayRun, turn: Turn, ended: TurnResult): TurnResult => {
  const { changedWhen, failedWhen } = call.step.keywords;
  if (
    (changedWhen === null && failedWhen === null) ||
    ended.status === "skipped" ||
    ended.status === "would-follow"
  )
    return ended;
  const at = resultScope(call, run, turn, ended);
  const holds = (conditions: NonNullable<typeof changedWhen>): boolean =>
    conditions.every((condition) => run.templar.truth(condition, at));
  let verdict = { changed: ended.changed, values: ended.values };
  try {
    if (changedWhen !== null) verdict = { ...verdict, changed: holds(changedWhen) };
  } catch (error) {
    return unjudged(ended, "changed_when_result", error);
  }
  try {
    const failed = failedWhen === null ? ended.status === "failed" : holds(failedWhen);
    if (failedWhen !== null)
      verdict = { ...verdict, values: { ...ended.values, failed_when_result: failed } };
    return { ...ended, ...verdict, status: failed ? "failed" : verdict.changed ? "changed" : "ok" };
  } catch (error) {
    return unjudged({ ...ended, ...verdict }, "failed_when_result", error);
  }
};

/** A task that was done, but whose condition cannot be told: it failed, and its result is kept. */
const unjudged = (ended: TurnResult, name: string, error: unknown): TurnResult => {
  const { msg, hint } = failureOf(error);
  return { ...ended, status: "failed", msg, hint, values: { ...ended.values, [name]: msg } };
};

/** The scope in which the result of this very task can be looked at under its registered name. */
const resultScope = (call: TaskCall, run: PlayRun, turn: Turn, ended: TurnResult): TaskScope => {
  const name = call.step.keywords.register;
  const own = new Map([...turn.variables, ...ended.facts]);
  return scopeOf(call.step, call.at, run, name === null ? own : own.set(name, registered(ended)));
};

/** A keyword's number of seconds or tries; what is no number counts as not set. */
export const numberOf = (value: Value, otherwise: number): number => {
  if (value === null) return otherwise;
  const number = value instanceof PyFloat ? value.value : Number(value);
  return Number.isFinite(number) ? number : otherwise;
};
