import { LbplayError } from "../core/error.ts";
import { TransportError } from "../core/transport.ts";
import { isDict, isList, type Value } from "../core/value.ts";
import { numberOf, tryUntilDone } from "./attempts.ts";
import type { TurnResult } from "./execute.ts";
import { handlerKeysFor } from "./handlers.ts";
import { count, setFacts, setVariable } from "./host-state.ts";
import type { Turn } from "./loops.ts";
import type { PlayRun } from "./play-run.ts";
import { type Prepared, prepare } from "./prepare.ts";
import { endedTurn, failureOf, loopResult, registered } from "./results.ts";
import type { DoneTurn, TaskCall, TaskEnd } from "./task-call.ts";
import { isIgnored, reportTurn, reportUnreachable, turnLabel } from "./task-report.ts";
import type { TaskScope } from "./templar.ts";
import { failingCondition, generationOf, loopTurns, scopeOf } from "./turns.ts";

/** Runs a task on one host, with its loop, conditions, retries, registered result and notifications. */
export const runTask = async (call: TaskCall, run: PlayRun): Promise<TaskEnd> => {
  const { label, at } = call;
  const started = run.context.now().getTime();
  run.context.sink({ kind: "host-started", time: started, host: at.host.name, task: label });
  try {
    return finish(call, run, started, await runTurns(call, run));
  } catch (error) {
    if (!(error instanceof TransportError)) throw error;
    return reportUnreachable(call, run, started, error);
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
    reportTurn(call, run, ended, {
      started: before,
      item: turnLabel(call, run, turn),
      ignored: isIgnored(call, run, ended.turn),
    });
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
    step.keywords.loop === null
      ? {}
      : { [step.keywords.loop.loopVar]: turn.item, ansible_loop_var: step.keywords.loop.loopVar };
  try {
    const condition = failingCondition(step, scope, run);
    if (condition !== null) {
      const skipped = skippedBy(condition);
      return { turn: skipped, value: registered(skipped, extra), delegatedTo: null };
    }
    refuseBackground(call, run, scope);
    const prepared = remembered(call, run, index) ?? prepare(step, at.host.name, scope, run);
    const ended = await tryUntilDone(call, run, turn, scope, prepared);
    takeFacts(call, run, ended, prepared.delegatedTo);
    await notify(call, run, scope, ended, prepared);
    return { turn: ended, value: registered(ended, extra), delegatedTo: prepared.delegatedTo };
  } catch (error) {
    const failed = explained(call, run, error);
    return { turn: failed, value: registered(failed, extra), delegatedTo: null };
  }
};

/** `async` with a `poll` is waited for like any task; only leaving it behind is not possible. */
const refuseBackground = (call: TaskCall, run: PlayRun, scope: TaskScope): void => {
  const { async: seconds, poll } = call.step.keywords;
  if (seconds === null || poll === null || numberOf(run.templar.resolve(poll, scope), 1) !== 0) return;
  throw new LbplayError({
    code: "E_UNSUPPORTED",
    message: "poll: 0 would leave the task running by itself, which lbplay does not do",
    at: call.step.at,
    hint: "leave poll out: the run then waits for the task",
  });
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

const takeFacts = (call: TaskCall, run: PlayRun, ended: TurnResult, delegatedTo: string | null): void => {
  const delegated = delegatedTo !== null && call.step.keywords.delegateFacts !== null;
  const host = delegated ? (run.hosts.find((one) => one.name === delegatedTo) ?? call.at.host) : call.at.host;
  for (const [name, value] of ended.facts) setVariable(host, name, value);
  const facts = ended.values.ansible_facts;
  if (facts !== undefined && isDict<Value>(facts)) setFacts(host, facts);
};

/** A change notifies; handlers that were recorded as owed for nothing are settled again. */
const notify = async (
  call: TaskCall,
  run: PlayRun,
  scope: TaskScope,
  ended: TurnResult,
  prepared: Prepared,
): Promise<void> => {
  if (call.step.keywords.notify.length === 0) return;
  const keys = handlerKeysFor(call.step, scope, run);
  if (ended.status === "changed" || ended.status === "would-follow") {
    for (const key of keys) call.at.host.notified.add(key);
  } else if (prepared.bound.kind === "action") {
    const mine = keys.filter((key) => !call.at.host.notified.has(key) && !prepared.session.owed().has(key));
    for (const key of mine) prepared.session.settle(key);
  }
};

const finish = (
  call: TaskCall,
  run: PlayRun,
  started: number,
  done: readonly DoneTurn[] | DoneTurn,
): TaskEnd => {
  const { step, at } = call;
  const whole = wholeOf(done);
  const ignored = isIgnored(call, run, whole.turn);
  reportTurn(call, run, whole, { started, item: null, ignored });
  if (step.keywords.register !== null) {
    setVariable(at.host, step.keywords.register, whole.value);
    if (run.context.settings.mode === "check" && whole.turn.status === "skipped")
      at.host.unrun.add(step.keywords.register);
  }
  account(call, run, whole.turn, ignored);
  return { status: whole.turn.status, ignored, result: whole.value };
};

const wholeOf = (done: readonly DoneTurn[] | DoneTurn): DoneTurn => {
  if (!isList<DoneTurn>(done)) return done;
  const turns = done.map(({ turn }) => turn);
  const value = loopResult(
    done.map((one) => one.value),
    turns,
  );
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
      count(host, "ok");
      break;
    case "changed":
    case "would-follow":
      if (run.context.settings.mode === "check") host.pending = true;
      count(host, "ok", "changed");
      break;
    case "skipped":
      count(host, "skipped");
      break;
    case "failed":
      if (ignored) count(host, "ok", "ignored");
      else {
        host.status = "failed";
        if (!call.rescuable) count(host, "failed");
      }
  }
};
