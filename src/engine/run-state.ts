import type { HostState } from "./host-state.ts";
import type { Sessions } from "./play-run.ts";
import type { RunContext } from "./run-context.ts";
import type { Templar } from "./templar.ts";
import type { HostVariables } from "./variables.ts";
import type { WalkControl } from "./walk.ts";

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
  readonly control: WalkControl;
}
