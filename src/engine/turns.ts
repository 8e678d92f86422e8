import type { IncludeStep, Step, TaskStep } from "../core/play.ts";
import type { Template, Value } from "../core/value.ts";
import type { HostState } from "./host-state.ts";
import { type Turn, turnsOf } from "./loops.ts";
import type { PlayRun } from "./play-run.ts";
import { type Prepared, prepare } from "./prepare.ts";
import { isSelected, tagNames } from "./tags.ts";
import type { TaskScope } from "./templar.ts";
import { createScope, NO_SURROUNDINGS, type Surroundings } from "./variables.ts";

/** Where a step is run: the host, and what the includes around it bring. */
export interface Standpoint extends Surroundings {
  readonly host: HostState;
  readonly speculative: boolean;
}

/** What decides which variables a step sees. */
export type Scoped = Pick<TaskStep, "role" | "at" | "keywords">;

/** The variables of a step at a standpoint, with a turn's own on top. */
export const scopeOf = (
  step: Scoped,
  at: Standpoint,
  run: PlayRun,
  own: ReadonlyMap<string, Value> = new Map(),
): TaskScope =>
  createScope(run.variables, {
    host: at.host.name,
    role: step.role,
    at: step.at,
    keywords: step.keywords,
    params: at.params,
    local: own.size === 0 ? at.local : new Map([...at.local, ...own]),
    speculative: at.speculative,
  });

/** Whether all conditions of a step hold; the one that does not is given back. */
export const failingCondition = (
  step: Pick<TaskStep, "keywords">,
  scope: TaskScope,
  run: PlayRun,
): string | null =>
  step.keywords.when.find((condition) => !run.templar.truth(condition, scope))?.source ?? null;

/** The only turn of a step that does not loop. */
export const ONE_TURN: Turn = { item: null, variables: new Map(), shown: {} };

/** The turns of a step's loop, or one turn without an item. */
export const loopTurns = (step: TaskStep | IncludeStep, scope: TaskScope, run: PlayRun): readonly Turn[] =>
  step.keywords.loop === null ? [ONE_TURN] : turnsOf(step.keywords.loop, scope, run.templar);

/** Whether tags let a step run. */
export const isTagged = (step: Step, run: PlayRun): boolean => {
  const { tags, skipTags } = run.context.settings;
  return isSelected(
    tagNames(step.keywords.tags, (template) => earlyText(template, step, run)),
    tags,
    skipTags,
  );
};

/** A tag is the same for all hosts: it is rendered with the variables of the play; as written where they do not suffice. */
const earlyText = (template: Template, step: Step, run: PlayRun): Value => {
  const scope = createScope(run.variables, {
    host: "",
    role: step.kind === "block" ? null : step.role,
    at: step.at,
    keywords: step.keywords,
    ...NO_SURROUNDINGS,
    speculative: true,
  });
  try {
    return run.templar.resolve(template, scope);
  } catch {
    return template.source;
  }
};

/** What was prepared while looking ahead, as long as no variable has changed since. */
export type PreparedMemory = WeakMap<
  TaskStep,
  { readonly generation: string; readonly turns: readonly (Prepared | null)[] }
>;

/** The generation of all variables that a task of this play can see; who is still there is one of them. */
export const generationOf = (run: PlayRun): string =>
  run.hosts.map((host) => `${host.variables.generation} ${host.status}`).join(",");

/**
 * Prepares a task's turns on a host without running anything; null for a turn whose condition does not hold.
 * Throws where a variable is not there yet.
 */
const foresee = (step: TaskStep, at: Standpoint, run: PlayRun): readonly (Prepared | null)[] => {
  const scope = scopeOf(step, at, run);
  return loopTurns(step, scope, run).map((turn) => {
    const own = turn.variables.size === 0 ? scope : scopeOf(step, at, run, turn.variables);
    return failingCondition(step, own, run) === null ? prepare(step, at.host.name, own, run) : null;
  });
};

/**
 * The reads that the tasks after a step will probably ask of the same shell. Only a guess is at stake: a read that
 * turns out otherwise is asked again, one that is never needed cost a little.
 */
export const readsAhead =
  (
    after: Step | null,
    at: Standpoint,
    like: Pick<Prepared, "session" | "become">,
    memory: PreparedMemory,
    run: PlayRun,
  ) =>
  (limit: number): readonly string[] => {
    const reads: string[] = [];
    let looked = 0;
    for (const { step, local, params } of run.timeline.after(after)) {
      if (looked >= limit) break;
      if (step.kind === "meta" && step.action === "flush_handlers" && at.host.notified.size > 0) break;
      if (step.kind !== "task" || !isTagged(step, run)) continue;
      const turns = tryForesee(step, { ...at, local, params, speculative: true }, memory, run);
      const mine = turns.filter(
        (turn) => turn !== null && turn.session === like.session && sameUser(turn, like),
      );
      for (const turn of mine)
        if (turn !== null && "probe" in turn.bound) reads.push(...turn.bound.probe.reads);
      if (mine.length > 0) looked += 1;
    }
    return reads;
  };

const tryForesee = (
  step: TaskStep,
  at: Standpoint,
  memory: PreparedMemory,
  run: PlayRun,
): readonly (Prepared | null)[] => {
  const generation = generationOf(run);
  const present = memory.get(step);
  if (present !== undefined && present.generation === generation && at.local.size === 0) return present.turns;
  try {
    const turns = foresee(step, at, run);
    if (at.local.size === 0) memory.set(step, { generation, turns });
    return turns;
  } catch {
    // What cannot be foreseen (a result that is not there yet, an error that the task itself will report) is asked in its turn.
    return [];
  }
};

const sameUser = (a: Pick<Prepared, "become">, b: Pick<Prepared, "become">): boolean =>
  a.become?.user === b.become?.user && a.become?.method === b.become?.method;
