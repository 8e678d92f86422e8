import { LbplayError } from "../core/error.ts";
import { TransportError } from "../core/transport.ts";
import type { Value } from "../core/value.ts";
import { numberOf, tryUntilDone } from "./attempts.ts";
import type { TurnResult } from "./execute.ts";
import { handlerKeysFor, settleNeedless } from "./handlers.ts";
import { keepFacts } from "./host-state.ts";
import { breathe } from "./interrupted.ts";
import type { Turn } from "./loops.ts";
import type { PlayRun } from "./play-run.ts";
import { type Prepared, prepare, type Rendered, render } from "./prepare.ts";
import { endedTurn, failureOf, registered } from "./results.ts";
import { type DoneTurn, isSet, type TaskCall, type TaskEnd } from "./task-call.ts";
import { finish } from "./task-end.ts";
import { isIgnored, plainLabel, reportTurn, reportUnreachable, turnLabel } from "./task-report.ts";
import type { TaskScope } from "./templar.ts";
import { failingCondition, generationOf, loopTurns, ONE_TURN, scopeOf } from "./turns.ts";

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
  if (step.keywords.loop === null) return runTurn(call, run, ONE_TURN, 0);
  let turns: readonly Turn[];
  try {
    turns = loopTurns(step, scope, run);
  } catch (error) {
    return skippedOrFailed(call, run, scope, error);
  }
  const done: DoneTurn[] = [];
  for (const [index, turn] of turns.entries()) {
    const before = run.context.now().getTime();
    await breathe(run.context.signal);
    const ended = await runTurn(call, run, knowingLast(call, turn, done.at(-1)), index);
    if (ended.breaks) return { ...ended, value: registered(ended.turn) };
    const { item, labelled } = withLabel(call, run, turn, ended);
    done.push(labelled);
    reportTurn(call, run, labelled, {
      started: before,
      item,
      ignored: isIgnored(call, run, labelled.turn),
    });
    await pauseBetween(call, run, scope, index < turns.length - 1);
  }
  return done;
};

/** What a turn is called; one whose label cannot be rendered has failed. */
const withLabel = (call: TaskCall, run: PlayRun, turn: Turn, ended: DoneTurn) => {
  try {
    return { item: turnLabel(call, run, turn), labelled: ended };
  } catch (error) {
    const { msg, hint } = failureOf(error);
    const failed: TurnResult = { ...ended.turn, status: "failed", msg, hint };
    const labelled = { ...ended, turn: failed, value: registered(failed, turn.shown) };
    return { item: plainLabel(turn), labelled };
  }
};

/** Within a loop the registered name is the result of the turn before. */
const knowingLast = (call: TaskCall, turn: Turn, last: DoneTurn | undefined): Turn => {
  const name = call.step.keywords.register;
  if (name === null || last === undefined) return turn;
  return { ...turn, variables: new Map([...turn.variables, [name, last.value]]) };
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
  return plain(explained(call, run, scope, error));
};

const plain = (turn: TurnResult, extra: Readonly<Record<string, Value>> = {}): DoneTurn => ({
  turn,
  value: registered(turn, extra),
  delegatedTo: null,
  notifies: [],
  breaks: false,
});

const skippedBy = (condition: string): TurnResult => ({
  ...endedTurn("skipped", null),
  values: { skip_reason: "Conditional result was False", false_condition: condition },
});

/** One turn: its condition, then tries until it is as wanted. */
const runTurn = async (call: TaskCall, run: PlayRun, turn: Turn, index: number): Promise<DoneTurn> => {
  const { step, at } = call;
  const scope = scopeOf(step, at, run, turn.variables);
  const extra = turn.shown;
  let rendered: Rendered | Prepared;
  try {
    const condition = failingCondition(step, scope, run);
    if (condition !== null) return plain(skippedBy(condition), extra);
    rendered = remembered(call, run, index) ?? render(step, at.host.name, scope, run);
  } catch (error) {
    // As in Ansible, a template that cannot be rendered ends the whole loop; a module's failure does not.
    const failed = explained(call, run, scope, error);
    return { ...plain(failed, extra), breaks: failed.status === "failed" };
  }
  try {
    const prepared = "bound" in rendered ? rendered : prepare(step, at.host.name, scope, run, rendered);
    const notifies = handlerKeysFor(step, scope, run);
    const ended = await tryUntilDone(call, run, turn, scope, prepared).catch(leaveBroken(prepared));
    takeFacts(call, run, ended, prepared.delegatedTo);
    if (isNeedless(ended, prepared)) settleNeedless(at.host, notifies, run);
    return {
      turn: ended,
      value: registered(ended, extra),
      delegatedTo: prepared.delegatedTo,
      notifies,
      breaks: false,
    };
  } catch (error) {
    return plain(explained(call, run, scope, error), extra);
  }
};

/** A connection that failed is not kept: the next task that still wants the node, if any, opens another. */
const leaveBroken =
  ({ session }: Prepared) =>
  async (error: unknown): Promise<never> => {
    if (error instanceof TransportError) await session.reset();
    throw error;
  };

/** What was prepared while looking ahead; not where a turn may depend on the one before. */
const remembered = (call: TaskCall, run: PlayRun, index: number): Prepared | null => {
  if (index > 0 && call.step.keywords.register !== null) return null;
  const memory = call.memory.get(call.step);
  if (memory === undefined || memory.generation !== generationOf(run) || call.at.local.size > 0) return null;
  return memory.turns[index] ?? null;
};

/** In check mode a task may lack the result of one that was not run: what it would do cannot be known. */
const explained = (call: TaskCall, run: PlayRun, scope: TaskScope, error: unknown): TurnResult => {
  const undefinedName = error instanceof LbplayError && error.code === "E_UNDEFINED";
  if (undefinedName && run.context.settings.mode === "check" && dependsOnUnrun(call, run, scope))
    return endedTurn("would-follow", error.message);
  return failureOf(error);
};

const dependsOnUnrun = (call: TaskCall, run: PlayRun, scope: TaskScope): boolean => {
  const looked = new Set(scope.looked());
  const hosts = looked.has("hostvars") ? run.hosts : [call.at.host];
  return hosts.some(({ unrun }) =>
    looked.has("hostvars") ? unrun.size > 0 : [...unrun].some((name) => looked.has(name)),
  );
};

/** Facts are the task's host's, with `delegate_facts` the other's. */
const takeFacts = (call: TaskCall, run: PlayRun, ended: TurnResult, delegatedTo: string | null): void => {
  const { host } = call.at;
  const goes = delegatedTo !== null && isSet(call, run, call.step.keywords.delegateFacts, "delegate_facts");
  const variables = goes ? run.variables.hosts.get(delegatedTo) : host.variables;
  const owner = goes && delegatedTo !== null ? delegatedTo : host.name;
  if (variables !== undefined) keepFacts(owner, variables, ended, run.context.factCache);
  if (goes) host.variables.generation += 1;
};

/** Before an action its handlers are recorded as owed; where it turned out to have changed nothing, they are not. */
const isNeedless = (ended: TurnResult, prepared: Prepared): boolean =>
  prepared.bound.kind === "action" && !ended.changed && ended.status !== "would-follow";
