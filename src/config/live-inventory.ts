import { LbplayError } from "../core/error.ts";
import type { Inventory, InventoryChange, LiveInventory } from "../core/play.ts";
import { type Source, toJson, type Value } from "../core/value.ts";
import { parseAddress } from "./host-range.ts";
import {
  addGroup,
  addHost,
  ancestorsOf,
  copyGraph,
  type GroupNode,
  hostsOf,
  type InventoryGraph,
  link,
  settle,
} from "./inventory-graph.ts";

/** What the sources of an inventory hold, and how the inventory of such a graph comes about. */
export interface ReadSources {
  readonly graph: InventoryGraph;
  /** Throws LbplayErrors: a file of variables that cannot be read. */
  readonly merge: (graph: InventoryGraph) => Inventory;
}

/** An inventory that keeps up with what tasks change; `read` reads its sources. Throws LbplayErrors. */
export const liveInventory = (read: () => ReadSources): LiveInventory => {
  const sources = read();
  return living(read, { sources, merged: sources.merge(sources.graph), changes: [] });
};

interface Living {
  readonly sources: ReadSources;
  readonly merged: Inventory;
  /** What tasks changed, to be done again after the sources were read again. */
  readonly changes: readonly InventoryChange[];
}

const living = (read: () => ReadSources, start: Living): LiveInventory => {
  let now = start;
  return {
    get hosts() {
      return now.merged.hosts;
    },
    get groups() {
      return now.merged.groups;
    },
    get file() {
      return now.merged.file;
    },
    get directory() {
      return now.merged.directory;
    },
    change: (change) => {
      const graph = copyGraph(now.sources.graph);
      const changed = apply(change, graph);
      if (changed) {
        settle(graph);
        const merged = now.sources.merge(graph);
        now = { sources: { ...now.sources, graph }, merged, changes: [...now.changes, change] };
      }
      return changed;
    },
    refresh: () => {
      const sources = read();
      const known = now.changes.filter((change) => change.kind === "host" || isKnown(change, now, sources));
      for (const change of known) apply(change, sources.graph);
      settle(sources.graph);
      now = { sources, merged: sources.merge(sources.graph), changes: known };
    },
    fork: () => living(read, now),
  };
};

/** Whether the host of a change is still there: one that left the sources leaves its groups, too. */
const isKnown = (
  change: Extract<InventoryChange, { kind: "group" }>,
  { changes }: Living,
  { graph }: ReadSources,
): boolean =>
  graph.hosts.has(change.host) ||
  changes.some((other) => other.kind === "host" && addressOf(other.name).host === change.host);

const apply = (change: InventoryChange, graph: InventoryGraph): boolean =>
  change.kind === "host" ? applyHost(change, graph) : applyGroup(change, graph);

const addressOf = (name: string): { readonly host: string; readonly port: number | null } =>
  parseAddress(name) ?? { host: name, port: null };

const NOWHERE = { file: null, directory: null };

const applyHost = (change: Extract<InventoryChange, { kind: "host" }>, graph: InventoryGraph): boolean => {
  const { host: name, port } = addressOf(change.name);
  const isNew = !graph.hosts.has(name);
  const host = graph.hosts.get(name) ?? addHost(graph, name, addGroup(graph, "all"), null, NOWHERE);
  const vars = new Map<string, Value>(change.vars);
  if (port !== null) vars.set("ansible_ssh_port", port);
  let changed = isNew;
  for (const [key, value] of vars) {
    if (isSame(host.vars.get(key), value)) continue;
    host.vars.set(key, value);
    changed = true;
  }
  for (const group of change.groups.map((one) => addGroup(graph, one))) {
    if (group.hosts.has(name)) continue;
    group.hosts.add(name);
    changed = true;
  }
  return changed;
};

/** Whether a variable has this value already; one that is a template has not, whatever comes of it. */
const isSame = (present: Source | undefined, value: Value): boolean => {
  if (present === undefined) return false;
  try {
    return JSON.stringify(toJson(present as Value)) === JSON.stringify(toJson(value));
  } catch {
    return false;
  }
};

const applyGroup = (change: Extract<InventoryChange, { kind: "group" }>, graph: InventoryGraph): boolean => {
  const group = addGroup(graph, change.group);
  let changed = false;
  for (const name of change.parents) {
    changed = !graph.groups.has(name) || changed;
    changed = below(addGroup(graph, name), group) || changed;
  }
  if (!hostsOf(group).includes(change.host)) {
    addHost(graph, change.host, group, null, NOWHERE);
    changed = true;
  }
  return changed;
};

const below = (parent: GroupNode, group: GroupNode): boolean => {
  if (parent.children.includes(group)) return false;
  if (parent === group || ancestorsOf(parent).has(group))
    throw new LbplayError({
      code: "E_GROUP_LOOP",
      message: `the group "${parent.name}" cannot be above "${group.name}", which contains it`,
      hint: "choose other parents",
    });
  link(parent, group);
  return true;
};
