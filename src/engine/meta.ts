import { LbplayError, LbplayErrors } from "../core/error.ts";
import type { MetaStep } from "../core/play.ts";
import { suggest } from "../core/suggest.ts";
import { count, type HostState } from "./host-state.ts";
import { followInventory } from "./run-state.ts";
import type { Walk } from "./walk.ts";

const ACTIONS = [
  "flush_handlers",
  "noop",
  "end_play",
  "end_batch",
  "end_host",
  "clear_facts",
  "clear_host_errors",
  "reset_connection",
  "refresh_inventory",
];

/** Runs a `meta:` task on the hosts for which it is due; flush_handlers is the walker's. */
export const runMeta = async (step: MetaStep, hosts: readonly HostState[], walk: Walk): Promise<void> => {
  switch (step.action) {
    case "noop":
      return;
    case "end_play":
    case "end_batch":
      if (hosts.length > 0) for (const host of walk.run.hosts) end(host);
      if (step.action === "end_play" && hosts.length > 0) walk.control.ended = true;
      return;
    case "end_host":
      return hosts.forEach(end);
    case "clear_facts":
      for (const host of hosts) {
        host.variables.facts.clear();
        walk.run.context.factCache?.forget(host.name);
        host.variables.generation += 1;
      }
      return;
    case "clear_host_errors":
      // As in Ansible, a host that failed is back in the next play only; one that was unreachable goes on.
      for (const host of walk.run.hosts) {
        if (host.status === "failed") host.status = "ended";
        if (host.status === "unreachable") host.status = "active";
      }
      return;
    case "reset_connection":
      await Promise.all(
        hosts.flatMap((host) => walk.run.sessionsWith(host.name)).map((session) => session.reset()),
      );
      return;
    case "refresh_inventory":
      if (hosts.length > 0) refreshInventory(hosts, walk);
      return;
    default:
      throw new LbplayError({
        code: "E_UNKNOWN_META",
        message: `meta: ${step.action} is unknown`,
        at: step.at,
        hint: `did you mean ${suggest(step.action, ACTIONS) ?? ACTIONS.join(", ")}?`,
      });
  }
};

/** An inventory that cannot be read any more stays as it was, and whoever asked for it has failed. */
const refreshInventory = (hosts: readonly HostState[], { run }: Walk): void => {
  const { inventory, sink, now } = run.context;
  const before = inventory.hosts;
  try {
    inventory.refresh();
    followInventory(inventory, run.variables.hosts);
    // As in Ansible, a host that is not in the inventory any more takes no further part.
    for (const host of run.hosts) if (before.has(host.name) && !inventory.hosts.has(host.name)) end(host);
  } catch (error) {
    if (!(error instanceof LbplayErrors)) throw error;
    for (const { message } of error.errors)
      sink({
        kind: "warning",
        time: now().getTime(),
        host: null,
        message: `meta: refresh_inventory: ${message}`,
      });
    for (const host of hosts) {
      host.status = "failed";
      count(host, "failed");
    }
  }
};

const end = (host: HostState): void => {
  if (host.status === "active") host.status = "ended";
};
