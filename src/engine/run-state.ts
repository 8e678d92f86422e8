import type { Inventory } from "../core/play.ts";
import type { CustomStats } from "./custom-stats.ts";
import { createHostState, type HostState, recallFacts } from "./host-state.ts";
import type { Sessions } from "./play-run.ts";
import type { RunContext } from "./run-context.ts";
import { createTemplar, type Templar } from "./templar.ts";
import type { HostVariables } from "./variables.ts";
import type { WalkControl } from "./walk.ts";

/** What plays of one run share. */
export interface RunState {
  readonly context: RunContext;
  readonly templar: Templar;
  readonly sessions: Sessions;
  /** All hosts of the inventory, by name, with what is known of them. */
  readonly variables: Map<string, HostVariables>;
  /** The hosts that took part so far; failed and unreachable ones stay out of later plays. */
  readonly hosts: Map<string, HostState>;
  readonly hostState: (name: string) => HostState;
  readonly control: WalkControl;
  /** What set_stats noted. */
  readonly stats: CustomStats;
}

/** The state at the start of a run: nobody has taken part, nothing is connected. */
export const createRunState = (context: RunContext): RunState => {
  const variables = new Map<string, HostVariables>();
  followInventory(context.inventory, variables);
  for (const [name, own] of variables) recallFacts(name, own, context.factCache);
  const hosts = new Map<string, HostState>();
  return {
    context,
    templar: createTemplar(),
    sessions: { run: context.nonce(), open: new Map(), twins: false, jobs: new Map(), rolling: new Map() },
    variables,
    hosts,
    hostState: (name) => {
      const own = variables.get(name) ?? withoutVariables();
      variables.set(name, own);
      const present = hosts.get(name) ?? createHostState(name, own);
      hosts.set(name, present);
      return present;
    },
    stats: new Map(),
    control: {
      started: context.settings.startAtTask === null,
      asking: context.confirm !== null,
      tasks: 0,
      aborted: false,
      ended: false,
    },
  };
};

/** Gives all hosts the variables that the inventory has for them now; whoever joined it gets its place. */
export const followInventory = (inventory: Inventory, variables: Map<string, HostVariables>): void => {
  for (const [name, { vars }] of inventory.hosts) {
    const own = variables.get(name) ?? withoutVariables();
    own.inventory = vars;
    own.generation += 1;
    variables.set(name, own);
  }
};

/** `localhost` without an inventory entry, and every host at first. */
const withoutVariables = (): HostVariables => ({
  inventory: new Map(),
  facts: new Map(),
  included: new Map(),
  set: new Map(),
  generation: 0,
});
