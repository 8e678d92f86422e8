import type { TaskLabel } from "../core/event.ts";
import type { BlockStep, IncludeStep, MetaStep, Step, TaskStep } from "../core/play.ts";
import { dict, isDict, isTemplate, type Source, type Value } from "../core/value.ts";
import type { FactCache } from "./fact-cache.ts";
import { collectOwed, handlersOf, settleOwed } from "./handlers.ts";
import { type HostState, isPassedOver, keepFacts, setVariable } from "./host-state.ts";
import { includeVarsStep } from "./include-vars.ts";
import { expandInclude } from "./includes.ts";
import { breathe } from "./interrupted.ts";
import { runMeta } from "./meta.ts";
import { onEach } from "./on-each.ts";
import type { PlayRun } from "./play-run.ts";
import { runTask } from "./run-task.ts";
import { matchesName } from "./start.ts";
import type { TaskEnd } from "./task-call.ts";
import { asBoolean } from "./templar.ts";
import { failingCondition, isTagged, type PreparedMemory, type Standpoint, scopeOf } from "./turns.ts";
import type { Surroundings } from "./variables.ts";

/** What the steps of one play are walked with. */
export interface Walk extends Surroundings {
  readonly run: PlayRun;
  readonly memories: ReadonlyMap<string, PreparedMemory>;
  /** A rescue is around: a failure is not counted as one yet. */
  readonly rescuable: boolean;
  readonly handler: boolean;
  readonly control: WalkControl;
}

/** What changes while walking. */
export interface WalkControl {
  /** False until the task of `--start-at-task` is met. */
  started: boolean;
  /** `--step`: ask before each task. */
  asking: boolean;
  /** Counts tasks, for their ids. */
  tasks: number;
  /** More hosts failed than max_fail_percentage allows, or any_errors_fatal: the play ends. */
  aborted: boolean;
  /** meta: end_play. */
  ended: boolean;
}

/** Runs steps on hosts in lock-step: every host ends a task before any begins the next. */
export const walkSteps = async (
  steps: readonly Step[],
  hosts: readonly HostState[],
  walk: Walk,
): Promise<void> => {
  for (const step of steps) {
    const active = hosts.filter((host) => host.status === "active");
    if (active.length === 0) return;
    const role = step.kind === "block" || walk.handler ? null : step.role;
    const due = active.filter((host) => !isPassedOver(host, role));
    if (due.length > 0) await walkStep(step, due, walk);
  }
};

const walkStep = async (step: Step, hosts: readonly HostState[], walk: Walk): Promise<void> => {
  await breathe(walk.run.context.signal);
  switch (step.kind) {
    case "task":
      return walkTask(step, hosts, walk);
    case "block":
      return walkBlock(step, hosts, walk);
    case "include":
      return step.what === "vars"
        ? walkTask(includeVarsStep(step), hosts, walk)
        : walkInclude(step, hosts, walk);
    case "meta":
      return walkMeta(step, hosts, walk);
  }
};

const walkTask = async (step: TaskStep, hosts: readonly HostState[], walk: Walk): Promise<void> => {
  const { run } = walk;
  if (!walk.handler && !isTagged(step, run)) return;
  const first = hosts[0];
  if (first === undefined || !(await isDue(step, first, walk))) return;
  const label = labelOf(step, standpoint(first, walk), walk);
  run.context.sink({ kind: "task-started", time: run.context.now().getTime(), task: label });
  const once = isOnce(step, first, walk);
  const alone = once || run.context.module(step.module, step.keywords.collections)?.once === true;
  const ends = await onEach(alone ? [first] : hosts, widthOf(step, first, walk), (host) =>
    callTask(step, label, host, walk),
  );
  if (once) shareResult(step, first, hosts, ends[0], run.context.factCache);
  endPlayIfFatal(step, hosts, walk);
};

/** Whether only the first host does it. */
const isOnce = (step: TaskStep | IncludeStep, first: HostState, walk: Walk): boolean => {
  const value = walk.run.templar.resolve(
    step.keywords.runOnce,
    scopeOf(step, standpoint(first, walk), walk.run),
  );
  return asBoolean(value, "run_once") === true;
};

const callTask = async (step: TaskStep, label: TaskLabel, host: HostState, walk: Walk): Promise<TaskEnd> => {
  const memory = walk.memories.get(host.name) ?? new WeakMap();
  const end = await runTask(
    { step, label, at: standpoint(host, walk), memory, rescuable: walk.rescuable },
    walk.run,
  );
  if (host.status === "failed" && walk.rescuable) rememberFailure(host, label, end.result);
  return end;
};

const standpoint = (host: HostState, walk: Walk): Standpoint => ({
  host,
  local: walk.local,
  params: walk.params,
  speculative: false,
});

/** What `--start-at-task` and `--step` say about a task. */
const isDue = async (step: TaskStep | IncludeStep, host: HostState, walk: Walk): Promise<boolean> => {
  const { control, run } = walk;
  const name = labelOf(step, standpoint(host, walk), { ...walk, control: { ...control } }).name;
  const wanted = run.context.settings.startAtTask;
  if (!control.started && wanted !== null && !walk.handler && step !== run.gathering) {
    if (!matchesName(name, wanted)) return false;
    control.started = true;
  }
  if (run.context.confirm === null || !control.asking) return true;
  const answer = await run.context.confirm(name);
  if (answer === "continue") control.asking = false;
  return answer !== "no";
};

const labelOf = (step: TaskStep | IncludeStep, at: Standpoint, walk: Walk): TaskLabel => {
  walk.control.tasks += 1;
  const includesRole = step.kind === "include" && step.what === "role";
  const role = step.role === null || includesRole ? "" : `${step.role.name} : `;
  const module =
    step.kind === "task" ? step.module : `${step.module}${includesRole ? ` : ${roleText(step)}` : ""}`;
  return {
    id: String(walk.control.tasks),
    name: role + (renderedName(step, at, walk) ?? module),
    module,
    at: `${step.at.source.path}:${step.at.line}`,
    handler: walk.handler,
  };
};

/** The role that an include names, as it is written. */
const roleText = ({ args }: IncludeStep): string => {
  const name = isDict<Source>(args)
    ? (args.get("name") ?? args.get("role") ?? args.get("_raw_params"))
    : args;
  return typeof name === "string" ? name : isTemplate(name) ? name.source : "";
};

/** A name that cannot be rendered for the first host is shown as it is written. */
const renderedName = (step: TaskStep | IncludeStep, at: Standpoint, walk: Walk): string | null => {
  if (step.name === null || typeof step.name === "string") return step.name;
  try {
    return String(walk.run.templar.resolve(step.name, scopeOf(step, at, walk.run)));
  } catch {
    return typeof step.name === "object" && step.name !== null && "source" in step.name
      ? String(step.name.source)
      : null;
  }
};

/** As many hosts at once as `forks` and `throttle` allow. */
const widthOf = (step: TaskStep, host: HostState, walk: Walk): number => {
  const { run } = walk;
  const scope = scopeOf(step, standpoint(host, walk), run);
  const throttle = Number(run.templar.resolve(step.keywords.throttle, scope) ?? 0);
  return throttle > 0 ? Math.min(throttle, run.context.settings.forks) : run.context.settings.forks;
};

/** run_once: the other hosts get the result, and share the fate. */
const shareResult = (
  step: TaskStep,
  first: HostState,
  hosts: readonly HostState[],
  end: TaskEnd | undefined,
  cache: FactCache | null,
): void => {
  for (const host of hosts) {
    if (host === first || end === undefined) continue;
    if (step.keywords.register !== null) setVariable(host, step.keywords.register, end.result);
    for (const turn of end.turns) keepFacts(host.name, host.variables, turn, cache);
    if (first.status !== "active") host.status = first.status === "unreachable" ? "ended" : first.status;
  }
};

const endPlayIfFatal = (step: TaskStep, hosts: readonly HostState[], walk: Walk): void => {
  const { run } = walk;
  const bad = run.hosts.filter((host) => host.status === "failed" || host.status === "unreachable");
  if (!hosts.some((host) => bad.includes(host))) return;
  const first = hosts[0];
  if (first === undefined) return;
  const scope = scopeOf(step, standpoint(first, walk), run);
  const fatal =
    asBoolean(
      run.templar.resolve(
        step.keywords.anyErrorsFatal ??
          run.play.anyErrorsFatal ??
          run.context.settings.defaults.anyErrorsFatal,
        scope,
      ),
      "any_errors_fatal",
    ) === true;
  const limit =
    run.play.maxFailPercentage === null
      ? null
      : Number(run.templar.resolve(run.play.maxFailPercentage, scope));
  const tooMany = limit !== null && !walk.rescuable && (bad.length / run.hosts.length) * 100 > limit;
  if (!fatal && !tooMany) return;
  for (const host of run.hosts) if (host.status === "active") host.status = "failed";
  if (!walk.rescuable) walk.control.aborted = true;
};

const walkBlock = async (step: BlockStep, hosts: readonly HostState[], walk: Walk): Promise<void> => {
  const rescues = step.rescue.some((one) => isReached(one, walk.run));
  await walkSteps(step.block, hosts, { ...walk, rescuable: walk.rescuable || rescues });
  const failed = hosts.filter((host) => host.status === "failed");
  if (rescues && failed.length > 0) {
    for (const host of failed) host.status = "active";
    await walkSteps(step.rescue, failed, walk);
  }
  if (step.always.length === 0) return;
  const still = hosts.filter((host) => host.status === "failed");
  for (const host of still) host.status = "active";
  await walkSteps(step.always, hosts, walk);
  for (const host of still) if (host.status === "active") host.status = "failed";
};

/** Whether tags leave anything of a step to do. */
const isReached = (step: Step, run: PlayRun): boolean =>
  step.kind === "block"
    ? [...step.block, ...step.rescue, ...step.always].some((one) => isReached(one, run))
    : isTagged(step, run);

/** Each host works out its includes; hosts with the same file go through it together. */
const walkInclude = async (step: IncludeStep, hosts: readonly HostState[], walk: Walk): Promise<void> => {
  const { run } = walk;
  const first = hosts[0];
  if (first === undefined || (!walk.handler && !isTagged(step, run))) return;
  if (!(await isDue(step, first, walk))) return;
  const label = labelOf(step, standpoint(first, walk), walk);
  run.context.sink({ kind: "task-started", time: run.context.now().getTime(), task: label });
  const groups = new Map<
    string,
    { steps: readonly Step[]; local: ReadonlyMap<string, Value>; hosts: HostState[] }
  >();
  for (const host of isOnce(step, first, walk) ? [first] : hosts) {
    for (const one of expandInclude(step, standpoint(host, walk), label, walk)) {
      const group = groups.get(one.key) ?? { steps: one.steps, local: one.local, hosts: [] };
      group.hosts.push(host);
      groups.set(one.key, group);
    }
  }
  for (const group of groups.values()) {
    const around: Surroundings = {
      local: group.local,
      params: step.params.size === 0 ? walk.params : [step.params, ...walk.params],
    };
    run.timeline.insert(step, group.steps, around);
    await walkSteps(
      group.steps,
      group.hosts.filter((host) => host.status === "active"),
      { ...walk, ...around },
    );
  }
};

const walkMeta = async (step: MetaStep, hosts: readonly HostState[], walk: Walk): Promise<void> => {
  if (!walk.handler && !isTagged(step, walk.run)) return;
  const due = hosts.filter(
    (host) => failingCondition(step, scopeOf(step, standpoint(host, walk), walk.run), walk.run) === null,
  );
  if (step.action === "flush_handlers") return flushHandlers(due, walk, false);
  await runMeta(step, due, walk);
};

/**
 * Runs what was notified, in order of definition, on the hosts that notified it. `last` is true at the end of the play:
 * what an earlier run left to do is done then, when this run's tasks have had their say. A host whose handler fails
 * runs no further one, not even by force.
 */
export const flushHandlers = async (
  hosts: readonly HostState[],
  walk: Walk,
  last: boolean,
): Promise<void> => {
  const { run } = walk;
  const force = run.context.settings.forceHandlers || run.play.forceHandlers === true;
  const able = hosts.filter((host) => host.status === "active" || (force && host.status === "failed"));
  const first = able[0];
  if (first === undefined || run.handlers.length === 0) return;
  const ofPlay = { role: null, at: run.play.at, keywords: run.play.keywords };
  const handlers = handlersOf(run, scopeOf(ofPlay, standpoint(first, walk), run));
  if (last) for (const host of able) collectOwed(host, handlers, run);
  const lost = new Set<HostState>();
  for (const handler of handlers) {
    const due = able.filter((host) => host.notified.has(handler.key) && !lost.has(host));
    if (due.length === 0) continue;
    const failed = due.filter((host) => host.status === "failed");
    for (const host of failed) host.status = "active";
    for (const host of due) host.notified.delete(handler.key);
    await walkSteps([handler.step], due, { ...walk, handler: true, rescuable: false });
    for (const host of due) {
      if (host.status !== "active") lost.add(host);
      else settleOwed(host, handler.key, run);
    }
    for (const host of failed) if (host.status === "active") host.status = "failed";
  }
};

/** What a rescue may look at: the task that failed and its result. */
const rememberFailure = (host: HostState, label: TaskLabel, result: ReadonlyMap<Value, Value>): void => {
  setVariable(host, "ansible_failed_task", dict({ name: label.name, action: label.module }));
  setVariable(host, "ansible_failed_result", result);
};
