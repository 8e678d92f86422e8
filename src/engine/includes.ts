import { LbplayError, LbplayErrors } from "../core/error.ts";
import type { TaskLabel } from "../core/event.ts";
import type { IncludeStep, Step } from "../core/play.ts";
import { dict, isDict, toJson, type Value } from "../core/value.ts";
import { count, type HostState, noteRole, setVariable } from "./host-state.ts";
import type { PlayRun } from "./play-run.ts";
import { endedTurn, failureOf } from "./results.ts";
import { asBoolean } from "./templar.ts";
import { failingCondition, loopTurns, type Standpoint, scopeOf } from "./turns.ts";
import type { Walk } from "./walk.ts";

/** What an include turned out to hold for one host and turn; hosts with the same key go through it together. */
export interface Expanded {
  readonly key: string;
  readonly steps: readonly Step[];
  readonly local: ReadonlyMap<string, Value>;
}

/** Works out an include for one host: its condition, its loop, its file or role. Failures are reported like a task's. */
export const expandInclude = (
  step: IncludeStep,
  at: Standpoint,
  label: TaskLabel,
  walk: Walk,
): readonly Expanded[] => {
  const { run } = walk;
  try {
    const scope = scopeOf(step, at, run);
    if (step.keywords.loop === null && failingCondition(step, scope, run) !== null)
      return skipped(step, at.host, label, run);
    const expanded = loopTurns(step, scope, run).flatMap((turn): readonly Expanded[] => {
      const own = turn.variables.size === 0 ? scope : scopeOf(step, at, run, turn.variables);
      if (failingCondition(step, own, run) !== null) return [];
      const args = argumentsOf(step, run.templar.resolve(step.args, own));
      const local = turn.variables.size === 0 ? at.local : new Map([...at.local, ...turn.variables]);
      return expandOne(step, args, local, run);
    });
    if (expanded.length === 0) return skipped(step, at.host, label, run);
    // Ansible's recap counts every file of tasks that is included, but no role.
    if (step.what === "tasks") for (const _ of expanded) count(at.host, "ok");
    noteRole(at.host, step.role);
    report(step, at.host, label, run, { status: "ok", msg: null, hint: null });
    return expanded;
  } catch (error) {
    if (!(error instanceof LbplayError) && !(error instanceof LbplayErrors)) throw error;
    const { msg, hint } = failureOf(error);
    at.host.status = "failed";
    count(at.host, walk.rescuable ? "rescued" : "failed");
    report(step, at.host, label, run, { status: "failed", msg, hint }, walk.rescuable);
    return [];
  }
};

const skipped = (step: IncludeStep, host: HostState, label: TaskLabel, run: PlayRun): readonly Expanded[] => {
  count(host, "skipped");
  report(step, host, label, run, { status: "skipped", msg: null, hint: null });
  return [];
};

const argumentsOf = (step: IncludeStep, args: Value): ReadonlyMap<string, Value> => {
  if (typeof args === "string") return new Map([["_raw_params", args]]);
  if (isDict<Value>(args)) return new Map([...args].map(([key, value]) => [String(key), value]));
  throw new LbplayError({
    code: "E_PARAMETER",
    message: `include_${step.what}: expected a file or a mapping`,
    at: step.at,
  });
};

const expandOne = (
  step: IncludeStep,
  args: ReadonlyMap<string, Value>,
  local: ReadonlyMap<string, Value>,
  run: PlayRun,
): readonly Expanded[] => {
  const text = (name: string): string | null => {
    const value = args.get(name) ?? null;
    return value === null ? null : String(value);
  };
  switch (step.what) {
    case "vars":
      throw new Error("include_vars is a task");
    case "tasks": {
      const file = required(step, text("file") ?? text("_raw_params"), "file");
      return [
        {
          key: keyOf(step, file, local),
          steps: once(run, step, file, () => run.context.loader.includeTasks(file, step)),
          local,
        },
      ];
    }
    case "role": {
      const name = required(step, text("name") ?? text("role") ?? text("_raw_params"), "name");
      const from = (part: string): string | null => text(`${part}_from`);
      const role = {
        name,
        tasksFrom: from("tasks"),
        varsFrom: from("vars"),
        defaultsFrom: from("defaults"),
        handlersFrom: from("handlers"),
        public: args.get("public") === true,
        validates: asBoolean(args.get("rolespec_validate") ?? null, "rolespec_validate") !== false,
      };
      const key = keyOf(step, JSON.stringify(role), local);
      return [{ key, steps: once(run, step, key, () => loadRole(run, role, step)), local }];
    }
  }
};

/** Worked out once per include, so that all hosts (and turns) share the same steps. */
const once = (run: PlayRun, step: IncludeStep, key: string, load: () => readonly Step[]): readonly Step[] => {
  const known = run.included.get(step) ?? new Map<string, readonly Step[]>();
  run.included.set(step, known);
  const steps = known.get(key) ?? load();
  known.set(key, steps);
  return steps;
};

const loadRole = (
  run: PlayRun,
  role: Parameters<PlayRun["context"]["loader"]["includeRole"]>[0],
  step: IncludeStep,
): readonly Step[] => {
  const { steps, handlers, instance } = run.context.loader.includeRole(role, step);
  run.handlers.push(...handlers);
  if (role.public) {
    run.variables.roles.push(instance);
    for (const host of run.hosts) host.variables.generation += 1;
  }
  return steps;
};

const keyOf = (step: IncludeStep, what: string, local: ReadonlyMap<string, Value>): string =>
  JSON.stringify([
    step.at.source.path,
    step.at.line,
    what,
    [...local].map(([name, value]) => [name, toJson(value)]),
  ]);

const required = (step: IncludeStep, value: string | null, name: string): string => {
  if (value !== null && value !== "") return value;
  throw new LbplayError({
    code: "E_PARAMETER",
    message: `include_${step.what}: ${name} is missing`,
    at: step.at,
  });
};

const report = (
  step: IncludeStep,
  host: HostState,
  label: TaskLabel,
  run: PlayRun,
  end: {
    readonly status: "ok" | "skipped" | "failed";
    readonly msg: string | null;
    readonly hint: string | null;
  },
  rescuable = false,
): void => {
  if (step.keywords.register !== null) {
    setVariable(host, step.keywords.register, dict({ changed: false, failed: end.status === "failed" }));
  }
  const time = run.context.now().getTime();
  run.context.sink({
    kind: "host-result",
    time,
    host: host.name,
    task: label,
    status: end.status,
    ignored: false,
    rescued: rescuable && end.status === "failed",
    item: null,
    delegatedTo: null,
    msg: end.msg,
    hint: end.hint,
    changes: endedTurn("ok", null).changes,
    diff: false,
    diffRefused: false,
    result: { changed: false },
    duration: 0,
  });
};
