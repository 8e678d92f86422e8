import { LbplayError, LbplayErrors } from "../core/error.ts";
import type { Play, TaskStep } from "../core/play.ts";
import { TransportError } from "../core/transport.ts";
import { isList, type Source, type SourceDict, type Value } from "../core/value.ts";
import type { HostState } from "./host-state.ts";
import { magicVariables } from "./magic.ts";
import { onEach } from "./on-each.ts";
import { createOutside, createPlayRun, filesOf, type PlayRun, type Sessions } from "./play-run.ts";
import type { RunContext } from "./run-context.ts";
import { hasStart } from "./start.ts";
import { asBoolean, type Templar } from "./templar.ts";
import { createTimeline } from "./timeline.ts";
import { type PreparedMemory, readsAhead, scopeOf } from "./turns.ts";
import type { HostVariables, PlayVariables } from "./variables.ts";
import { createScope, NO_SURROUNDINGS } from "./variables.ts";
import { flushHandlers, type Walk, walkSteps } from "./walk.ts";

/** What plays of one run share. */
export interface RunState {
  readonly context: RunContext;
  readonly templar: Templar;
  readonly sessions: Sessions;
  /** All hosts of the inventory, by name, with what is known of them. */
  readonly variables: ReadonlyMap<string, HostVariables>;
  /** The hosts that took part so far; failed and unreachable ones stay out of later plays. */
  readonly hosts: Map<string, HostState>;
  readonly hostState: (name: string) => HostState;
  readonly control: Walk["control"];
}

/** Runs one play on its hosts, batch by batch. */
export const runPlay = async (play: Play, state: RunState): Promise<void> => {
  const { context } = state;
  const start = context.settings.startAtTask;
  if (!state.control.started && start !== null && !hasStart(play, start)) return;
  const prompted = await askPrompts(play, context);
  const bareParts = { play, name: play.name ?? "", prompted };
  const bare = variablesOf(bareParts, [], [], state);
  const pattern = patternOf(state.templar.resolve(play.hosts, playScope(bare, null)), play);
  const names = ordered(
    hostsOf(pattern, context),
    state.templar.resolve(play.order, playScope(bare, null)),
    context.random,
  );
  const name = typeof play.name === "string" ? play.name : pattern;
  if (names.length === 0) {
    context.sink({ kind: "no-hosts", time: context.now().getTime(), play: name, pattern });
    return;
  }
  const shared = { ...bareParts, name };
  const all = names.map(state.hostState);
  for (const host of all) {
    if (host.status === "ended") host.status = "active";
    host.rolesRun.clear();
    host.notified.clear();
  }
  const usable = all.filter(({ status }) => status === "active");
  const serial = state.templar.resolve(play.serial, playScope(bare, usable[0]?.name ?? null));
  let met = false;
  for (const whole of batchesOf(all, serial)) {
    const batch = whole.filter(({ status }) => status === "active");
    if (batch.length === 0) continue;
    const run = playRunOf({ ...shared, all }, batch, state);
    if (!met) await meetAll(usable, run);
    met = true;
    context.sink({
      kind: "play-started",
      time: context.now().getTime(),
      play: name,
      hosts: batch.map((host) => host.name),
    });
    await runBatch(run, state);
    // As in Ansible, a batch of which no host is left ends not only the play.
    if (whole.every((host) => batch.includes(host) && isLost(host))) state.control.aborted = true;
    if (state.control.aborted || state.control.ended) break;
  }
  state.control.ended = false;
};

const isLost = ({ status }: HostState): boolean => status === "failed" || status === "unreachable";

const runBatch = async (run: PlayRun, state: RunState): Promise<void> => {
  const walk: Walk = {
    run,
    memories: new Map(run.hosts.map((host): [string, PreparedMemory] => [host.name, new WeakMap()])),
    ...NO_SURROUNDINGS,
    rescuable: false,
    handler: false,
    control: state.control,
  };
  const strategy = run.templar.resolve(
    run.play.strategy,
    playScope(run.variables, run.hosts[0]?.name ?? null),
  );
  const lanes = isFree(strategy, run.play) ? run.hosts.map((host) => [host]) : [run.hosts];
  await onEach(lanes, run.context.settings.forks, (hosts) => runLane(hosts, walk));
};

const isFree = (strategy: Value, play: Play): boolean => {
  const name = typeof strategy === "string" ? strategy.replace(/^ansible\.builtin\./, "") : "linear";
  if (name === "free" || name === "host_pinned") return true;
  if (name === "linear" || name === "debug") return false;
  throw new LbplayError({
    code: "E_UNKNOWN_STRATEGY",
    message: `the strategy ${name} is unknown`,
    at: play.at,
    hint: "use linear, free or host_pinned",
  });
};

/** Where the roles stand among the sections of a play. */
const ROLES = 1;

const runLane = async (hosts: readonly HostState[], walk: Walk): Promise<void> => {
  const { play } = walk.run;
  const facts = walk.run.gathering;
  if (facts !== null) await walkSteps([facts], hosts, walk);
  for (const [index, section] of play.sections.entries()) {
    await walkSteps(section, hosts, walk);
    // As in Ansible, roles and tasks have their handlers flushed together.
    if (index !== ROLES || walk.control.aborted)
      await flushHandlers(hosts, walk, index === play.sections.length - 1);
    if (walk.control.aborted || walk.control.ended) return;
  }
};

/**
 * Meets all nodes of the play before the first of them is changed: every lock is ours then, or the run ends. The reads
 * that can be foreseen come with the same trip. A node that cannot be reached is reported by its first task.
 */
const meetAll = async (hosts: readonly HostState[], run: PlayRun): Promise<void> => {
  await onEach(hosts, run.context.settings.forks, (host) => meet(host, run));
};

const meet = async (host: HostState, run: PlayRun): Promise<void> => {
  const step = { role: null, at: run.play.at, keywords: run.play.keywords };
  const at = { host, ...NO_SURROUNDINGS, speculative: true };
  const scope = scopeOf(step, at, run);
  const session = run.sessionOf(host.name, step, scope);
  const become = run.becomeOf(step, host.name, scope);
  try {
    await session.ask(become, [], readsAhead(null, at, { session, become }, new WeakMap(), run));
  } catch (error) {
    if (!(error instanceof TransportError)) throw error;
    if (!isAskedFirst(run)) await session.reset();
  }
};

/** Whether a play begins with the nodes themselves; else something may be done first that lets a node be reached. */
const isAskedFirst = (run: PlayRun): boolean => {
  const first = run.timeline
    .after(null)
    .find(({ step }) => step.kind !== "task" || !isOnController(step, run));
  return first?.step.kind === "task" && first.step.keywords.delegateTo === null;
};

const isOnController = (step: TaskStep, run: PlayRun): boolean =>
  run.context.module(step.module, step.keywords.collections)?.kind === "controller";

interface SharedParts {
  readonly play: Play;
  readonly name: string;
  readonly prompted: SourceDict;
}

const variablesOf = (
  shared: SharedParts,
  all: readonly HostState[],
  batch: readonly HostState[],
  state: RunState,
): PlayVariables => {
  const { context, templar } = state;
  const files = filesOf(context);
  const base: PlayVariables = {
    play: shared.play,
    roles: [...shared.play.roles],
    extra: context.settings.extraVars,
    prompted: shared.prompted,
    files: [],
    inventory: context.inventory,
    hosts: state.variables,
    templar,
    magic: magicVariables({ ...shared, all, batch, context }),
    outside: createOutside(context, shared.play, templar, files),
  };
  return { ...base, files: varsFiles(shared.play, base, batch[0]?.name ?? null, context) };
};

/** vars_files: of a list of candidates the first that exists counts. */
const varsFiles = (
  play: Play,
  base: PlayVariables,
  host: string | null,
  context: RunContext,
): readonly SourceDict[] => {
  const files = filesOf(context);
  const scope = playScope(base, host);
  return play.varsFiles.flatMap((entry: Source) => {
    const value = base.templar.resolve(entry, scope);
    const candidates = (isList<Value>(value) ? value : [value]).map(String);
    for (const [index, candidate] of candidates.entries()) {
      const last = index === candidates.length - 1;
      const origin = { role: null, at: play.at };
      const path = last
        ? files.find("vars", candidate, origin)
        : files.findFirst("vars", [candidate], origin);
      if (path !== null) return [context.loader.loadVars(path)];
    }
    return [];
  });
};

const playScope = (variables: PlayVariables, host: string | null) =>
  createScope(variables, {
    host: host ?? "",
    role: null,
    at: variables.play.at,
    keywords: { vars: [] },
    ...NO_SURROUNDINGS,
    speculative: false,
  });

const playRunOf = (
  shared: SharedParts & { readonly all: readonly HostState[] },
  batch: readonly HostState[],
  state: RunState,
): PlayRun => {
  const { play } = shared;
  const { context, templar } = state;
  const variables = variablesOf(shared, shared.all, batch, state);
  const gathering = gatheringStep(
    play,
    asBoolean(
      templar.resolve(play.gatherFacts, playScope(variables, batch[0]?.name ?? null)),
      "gather_facts",
    ),
  );
  return createPlayRun(
    {
      context,
      play,
      templar,
      files: filesOf(context),
      variables,
      hosts: batch,
      handlers: [...play.handlers],
      gathering,
      timeline: createTimeline(gathering, play.sections),
    },
    state.sessions,
  );
};

/** The task that Ansible runs at the start of a play unless told otherwise. */
const gatheringStep = (play: Play, wanted: boolean | null): TaskStep | null => {
  if (wanted === false) return null;
  const step: TaskStep = {
    kind: "task",
    name: "Gathering Facts",
    at: play.at,
    module: "setup",
    moduleAt: play.at,
    args: play.gather,
    argPlace: () => play.at,
    keywords: { ...play.keywords, tags: ["always"], when: [], notify: [], register: null, loop: null },
    role: null,
    listen: [],
  };
  return step;
};

/** As in Ansible, a word of a pattern that matches nothing is worth a warning. */
const hostsOf = (pattern: string, context: RunContext): readonly string[] => {
  try {
    return context.matchHosts(pattern, true);
  } catch (error) {
    if (!(error instanceof LbplayErrors)) throw error;
    const time = context.now().getTime();
    for (const { message } of error.errors) context.sink({ kind: "warning", time, host: null, message });
    return context.matchHosts(pattern, false);
  }
};

const patternOf = (value: Value, play: Play): string => {
  const parts = isList<Value>(value) ? value : [value];
  if (parts.length > 0 && parts.every((part) => typeof part === "string" && part !== ""))
    return parts.join(",");
  throw new LbplayError({ code: "E_HOSTS", message: "hosts: expected a pattern of hosts", at: play.at });
};

const ordered = (names: readonly string[], order: Value, random: () => number): readonly string[] => {
  switch (order) {
    case "reverse_inventory":
      return [...names].reverse();
    case "shuffle":
      return names
        .map((name) => ({ name, at: random() }))
        .sort((a, b) => a.at - b.at)
        .map(({ name }) => name);
    case "sorted":
      return [...names].sort();
    case "reverse_sorted":
      return [...names].sort().reverse();
    default:
      return names;
  }
};

/** `serial: 1`, `"30%"` or a list of such; the last one repeats. */
const batchesOf = (hosts: readonly HostState[], serial: Value): readonly (readonly HostState[])[] => {
  if (serial === null) return [hosts];
  const sizes = (isList<Value>(serial) ? serial : [serial]).map((size) => batchSize(size, hosts.length));
  const batches: (readonly HostState[])[] = [];
  for (let at = 0; at < hosts.length; ) {
    const size = sizes[Math.min(batches.length, sizes.length - 1)] ?? hosts.length;
    batches.push(hosts.slice(at, at + size));
    at += size;
  }
  return batches;
};

const batchSize = (size: Value, all: number): number => {
  const text = String(size);
  const number = text.endsWith("%") ? Math.floor((Number(text.slice(0, -1)) / 100) * all) : Number(text);
  if (!Number.isFinite(number)) {
    throw new LbplayError({
      code: "E_SERIAL",
      message: `serial: expected a number or a percentage, found ${text}`,
    });
  }
  return number <= 0 ? (text.endsWith("%") ? 1 : all) : number;
};

const askPrompts = async (play: Play, context: RunContext): Promise<SourceDict> => {
  const answers = new Map<Value, Source>();
  for (const question of play.varsPrompt) {
    if (context.settings.extraVars.has(question.name)) continue;
    const answer = await context.prompt(question);
    if (question.private) context.redactor.add(answer);
    answers.set(question.name, answer);
  }
  return answers;
};
