import type { HostRecap } from "../core/event.ts";
import type { Playbook } from "../core/play.ts";
import { isDict, isList, type Json, toJson } from "../core/value.ts";
import { statsData } from "./custom-stats.ts";
import { closeAll } from "./play-run.ts";
import { isLost } from "./run-batch.ts";
import type { RunContext } from "./run-context.ts";
import { runPlay } from "./run-play.ts";
import { createRunState, type RunState } from "./run-state.ts";

/** How a run ended. */
export interface RunReport {
  readonly hosts: Readonly<Record<string, HostRecap>>;
  readonly roundTrips: Readonly<Record<string, number>>;
  readonly failed: boolean;
  readonly unreachable: boolean;
  readonly changed: boolean;
  /** Hosts that failed or were not reached, by name. */
  readonly lost: readonly string[];
  /** False where the task of `--start-at-task` was not met. */
  readonly started: boolean;
}

/** Runs playbooks from the first play to the recap. Nodes are left unlocked and connections closed, however it ends. */
export const runPlaybooks = async (playbooks: readonly Playbook[], given: RunContext): Promise<RunReport> => {
  const context: RunContext = {
    ...given,
    sink: (event) => given.sink(redacted(event, given.redactor.redact)),
  };
  const started = context.now().getTime();
  const state = createRunState(context);
  try {
    for (const playbook of playbooks) {
      context.sink({
        kind: "run-started",
        time: context.now().getTime(),
        playbook: playbook.path,
        mode: context.settings.mode,
      });
      for (const play of playbook.plays) {
        await runPlay(play, state);
        if (state.control.aborted || isOver(state)) break;
      }
    }
    if (!state.control.started) warnOfStart(context);
  } finally {
    await closeAll(state.sessions);
    recap(state, started);
  }
  return reportOf(state);
};

const warnOfStart = ({ sink, now, settings }: RunContext): void => {
  const message = `no task is called ${settings.startAtTask}: nothing was run (--start-at-task does not look into includes)`;
  sink({ kind: "warning", time: now().getTime(), host: null, message });
};

/** No host is left that could go on. */
const isOver = (state: RunState): boolean => state.hosts.size > 0 && [...state.hosts.values()].every(isLost);

const roundTripsOf = (state: RunState): Readonly<Record<string, number>> => {
  const trips: Record<string, number> = {};
  for (const session of state.sessions.open.values())
    trips[session.name] = (trips[session.name] ?? 0) + session.roundTrips();
  return trips;
};

const recap = (state: RunState, started: number): void => {
  const time = state.context.now().getTime();
  state.context.sink({
    kind: "recap",
    time,
    hosts: Object.fromEntries([...state.hosts].map(([name, host]) => [name, host.recap])),
    stats: statsData(state.stats),
    roundTrips: roundTripsOf(state),
    seconds: (time - started) / 1000,
  });
};

const reportOf = (state: RunState): RunReport => {
  const recaps = [...state.hosts.values()].map((host) => host.recap);
  return {
    hosts: Object.fromEntries([...state.hosts].map(([name, host]) => [name, host.recap])),
    roundTrips: roundTripsOf(state),
    failed: recaps.some((one) => one.failed > 0),
    unreachable: recaps.some((one) => one.unreachable > 0),
    changed: recaps.some((one) => one.changed > 0),
    lost: [...state.hosts.values()]
      .filter(isLost)
      .map(({ name }) => name)
      .sort(),
    started: state.control.started,
  };
};

/** An event with every text in it redacted; numbers and keys stay. */
const redacted = <T>(event: T, redact: (text: string) => string): T => {
  const visit = (value: unknown): unknown => {
    if (typeof value === "string") return redact(value);
    if (isList<unknown>(value)) return value.map(visit);
    if (isDict(value)) return visit(toJson(value as Parameters<typeof toJson>[0]));
    if (typeof value === "object" && value !== null) {
      return Object.fromEntries(
        Object.entries(value as Record<string, Json>).map(([key, item]) => [key, visit(item)]),
      );
    }
    return value;
  };
  return visit(event) as T;
};
