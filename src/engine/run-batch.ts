import type { HostState } from "./host-state.ts";
import { onEach } from "./on-each.ts";
import type { PlayRun } from "./play-run.ts";
import type { RunState } from "./run-state.ts";
import type { PreparedMemory } from "./turns.ts";
import { NO_SURROUNDINGS } from "./variables.ts";
import { flushHandlers, type Walk, walkSteps } from "./walk.ts";

/** Whether a host takes no further part in the run. */
export const isLost = ({ status }: HostState): boolean => status === "failed" || status === "unreachable";

/** Runs a play on one batch of its hosts: in step, or each at its own pace. */
export const runBatch = async (run: PlayRun, state: RunState, pace: "linear" | "free"): Promise<void> => {
  const walk: Walk = {
    run,
    memories: new Map(run.hosts.map((host): [string, PreparedMemory] => [host.name, new WeakMap()])),
    ...NO_SURROUNDINGS,
    rescuable: false,
    handler: false,
    control: state.control,
  };
  const lanes = pace === "free" ? run.hosts.map((host) => [host]) : [run.hosts];
  await onEach(lanes, run.context.settings.forks, (hosts) => runLane(hosts, walk));
};

/** Where the roles stand among the sections of a play. */
const ROLES = 1;

const runLane = async (hosts: readonly HostState[], walk: Walk): Promise<void> => {
  const { play } = walk.run;
  const facts = walk.run.gathering;
  const smart = walk.run.context.settings.defaults.gathering === "smart";
  const unknown = smart ? hosts.filter((host) => !host.variables.facts.has("module_setup")) : hosts;
  if (facts !== null) await walkSteps([facts], unknown, walk);
  for (const [index, section] of play.sections.entries()) {
    await walkSteps(section, hosts, walk);
    // As in Ansible, roles and tasks have their handlers flushed together.
    if (index !== ROLES || walk.control.aborted)
      await flushHandlers(hosts, walk, index === play.sections.length - 1);
    if (walk.control.aborted || walk.control.ended) return;
  }
};
