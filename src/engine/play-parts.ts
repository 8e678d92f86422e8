import { LbplayError, LbplayErrors } from "../core/error.ts";
import type { Play, TaskStep } from "../core/play.ts";
import { isList, type Source, type SourceDict, type Value } from "../core/value.ts";
import type { HostState } from "./host-state.ts";
import { magicVariables } from "./magic.ts";
import { createOutside, createPlayRun, filesOf, type PlayRun } from "./play-run.ts";
import type { PlayDefaults, RunContext } from "./run-context.ts";
import type { RunState } from "./run-state.ts";
import { asBoolean } from "./templar.ts";
import { createTimeline } from "./timeline.ts";
import { createScope, NO_SURROUNDINGS, type PlayVariables } from "./variables.ts";

/** What all batches of a play have in common. */
export interface PlayParts {
  readonly play: Play;
  /** As it is shown: its own name, or the pattern of its hosts. */
  readonly name: string;
  readonly prompted: SourceDict;
}

/** The same once its hosts are known. */
export interface SharedParts extends PlayParts {
  readonly all: readonly HostState[];
}

/** The variables of a play for a batch of its hosts. */
export const variablesOf = (
  shared: PlayParts,
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

/** What the play's own keywords see: of a host, or of none. */
export const playScope = (variables: PlayVariables, host: string | null) =>
  createScope(variables, {
    host: host ?? "",
    role: null,
    at: variables.play.at,
    keywords: { vars: [] },
    ...NO_SURROUNDINGS,
    speculative: false,
  });

/** Everything that the tasks of one batch share. */
export const playRunOf = (shared: SharedParts, batch: readonly HostState[], state: RunState): PlayRun => {
  const { play } = shared;
  const { context, templar } = state;
  const variables = variablesOf(shared, shared.all, batch, state);
  const gathering = gatheringStep(
    play,
    asBoolean(
      templar.resolve(play.gatherFacts, playScope(variables, batch[0]?.name ?? null)),
      "gather_facts",
    ),
    context.settings.defaults,
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
      stats: state.stats,
    },
    state.sessions,
  );
};

/** The task that Ansible runs at the start of a play unless told otherwise. */
const gatheringStep = (play: Play, wanted: boolean | null, { gathering }: PlayDefaults): TaskStep | null => {
  if (wanted === false || (wanted === null && gathering === "explicit")) return null;
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
export const hostsOf = (pattern: string, context: RunContext): readonly string[] => {
  try {
    return context.matchHosts(pattern, true);
  } catch (error) {
    if (!(error instanceof LbplayErrors)) throw error;
    const time = context.now().getTime();
    for (const { message } of error.errors) context.sink({ kind: "warning", time, host: null, message });
    return context.matchHosts(pattern, false);
  }
};

/** The pattern of `hosts:`. Throws LbplayError. */
export const patternOf = (value: Value, play: Play): string => {
  const parts = isList<Value>(value) ? value : [value];
  if (parts.length > 0 && parts.every((part) => typeof part === "string" && part !== ""))
    return parts.join(",");
  throw new LbplayError({ code: "E_HOSTS", message: "hosts: expected a pattern of hosts", at: play.at });
};

/** The hosts as `order:` wants them. */
export const ordered = (names: readonly string[], order: Value, random: () => number): readonly string[] => {
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
export const batchesOf = (hosts: readonly HostState[], serial: Value): readonly (readonly HostState[])[] => {
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
