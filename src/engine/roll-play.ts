import { LbplayError } from "../core/error.ts";
import type { RunEvent } from "../core/event.ts";
import type { Probe } from "../core/probe.ts";
import type { Roller, RollJob } from "../core/roll.ts";
import type { Become } from "../core/transport.ts";
import { count, type HostState } from "./host-state.ts";
import { planPlay } from "./plan-play.ts";
import { playRunOf, type SharedParts } from "./play-parts.ts";
import type { PlayRun } from "./play-run.ts";
import { runBatch } from "./run-batch.ts";
import type { RunState } from "./run-state.ts";
import type { NodeSession } from "./session.ts";
import { scopeOf } from "./turns.ts";
import { NO_SURROUNDINGS } from "./variables.ts";

/** Lets a roller run a play on the hosts of one group, in its order. */
export const rollPlay = async (
  roller: Roller,
  group: string,
  hosts: readonly HostState[],
  shared: SharedParts,
  state: RunState,
): Promise<void> => {
  try {
    await roller.roll(group, jobOf(group, hosts, shared, state));
  } finally {
    for (const host of hosts) state.sessions.rolling.delete(host.name);
  }
};

const jobOf = (group: string, hosts: readonly HostState[], shared: SharedParts, state: RunState): RollJob => {
  const { context } = state;
  const run = playRunOf(shared, hosts, state);
  const hostOf = (name: string): HostState => {
    const host = hosts.find((one) => one.name === name);
    if (host === undefined) throw new Error(`${name} is not among the hosts of ${group}`);
    return host;
  };
  const journals = new Set<string>();
  /** Other nodes are looked at too: those of the pair that the run leaves alone, and whoever counts. */
  const reached = (name: string): Reached =>
    reach(hosts.find((one) => one.name === name) ?? state.hostState(name), run);
  return {
    play: shared.name,
    hosts: hosts.map(({ name }) => name),
    mode: context.settings.mode,
    plan: () => planPlay(shared, hosts, state),
    run: async (names, options) => {
      const batch = names.map(hostOf).filter(({ status }) => status === "active");
      if (batch.length === 0) return;
      for (const { name } of batch)
        state.sessions.rolling.set(name, { ...options, journal: options.journal && journals.has(name) });
      context.sink({
        kind: "play-started",
        time: context.now().getTime(),
        play: shared.name,
        hosts: batch.map(({ name }) => name),
      });
      await runBatch(playRunOf(shared, batch, state), state, "linear");
      for (const { name } of batch) state.sessions.rolling.delete(name);
    },
    standing: (name) => hostOf(name).status,
    drop: (name, as) => {
      const host = hostOf(name);
      if (host.status !== "active") return;
      host.status = as;
      if (as === "failed") count(host, "failed");
    },
    read: (name, probe) => readAnew(reached(name), probe),
    act: async (name, script, { stdin, touches } = {}) => {
      const { session, become } = reached(name);
      const known = { script, okCodes: "any", ...(stdin === undefined ? {} : { stdin }) } as const;
      const journal = touches !== undefined && journals.has(name);
      if (journal) state.sessions.rolling.set(name, { journal, held: new Set() });
      try {
        const report = await session.act(become, {
          actions: [{ kind: "script", ...known, ...(touches === undefined ? {} : { touches }) }],
          owes: [],
          environment: {},
          again: [],
          ahead: () => [],
          harmless: false,
          timeoutMs: null,
        });
        const [outcome] = report.outcomes;
        if (outcome === undefined) throw new Error("a script without an outcome");
        return outcome;
      } finally {
        if (journal) state.sessions.rolling.delete(name);
      }
    },
    openJournal: (name) => {
      const { session, become } = reached(name);
      return session.journal(become).open();
    },
    beginJournal: async (name, note) => {
      const { session, become } = reached(name);
      const found = await session.journal(become).begin(note);
      if (found === null) context.sink(nothingKept(name, context.now()));
      else journals.add(name);
      return found ?? { continues: null };
    },
    restore: async (name) => {
      const { session, become } = reached(name);
      const report = await session.journal(become).restore();
      const others = run.sessionsWith(name).flatMap((one) => [...one.unkept()]);
      const lasting = others.map((user) => `what was done as ${user}: only root's changes are kept`);
      return { ...report, lasting: [...report.lasting, ...lasting] };
    },
    endJournal: async (name) => {
      const { session, become } = reached(name);
      await session.journal(become).end();
      journals.delete(name);
    },
    guard: async (name, seconds) => {
      const { session, become } = reached(name);
      await session.journal(become).guard(seconds);
    },
    confirm: async (name) => {
      const { session, become } = reached(name);
      await session.journal(become).confirm();
    },
    report: (event) => context.sink({ kind: "roll", time: context.now().getTime(), ...event }),
  };
};

const nothingKept = (host: string, now: Date): RunEvent => ({
  kind: "warning",
  time: now.getTime(),
  host,
  message: "only root can keep what is changed for going back: give the play become: true",
});

interface Reached {
  readonly session: NodeSession;
  readonly become: Become | null;
}

const stepOf = (run: PlayRun) => ({ role: null, at: run.play.at, keywords: run.play.keywords });

const scopeOfPlay = (host: HostState, run: PlayRun) =>
  scopeOf(stepOf(run), { host, ...NO_SURROUNDINGS, speculative: false }, run);

/** The node as the tasks of the play reach it, unless they say otherwise themselves. */
const reach = (host: HostState, run: PlayRun): Reached => {
  const scope = scopeOfPlay(host, run);
  return {
    session: run.sessionOf(host.name, stepOf(run), scope),
    become: run.becomeOf(stepOf(run), host.name, scope),
  };
};

const readAnew = async <T>({ session, become }: Reached, probe: Probe<T>): Promise<T> =>
  probe.parse(await session.askAnew(become, probe.reads));

/** The error of a play that asks for a pair where there is none. */
export const noPair = (shared: SharedParts): LbplayError =>
  new LbplayError({
    code: "E_NO_PAIR",
    message: "strategy: pair, but none of the play's hosts belongs to a group that is marked as a pair",
    at: shared.play.at,
    hint: "give the group of the load balancers the variable lbplay_pair: true",
  });
