import { LbplayError } from "../core/error.ts";
import type { HostStatus, TaskLabel } from "../core/event.ts";
import type { TaskStep } from "../core/play.ts";
import { TransportError } from "../core/transport.ts";
import { dict, isDict, isList, PyFloat, type Source, toJson, type Value } from "../core/value.ts";
import { execute, type TurnResult } from "./execute.ts";
import { handlerKeysFor } from "./handlers.ts";
import { count, setFacts, setVariable } from "./host-state.ts";
import type { Turn } from "./loops.ts";
import type { PlayRun } from "./play-run.ts";
import { type Prepared, prepare } from "./prepare.ts";
import { endedTurn, failureOf, loopResult, registered } from "./results.ts";
import { asBoolean, type TaskScope } from "./templar.ts";
import { failingCondition, generationOf, loopTurns, type PreparedMemory, readsAhead, scopeOf, type Standpoint } from "./turns.ts";

/** How a task ended on a host. */
export interface TaskEnd {
  readonly status: HostStatus;
  readonly ignored: boolean;
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

interface DoneTurn {
  readonly turn: TurnResult;
  readonly value: ReadonlyMap<Value, Value>;
  readonly delegatedTo: string | null;
}

/** Runs a task on one host, with its loop, conditions, retries, registered result and notifications. */
export const runTask = async (call: TaskCall, run: PlayRun): Promise<TaskEnd> => {
  const { label, at } = call;
  const started = run.context.now().getTime();
  run.context.sink({ kind: "host-started", time: started, host: at.host.name, task: label });
  try {
    return finish(call, run, started, await runTurns(call, run));
  } catch (error) {
    if (!(error instanceof TransportError)) throw error;
    return unreachable(call, run, started, error);
  }
};

/** All turns of a task; a loop that cannot be worked out is one failed (or, by its condition, skipped) turn. */
const runTurns = async (call: TaskCall, run: PlayRun): Promise<readonly DoneTurn[] | DoneTurn> => {
  const { step, at } = call;
  const scope = scopeOf(step, at, run);
  if (step.keywords.loop === null) return runTurn(call, run, { item: null, variables: new Map() }, 0);
  let turns: readonly Turn[];
  try {
    turns = loopTurns(step, scope, run);
  } catch (error) {
    return skippedOrFailed(call, run, scope, error);
  }
  const done: DoneTurn[] = [];
  for (const [index, turn] of turns.entries()) {
    const before = run.context.now().getTime();
    const ended = await runTurn(call, run, turn, index);
    done.push(ended);
    emit(call, run, ended, { started: before, item: labelOf(call, run, turn), ignored: isIgnored(call, run, scope, ended.turn) });
    await pauseBetween(call, run, scope, index < turns.length - 1);
  }
  return done;
};

const pauseBetween = async (call: TaskCall, run: PlayRun, scope: TaskScope, more: boolean): Promise<void> => {
  const pause = call.step.keywords.loop?.pause ?? null;
  if (more && pause !== null) await run.context.sleep(1000 * numberOf(run.templar.resolve(pause, scope), 0));
};

const skippedOrFailed = (call: TaskCall, run: PlayRun, scope: TaskScope, error: unknown): DoneTurn => {
  try {
    const condition = failingCondition(call.step, scope, run);
    if (condition !== null) return plain(skippedBy(condition));
  } catch {
    // The condition needs the item that there is not: the loop's own error is the one to show.
  }
  return plain(explained(call, run, error));
};

const plain = (turn: TurnResult): DoneTurn => ({ turn, value: registered(turn), delegatedTo: null });

const skippedBy = (condition: string): TurnResult => ({
  ...endedTurn("skipped", null),
  values: { skip_reason: "Conditional result was False", false_condition: condition },
});

/** One turn: its condition, then tries until it is as wanted. */
const runTurn = async (call: TaskCall, run: PlayRun, turn: Turn, index: number): Promise<DoneTurn> => {
  const { step, at } = call;
  const scope = scopeOf(step, at, run, turn.variables);
  const extra: Record<string, Value> =
    step.keywords.loop === null ? {} : { [step.keywords.loop.loopVar]: turn.item, ansible_loop_var: step.keywords.loop.loopVar };
  try {
    const condition = failingCondition(step, scope, run);
    if (condition !== null) {
      const skipped = skippedBy(condition);
      return { turn: skipped, value: registered(skipped, extra), delegatedTo: null };
    }
    const prepared = remembered(call, run, index) ?? prepare(step, at.host.name, scope, run);
    const ended = await untilDone(call, run, turn, scope, prepared);
    takeFacts(call, run, ended, prepared.delegatedTo);
    await notify(call, run, scope, ended, prepared);
    return { turn: ended, value: registered(ended, extra), delegatedTo: prepared.delegatedTo };
  } catch (error) {
    const failed = explained(call, run, error);
    return { turn: failed, value: registered(failed, extra), delegatedTo: null };
  }
};

const remembered = (call: TaskCall, run: PlayRun, index: number): Prepared | null => {
  const memory = call.memory.get(call.step);
  if (memory === undefined || memory.generation !== generationOf(run) || call.at.local.size > 0) return null;
  return memory.turns[index] ?? null;
};

/** In check mode a task may lack the result of one that was not run: what it would do cannot be known. */
const explained = (call: TaskCall, run: PlayRun, error: unknown): TurnResult => {
  const { host } = call.at;
  const undefinedName = error instanceof LbplayError && error.code === "E_UNDEFINED";
  if (undefinedName && run.context.settings.mode === "check" && (host.pending || host.unrun.size > 0)) {
    return endedTurn("would-follow", error.message);
  }
  return failureOf(error);
};

const untilDone = async (call: TaskCall, run: PlayRun, turn: Turn, scope: TaskScope, prepared: Prepared): Promise<TurnResult> => {
  const { until, retries, delay } = call.step.keywords;
  const number = (source: Source, otherwise: number): number => numberOf(run.templar.resolve(source, scope), otherwise);
  const most = until === null && retries === null ? 0 : number(retries, 3);
  for (let attempt = 1; ; attempt += 1) {
    const ended = judged(call, run, turn, await once(call, run, scope, prepared));
    if (most === 0) return ended;
    const counted = { ...ended, values: { ...ended.values, attempts: attempt } };
    if (isDone(call, run, turn, counted) || run.context.settings.mode === "check") return counted;
    if (attempt > most) return until === null ? counted : { ...counted, status: "failed" };
    await run.context.sleep(1000 * number(delay, 5));
  }
};

const isDone = (call: TaskCall, run: PlayRun, turn: Turn, ended: TurnResult): boolean => {
  const conditions = call.step.keywords.until;
  if (conditions === null) return ended.status !== "failed";
  const scope = resultScope(call, run, turn, ended);
  return conditions.every((condition) => run.templar.truth(condition, scope));
};

const once = async (call: TaskCall, run: PlayRun, scope: TaskScope, prepared: Prepared): Promise<TurnResult> => {
  const { step, at, memory } = call;
  if (prepared.bound.kind === "controller") {
    const report = prepared.bound.run(evaluation(run, scope));
    const status = report.failed ? "failed" : report.changed ? "changed" : "ok";
    return { ...endedTurn(status, report.msg), values: report.values, facts: report.facts };
  }
  const checkMode = asBoolean(run.templar.resolve(step.keywords.checkMode, scope), "check_mode");
  const mode = checkMode === null ? run.context.settings.mode : checkMode ? "check" : "apply";
  return execute(prepared, {
    mode,
    owes: mode === "check" ? [] : handlerKeysFor(step, scope, run),
    environment: environmentOf(step, scope, run),
    ahead: readsAhead(step, { ...at, speculative: true }, prepared, memory, run),
    pending: at.host.pending,
  });
};

const evaluation = (run: PlayRun, scope: TaskScope) => ({
  evaluate: (source: string): Value => run.templar.evaluate({ source, at: null }, scope),
  truth: (source: string): boolean => run.templar.truth({ source, at: null }, scope),
  variable: scope.get,
  verbosity: run.context.settings.verbosity,
});

const environmentOf = (step: TaskStep, scope: TaskScope, run: PlayRun): Readonly<Record<string, string>> =>
  Object.fromEntries(
    step.keywords.environment.flatMap((layer) => {
      const value = run.templar.resolve(layer, scope);
      const layers = isList<Value>(value) ? value : [value];
      return layers.flatMap((one) => (isDict<Value>(one) ? [...one].map(([name, text]) => [String(name), plainText(text)]) : []));
    }),
  );

const plainText = (value: Value): string => (typeof value === "boolean" ? (value ? "True" : "False") : value === null ? "" : String(value));

/** `changed_when` and `failed_when` overrule what the module says. */
const judged = (call: TaskCall, run: PlayRun, turn: Turn, ended: TurnResult): TurnResult => {
  const { changedWhen, failedWhen } = call.step.keywords;
  if ((changedWhen === null && failedWhen === null) || ended.status === "skipped" || ended.status === "would-follow") return ended;
  const at = resultScope(call, run, turn, ended);
  const holds = (conditions: NonNullable<typeof changedWhen>): boolean =>
    conditions.every((condition) => run.templar.truth(condition, at));
  const changed = changedWhen === null ? ended.status === "changed" : holds(changedWhen);
  const failed = failedWhen === null ? ended.status === "failed" : holds(failedWhen);
  const values = failedWhen === null ? ended.values : { ...ended.values, failed_when_result: failed };
  return { ...ended, values, status: failed ? "failed" : changed ? "changed" : "ok" };
};

/** The scope in which the result of this very task can be looked at under its registered name. */
const resultScope = (call: TaskCall, run: PlayRun, turn: Turn, ended: TurnResult): TaskScope => {
  const name = call.step.keywords.register;
  const own = name === null ? turn.variables : new Map([...turn.variables, [name, registered(ended)]]);
  return scopeOf(call.step, call.at, run, own);
};

const takeFacts = (call: TaskCall, run: PlayRun, ended: TurnResult, delegatedTo: string | null): void => {
  const delegated = delegatedTo !== null && call.step.keywords.delegateFacts !== null;
  const host = delegated ? (run.hosts.find((one) => one.name === delegatedTo) ?? call.at.host) : call.at.host;
  for (const [name, value] of ended.facts) setVariable(host, name, value);
  const facts = ended.values.ansible_facts;
  if (facts !== undefined && isDict<Value>(facts)) setFacts(host, facts);
};

/** A change notifies; handlers that were recorded as owed for nothing are settled again. */
const notify = async (call: TaskCall, run: PlayRun, scope: TaskScope, ended: TurnResult, prepared: Prepared): Promise<void> => {
  if (call.step.keywords.notify.length === 0) return;
  const keys = handlerKeysFor(call.step, scope, run);
  if (ended.status === "changed" || ended.status === "would-follow") {
    for (const key of keys) call.at.host.notified.add(key);
  } else if (prepared.bound.kind === "action" && ended.status === "ok") {
    for (const key of keys) if (!call.at.host.notified.has(key)) prepared.session.settle(key);
  }
};

const numberOf = (value: Value, otherwise: number): number => {
  if (value === null) return otherwise;
  const number = value instanceof PyFloat ? value.value : Number(value);
  return Number.isFinite(number) ? number : otherwise;
};

const labelOf = (call: TaskCall, run: PlayRun, turn: Turn): string => {
  const label = call.step.keywords.loop?.label ?? null;
  const value = label === null ? turn.item : run.templar.resolve(label, scopeOf(call.step, call.at, run, turn.variables));
  return typeof value === "string" ? value : JSON.stringify(toJson(value));
};

const isIgnored = (call: TaskCall, run: PlayRun, scope: TaskScope, ended: TurnResult): boolean =>
  ended.status === "failed" && asBoolean(run.templar.resolve(call.step.keywords.ignoreErrors, scope), "ignore_errors") === true;

const isHidden = (call: TaskCall, run: PlayRun): boolean => {
  try {
    return asBoolean(run.templar.resolve(call.step.keywords.noLog, scopeOf(call.step, call.at, run)), "no_log") === true;
  } catch {
    return true;
  }
};

const HIDDEN = "the output is hidden because of no_log: true";

const emit = (
  call: TaskCall,
  run: PlayRun,
  { turn, value, delegatedTo }: DoneTurn,
  about: { readonly started: number; readonly item: string | null; readonly ignored: boolean },
): void => {
  const hidden = isHidden(call, run);
  const time = run.context.now().getTime();
  const diff = asBoolean(run.templar.resolve(call.step.keywords.diff, scopeOf(call.step, call.at, run)), "diff");
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
    changes: hidden ? turn.changes.map((change) => ({ ...change, secret: true })) : turn.changes,
    diff: diff ?? run.context.settings.diff,
    result: hidden ? { censored: HIDDEN } : toJson(value),
    duration: time - about.started,
  });
};

const finish = (call: TaskCall, run: PlayRun, started: number, done: readonly DoneTurn[] | DoneTurn): TaskEnd => {
  const { step, at } = call;
  const whole = wholeOf(done);
  const scope = scopeOf(step, at, run);
  const ignored = isIgnored(call, run, scope, whole.turn);
  emit(call, run, whole, { started, item: null, ignored });
  if (step.keywords.register !== null) {
    setVariable(at.host, step.keywords.register, whole.value);
    if (run.context.settings.mode === "check" && whole.turn.status === "skipped") at.host.unrun.add(step.keywords.register);
  }
  account(call, run, whole.turn, ignored);
  return { status: whole.turn.status, ignored, result: whole.value };
};

const wholeOf = (done: readonly DoneTurn[] | DoneTurn): DoneTurn => {
  if (!isList<DoneTurn>(done)) return done;
  const turns = done.map(({ turn }) => turn);
  const value = loopResult(done.map((one) => one.value), turns);
  const order: readonly TurnResult["status"][] = ["failed", "would-follow", "changed", "ok"];
  const status = order.find((one) => turns.some((turn) => turn.status === one)) ?? "skipped";
  const msg = value.get("msg");
  return {
    turn: { ...endedTurn(status, typeof msg === "string" ? msg : null), values: {} },
    value,
    delegatedTo: done[0]?.delegatedTo ?? null,
  };
};

/** The figures of the recap, and the state of the host for what follows. */
const account = (call: TaskCall, run: PlayRun, turn: TurnResult, ignored: boolean): void => {
  const { host } = call.at;
  switch (turn.status) {
    case "ok":
      return count(host, "ok");
    case "changed":
    case "would-follow":
      if (run.context.settings.mode === "check") host.pending = true;
      return count(host, "ok", "changed");
    case "skipped":
      return count(host, "skipped");
    case "failed":
      if (ignored) return count(host, "ok", "ignored");
      host.status = "failed";
      return call.rescuable ? undefined : count(host, "failed");
  }
};

const unreachable = (call: TaskCall, run: PlayRun, started: number, error: TransportError): TaskEnd => {
  const { host } = call.at;
  const ignored = asBoolean(run.templar.resolve(call.step.keywords.ignoreUnreachable, scopeOf(call.step, call.at, run)), "ignore_unreachable") === true;
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
    result: { unreachable: true, msg: error.message },
    duration: time - started,
  });
  count(host, "unreachable");
  if (!ignored) host.status = "unreachable";
  return { status: "unreachable", ignored, result: dict({ unreachable: true, msg: error.message }) };
};
