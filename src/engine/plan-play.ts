import type { HostResultEvent, RunEvent } from "../core/event.ts";
import type { HostPlan, PlannedChange } from "../core/roll.ts";
import { createHostState, type HostState } from "./host-state.ts";
import { playRunOf, type SharedParts } from "./play-parts.ts";
import { runBatch } from "./run-batch.ts";
import type { PlannedTurn, RunContext } from "./run-context.ts";
import type { RunState } from "./run-state.ts";
import type { HostVariables } from "./variables.ts";

/**
 * What a play would do for hosts: it is walked in check mode on copies of all that a run remembers, and only read from
 * the nodes. What was read stays known to the sessions, so that the run that follows need not ask again.
 */
export const planPlay = async (
  shared: SharedParts,
  hosts: readonly HostState[],
  state: RunState,
): Promise<ReadonlyMap<string, HostPlan>> => {
  const notes = new Map(hosts.map((host): [string, Notes] => [host.name, emptyNotes()]));
  const copy = copyOf(state, notes);
  const batch = hosts.map(({ name }) => copy.hostState(name));
  const all = shared.all.map(({ name }) => copy.hostState(name));
  await runBatch(playRunOf({ ...shared, all }, batch, copy), copy, "linear");
  return notes;
};

interface Notes {
  readonly changes: PlannedChange[];
  readonly unknown: HostPlan["unknown"][number][];
  failure: HostPlan["failure"];
}

const emptyNotes = (): Notes => ({ changes: [], unknown: [], failure: null });

/** The state of a run, copied so that walking a play leaves no trace in it; the connections are the same. */
const copyOf = (state: RunState, notes: ReadonlyMap<string, Notes>): RunState => {
  const inventory = state.context.inventory.fork();
  const variables = new Map([...state.variables].map(([name, own]) => [name, copyVariables(own)]));
  const hosts = new Map(
    [...state.hosts].map(([name, host]) => [name, copyHost(host, variables.get(name) ?? host.variables)]),
  );
  return {
    ...state,
    context: { ...silent(state.context, notes), inventory },
    variables,
    hosts,
    hostState: (name) => {
      const own = variables.get(name) ?? copyVariables(state.hostState(name).variables);
      variables.set(name, own);
      const present = hosts.get(name) ?? createHostState(name, own);
      hosts.set(name, present);
      return present;
    },
    stats: new Map(),
    control: { ...state.control, asking: false },
  };
};

const copyVariables = (own: HostVariables): HostVariables => ({
  ...own,
  facts: new Map(own.facts),
  included: new Map(own.included),
  set: new Map(own.set),
});

const copyHost = (host: HostState, variables: HostVariables): HostState => ({
  ...host,
  variables,
  notified: new Set(host.notified),
  rolesRun: new Map(host.rolesRun),
  unrun: new Set(host.unrun),
});

const silent = (context: RunContext, notes: ReadonlyMap<string, Notes>): RunContext => ({
  ...context,
  settings: { ...context.settings, mode: "check" },
  confirm: null,
  sink: (event) => noteEvent(event, notes),
  onPlanned: (turn) => notePlanned(turn, notes),
});

const notePlanned = (
  { host, node, task, changes, unrun }: PlannedTurn,
  notes: ReadonlyMap<string, Notes>,
): void => {
  const own = notes.get(host);
  if (own === undefined) return;
  own.changes.push(...changes.map((change) => ({ ...change, node, task })));
  if (unrun) own.unknown.push(task);
};

const noteEvent = (event: RunEvent, notes: ReadonlyMap<string, Notes>): void => {
  if (event.kind !== "host-result" || event.ignored || event.rescued) return;
  const own = notes.get(event.host);
  if (own !== undefined && isBad(event)) own.failure ??= failureOf(event);
};

const isBad = ({ status }: HostResultEvent): boolean => status === "failed" || status === "unreachable";

const failureOf = ({ task, status, msg }: HostResultEvent): HostPlan["failure"] => ({
  task,
  status,
  message: msg ?? "it says no more",
});
