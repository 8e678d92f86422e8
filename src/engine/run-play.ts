import { LbplayError } from "../core/error.ts";
import type { Play, TaskStep } from "../core/play.ts";
import { TransportError } from "../core/transport.ts";
import type { Value } from "../core/value.ts";
import type { HostState } from "./host-state.ts";
import { onEach } from "./on-each.ts";
import {
  batchesOf,
  hostsOf,
  ordered,
  patternOf,
  playRunOf,
  playScope,
  type SharedParts,
  variablesOf,
} from "./play-parts.ts";
import type { PlayRun } from "./play-run.ts";
import { askPrompts } from "./prompts.ts";
import { noPair, rollPlay } from "./roll-play.ts";
import { isLost, runBatch } from "./run-batch.ts";
import type { RunState } from "./run-state.ts";
import { hasStart } from "./start.ts";
import { readsAhead, scopeOf } from "./turns.ts";
import { NO_SURROUNDINGS } from "./variables.ts";

/** Runs one play on its hosts, batch by batch. */
export const runPlay = async (play: Play, state: RunState): Promise<void> => {
  const { context } = state;
  const start = context.settings.startAtTask;
  if (!state.control.started && start !== null && !hasStart(play, start)) return;
  const prompted = await askPrompts(play, state);
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
  const all = names.map(state.hostState);
  const shared = { ...bareParts, name, all };
  for (const host of all) {
    if (host.status === "ended") host.status = "active";
    host.rolesRun.clear();
    host.notified.clear();
  }
  const usable = all.filter(({ status }) => status === "active");
  if (usable.length > 0) {
    await meetAll(usable, playRunOf(shared, usable, state));
    const own = playScope(bare, usable[0]?.name ?? null);
    const strategy = play.strategy ?? context.settings.defaults.strategy;
    const pace = paceOf(state.templar.resolve(strategy, own), play);
    const serial = state.templar.resolve(play.serial, own);
    await runParts({ shared, pace, serial }, state);
  }
  state.control.ended = false;
};

interface PlayOrder {
  readonly shared: SharedParts;
  /** null: the play does not say. */
  readonly pace: Pace | null;
  readonly serial: Value;
}

/** Nodes that belong together are rolled, one group after the other; all others go before them, batch by batch. */
const runParts = async ({ shared, pace, serial }: PlayOrder, state: RunState): Promise<void> => {
  const { roller } = state.context;
  const rolls = roller !== null && (pace === "pair" || pace === null);
  const groups = rolls ? roller.groups(shared.all.map(({ name }) => name)) : [];
  if (pace === "pair" && groups.length === 0) throw noPair(shared);
  const paired = new Set(groups.flatMap(({ hosts }) => hosts));
  const others = shared.all.filter(({ name }) => !paired.has(name));
  await runBatches({ shared, pace: pace === "free" ? "free" : "linear", serial }, others, state);
  for (const group of groups) {
    if (roller === null || state.control.aborted || state.control.ended) return;
    const hosts = shared.all.filter(({ name, status }) => group.hosts.includes(name) && status === "active");
    if (hosts.length > 0) await rollPlay(roller, group.name, hosts, shared, state);
    // What went wrong on one pair is not tried on the next one.
    if (hosts.some(isLost)) state.control.aborted = true;
  }
};

const runBatches = async (
  { shared, pace, serial }: PlayOrder & { readonly pace: "linear" | "free" },
  hosts: readonly HostState[],
  state: RunState,
): Promise<void> => {
  const { context } = state;
  for (const whole of batchesOf(hosts, serial)) {
    const batch = whole.filter(({ status }) => status === "active");
    if (batch.length === 0) continue;
    context.sink({
      kind: "play-started",
      time: context.now().getTime(),
      play: shared.name,
      hosts: batch.map((host) => host.name),
    });
    await runBatch(playRunOf(shared, batch, state), state, pace);
    // As in Ansible, a batch of which no host is left ends not only the play.
    if (whole.every((host) => batch.includes(host) && isLost(host))) state.control.aborted = true;
    if (state.control.aborted || state.control.ended) return;
  }
};

type Pace = "linear" | "free" | "pair";

const paceOf = (strategy: Value, play: Play): Pace | null => {
  if (strategy === null) return null;
  const name = String(strategy).replace(/^ansible\.builtin\./, "");
  if (name === "pair") return "pair";
  if (name === "free" || name === "host_pinned") return "free";
  if (name === "linear") return "linear";
  throw new LbplayError({
    code: "E_UNKNOWN_STRATEGY",
    message: `the strategy ${name} is unknown`,
    at: play.at,
    hint: "use linear, free, host_pinned or pair",
  });
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
  if (first?.step.kind !== "task" || first.step.keywords.delegateTo !== null) return false;
  const { module, keywords } = first.step;
  return run.context.module(module, keywords.collections)?.kind !== "engine";
};

const isOnController = (step: TaskStep, run: PlayRun): boolean =>
  run.context.module(step.module, step.keywords.collections)?.kind === "controller";
