import { coerce } from "../core/coerce.ts";
import { LbplayError } from "../core/error.ts";
import type { TaskStep } from "../core/play.ts";
import type { BoundTask, Task } from "../core/task.ts";
import type { Become } from "../core/transport.ts";
import { isDict, isList, type Source, type Value } from "../core/value.ts";
import { type Environment, environmentOf, readInEnvironment } from "./environment.ts";
import { INCLUDE_VARS, includeVars } from "./include-vars.ts";
import { readInputs } from "./inputs.ts";
import type { PlayRun } from "./play-run.ts";
import type { NodeSession } from "./session.ts";
import type { TaskScope } from "./templar.ts";

/** One turn of a task on one host, ready to be decided: nothing about it depends on the node any more but its answers. */
export interface Prepared {
  readonly task: Task;
  readonly bound: BoundTask;
  readonly environment: Environment;
  readonly session: NodeSession;
  readonly become: Become | null;
  readonly delegatedTo: string | null;
}

/** The value that `omit` has: an argument with it is left out. */
export const OMIT = "__omit_place_holder__lbplay";

/** What a task's templates came to. */
export interface Rendered {
  readonly args: ReadonlyMap<Value, Value>;
  readonly delegatedTo: string | null;
}

/** Renders a task's arguments. Throws LbplayError: undefined variables, mistakes in templates. */
export const render = (step: TaskStep, host: string, scope: TaskScope, run: PlayRun): Rendered => {
  const task = moduleOf(step, host, run);
  const given = argumentsOf(task, step, run.templar.resolve(step.args, scope));
  return { args: withDefaults(task, step, given, scope, run), delegatedTo: delegateOf(step, scope, run) };
};

/** Binds a task's module to its arguments. Throws LbplayError: parameters that do not fit, files that are not there. */
export const prepare = (
  step: TaskStep,
  host: string,
  scope: TaskScope,
  run: PlayRun,
  { args, delegatedTo }: Rendered = render(step, host, scope, run),
): Prepared => {
  const task = moduleOf(step, host, run);
  const params = parametersOf(task, step, args, run);
  const inputs = readInputs(task.inputs(params), { role: step.role, at: step.at }, scope, {
    files: run.files,
    templar: run.templar,
    now: run.context.now,
  });
  const environment = environmentOf(step, scope, run);
  const bound = readInEnvironment(task.bind(params, inputs), environment);
  if ("probe" in bound && bound.probe.reads.some((read) => read.includes("\0"))) {
    throw new LbplayError({
      code: "E_NUL",
      message: `${step.module}: a path or a name holds a NUL character, which no node can have`,
      at: step.at,
    });
  }
  return {
    task,
    bound,
    environment,
    session: run.sessionOf(delegatedTo ?? host, step, scope),
    become: run.becomeOf(step, delegatedTo ?? host, scope),
    delegatedTo,
  };
};

const moduleOf = (step: TaskStep, host: string, run: PlayRun): Task => {
  if (step.module === INCLUDE_VARS) return includeVars(step, host, run);
  const task = run.context.module(step.module, step.keywords.collections);
  if (task === null) {
    throw new LbplayError({
      code: "E_UNKNOWN_MODULE",
      message: `there is no module ${step.module}`,
      at: step.moduleAt,
    });
  }
  return task;
};

const delegateOf = (step: TaskStep, scope: TaskScope, run: PlayRun): string | null => {
  const name = run.templar.resolve(step.keywords.delegateTo, scope);
  return typeof name === "string" && name !== "" ? name : null;
};

const parametersOf = (
  task: Task,
  step: TaskStep,
  given: Rendered["args"],
  run: PlayRun,
): Readonly<Record<string, unknown>> => {
  const { value, faults } = coerce(task.schema, given);
  const params = value as Readonly<Record<string, unknown>>;
  const misshapen =
    faults.length > 0
      ? faults.map(({ path, message }) => ({ path, message: `${path.join(".")}: ${message}` }))
      : schemaFaults(task, params, run).map(unplaced);
  // Rules are about parameters that have their shape.
  const invalid = misshapen.length > 0 ? misshapen : task.rules(params).map(unplaced);
  if (invalid.length === 0) return params;
  throw new LbplayError({
    code: "E_PARAMETER",
    message: `${step.module}: ${invalid.map(({ message }) => message).join("; ")}`,
    at: step.argPlace(invalid[0]?.path ?? []),
    hint: `lbplay doc ${task.name} shows its parameters`,
  });
};

const unplaced = (message: string): { readonly path: readonly never[]; readonly message: string } => ({
  path: [],
  message,
});

/** The engine's own task has no compiled schema; coercion has looked at its types. */
const schemaFaults = (
  task: Task,
  params: Readonly<Record<string, unknown>>,
  run: PlayRun,
): readonly string[] => (task.name === INCLUDE_VARS ? [] : run.context.validate(task.name, params));

/** Free-form text is under the module's own parameter; `omit` takes an argument away. */
const argumentsOf = (task: Task, step: TaskStep, args: Value): ReadonlyMap<Value, Value> => {
  if (args === null) return new Map();
  if (!isDict<Value>(args)) {
    if (typeof args === "string" && task.freeForm !== null) return new Map([[task.freeForm, args]]);
    throw new LbplayError({
      code: "E_PARAMETER",
      message: `${step.module}: expected a mapping of parameters, found ${JSON.stringify(args)}`,
      at: step.at,
    });
  }
  const beneath = args.get("_variable_params");
  return new Map(
    [...(isDict<Value>(beneath) ? beneath : []), ...args]
      .filter(([key, value]) => value !== OMIT && key !== "_variable_params")
      .map(([key, value]) => [key === "_raw_params" ? (task.freeForm ?? key) : key, withoutOmitted(value)]),
  );
};

const withoutOmitted = (value: Value): Value => {
  if (isList<Value>(value)) return value.filter((item) => item !== OMIT).map(withoutOmitted);
  if (isDict<Value>(value) && [...value.values()].includes(OMIT)) {
    return new Map([...value].filter(([, item]) => item !== OMIT));
  }
  return value;
};

/** `module_defaults`: for what the task does not say itself. As in Ansible the innermost ones of a module replace the others. */
const withDefaults = (
  task: Task,
  step: TaskStep,
  args: ReadonlyMap<Value, Value>,
  scope: TaskScope,
  run: PlayRun,
): ReadonlyMap<Value, Value> => {
  const layers = step.keywords.moduleDefaults.flatMap((layer) =>
    [task.name, ...task.aliases].flatMap((name): readonly Source[] => {
      const defaults = layer.get(name);
      return defaults === undefined ? [] : [defaults];
    }),
  );
  const innermost = layers.at(-1);
  if (innermost === undefined) return args;
  const defaults = run.templar.resolve(innermost, scope);
  return isDict<Value>(defaults) ? new Map([...defaults, ...args]) : args;
};
