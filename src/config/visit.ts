import { type LbplayError, LbplayErrors } from "../core/error.ts";
import type { IncludeStep, Play, RoleInstance, Step } from "../core/play.ts";
import { isTemplate, type Source, type SourceDict, type Value } from "../core/value.ts";
import type { CheckOptions } from "./check-options.ts";
import { argumentOf, isSwitchedOff } from "./special.ts";

/** A step as it will be reached, with what the includes around it bring. */
export interface Visit {
  readonly step: Step;
  /** Names of loop variables of the includes around it. */
  readonly loopNames: readonly string[];
  /** True where nothing but a failure keeps it from running: no condition on it or around it. */
  readonly certain: boolean;
  readonly handler: boolean;
  /** `vars` of the includes around it, innermost first. */
  readonly params: readonly SourceDict[];
  /** A rescue takes care of its failure, or it is part of one. */
  readonly rescued: boolean;
}

/** What can be seen of a play beforehand. */
export interface Visited {
  readonly visits: readonly Visit[];
  /** Roles that include_role brings, with whether the whole play sees their variables. */
  readonly included: readonly { readonly instance: RoleInstance; readonly public: boolean }[];
  /** Something is included that is known only in the run: there may be more steps, handlers and variables. */
  readonly open: boolean;
}

interface Walk {
  readonly options: CheckOptions;
  readonly add: (error: LbplayError) => void;
  readonly visits: Visit[];
  readonly included: { instance: RoleInstance; public: boolean }[];
  /** Includes that are being followed, so that recursion ends. */
  readonly following: Set<string>;
  open: boolean;
}

type Around = Omit<Visit, "step">;

/** All steps of a play, literal includes followed. */
export const visitPlay = (play: Play, options: CheckOptions, add: (error: LbplayError) => void): Visited => {
  const walk: Walk = { options, add, visits: [], included: [], following: new Set(), open: false };
  const outside: Around = {
    loopNames: [],
    certain: true,
    handler: false,
    params: [],
    rescued: false,
  };
  for (const section of play.sections) visitSteps(section, outside, walk);
  visitSteps(play.handlers, { ...outside, handler: true }, walk);
  return { visits: walk.visits, included: walk.included, open: walk.open };
};

const visitSteps = (steps: readonly Step[], around: Around, walk: Walk): void => {
  for (const step of steps) visitStep(step, around, walk);
};

const visitStep = (step: Step, around: Around, walk: Walk): void => {
  const certain = around.certain && step.keywords.when.every((condition) => condition.source === "True");
  walk.visits.push({ ...around, step, certain });
  if (step.kind === "block") {
    visitSteps(step.block, { ...around, rescued: around.rescued || step.rescue.length > 0 }, walk);
    visitSteps(step.rescue, { ...around, rescued: true }, walk);
    visitSteps(step.always, around, walk);
  } else if (step.kind === "include" && step.what !== "vars") follow(step, { ...around, certain }, walk);
};

const follow = (step: IncludeStep, around: Around, walk: Walk): void => {
  const name = argumentOf(step.args, [step.what === "role" ? "name" : "file"]);
  if (typeof name !== "string") {
    walk.open = true;
    return;
  }
  const key = `${step.what} ${name} ${step.at.source.path}:${step.at.line}:${step.at.column}`;
  if (walk.following.has(key)) return;
  walk.following.add(key);
  try {
    const inner = {
      ...around,
      loopNames: [...around.loopNames, ...loopNames(step)],
      params: step.params.size === 0 ? around.params : [step.params, ...around.params],
    };
    if (step.what === "tasks") visitSteps(walk.options.loader.includeTasks(name, step), inner, walk);
    else followRole(step, name, inner, walk);
  } catch (error) {
    if (!(error instanceof LbplayErrors)) throw error;
    for (const one of error.errors) if (around.certain || !mayBeMeant(one)) walk.add(one);
    walk.open = true;
  }
  walk.following.delete(key);
};

/** What is no mistake where a condition keeps the include from being reached: optional files, modules of other systems. */
const mayBeMeant = ({ code, hint }: LbplayError): boolean =>
  code === "E_MISSING_FILE" ||
  code === "E_UNKNOWN_ROLE" ||
  (code === "E_UNKNOWN_MODULE" && hint?.startsWith("did you mean") !== true);

const followRole = (step: IncludeStep, name: string, around: Around, walk: Walk): void => {
  const part = (key: string): string | null | undefined => {
    const value = argumentOf(step.args, [key]);
    return value === undefined ? null : typeof value === "string" ? value : undefined;
  };
  const [tasksFrom, varsFrom, defaultsFrom, handlersFrom] = [
    "tasks_from",
    "vars_from",
    "defaults_from",
    "handlers_from",
  ].map(part);
  if (
    tasksFrom === undefined ||
    varsFrom === undefined ||
    defaultsFrom === undefined ||
    handlersFrom === undefined
  ) {
    walk.open = true;
    return;
  }
  const isPublic = argumentOf(step.args, ["public"]) ?? false;
  const validate = argumentOf(step.args, ["rolespec_validate"]);
  const validates = !isTemplate(validate) && !isSwitchedOff(validate);
  const loaded = walk.options.loader.includeRole(
    { name, tasksFrom, varsFrom, defaultsFrom, handlersFrom, public: isPublic === true, validates },
    step,
  );
  walk.included.push({ instance: loaded.instance, public: isPublic !== false });
  visitSteps(loaded.steps, around, walk);
  visitSteps(loaded.handlers, { ...around, handler: true }, walk);
};

/** The names that a step's loop gives to it (and, of an include, to its members). */
export const loopNames = (step: Step): readonly string[] => {
  const { loop } = step.keywords;
  if (loop === null) return [];
  return [loop.loopVar, ...(loop.indexVar === null ? [] : [loop.indexVar])];
};

/** The arguments of a task as a mapping; empty where they are one template. */
export const argumentsOf = (args: Source): ReadonlyMap<Value, Source> =>
  args instanceof Map && !isTemplate(args) ? args : new Map();

/** One play with all steps that can be seen beforehand. */
export type VisitedPlay = { readonly play: Play } & Visited;
