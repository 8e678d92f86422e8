import { LbplayError, type Place } from "../core/error.ts";
import type { Source, Value } from "../core/value.ts";
import { mergeVars, type Origin, setVar } from "./origins.ts";

/** A group while the inventory is read. */
export interface GroupNode {
  readonly name: string;
  readonly vars: Map<Value, Source>;
  /** Hosts that stand in the group itself. */
  readonly hosts: Set<string>;
  readonly children: GroupNode[];
  readonly parents: GroupNode[];
  /** ansible_group_priority: of two groups at one depth the higher wins. */
  priority: number;
}

/** A host while the inventory is read. */
export interface HostNode {
  readonly name: string;
  readonly vars: Map<Value, Source>;
}

/** Hosts and groups of all sources so far. */
export interface InventoryGraph {
  readonly groups: Map<string, GroupNode>;
  readonly hosts: Map<string, HostNode>;
}

/** The graph that every inventory starts from: `all` and `ungrouped`. */
export const emptyGraph = (): InventoryGraph => {
  const graph: InventoryGraph = { groups: new Map(), hosts: new Map() };
  link(addGroup(graph, "all"), addGroup(graph, "ungrouped"));
  return graph;
};

/** The group of a name, made where there is none. */
export const addGroup = (graph: InventoryGraph, name: string): GroupNode => {
  const known = graph.groups.get(name);
  if (known !== undefined) return known;
  const group: GroupNode = {
    name,
    vars: new Map(),
    hosts: new Set(),
    children: [],
    parents: [],
    priority: 1,
  };
  graph.groups.set(name, group);
  return group;
};

/** The host of a name, put into a group; a port counts only when the host is new. */
export const addHost = (
  graph: InventoryGraph,
  name: string,
  group: GroupNode,
  port: number | null,
  source: { readonly file: string | null; readonly directory: string | null },
): HostNode => {
  let host = graph.hosts.get(name);
  if (host === undefined) {
    host = { name, vars: new Map<Value, Source>() };
    if (port !== null) host.vars.set("ansible_port", port);
    host.vars.set("inventory_file", source.file);
    host.vars.set("inventory_dir", source.directory);
    graph.hosts.set(name, host);
  }
  group.hosts.add(name);
  return host;
};

/** Sets a group's variable; `ansible_group_priority` is the group's own affair and no variable. */
export const setGroupVar = (
  group: GroupNode,
  name: Value,
  value: Source,
  origin: Origin,
): LbplayError | null => {
  if (name !== "ansible_group_priority") {
    setVar(group.vars, name, value, origin);
    return null;
  }
  const { at } = origin.node;
  const priority = typeof value === "string" ? Number(value) : value;
  if (typeof priority === "number" && Number.isInteger(priority)) {
    group.priority = priority;
    return null;
  }
  return new LbplayError({ code: "E_INVENTORY", message: "ansible_group_priority must be an integer", at });
};

/** Makes one group the child of another; a loop is an error. */
export const addChild = (parent: GroupNode, child: GroupNode, at: Place): LbplayError | null => {
  if (parent === child || ancestorsOf(parent).has(child))
    return new LbplayError({
      code: "E_GROUP_LOOP",
      message:
        parent === child
          ? `the group "${child.name}" is its own child`
          : `the group "${child.name}" contains "${parent.name}", so it cannot be its child`,
      at,
      hint: "remove one of the two memberships",
    });
  link(parent, child);
  return null;
};

/** Puts a group below another one; that it makes no loop is known. */
export const link = (parent: GroupNode, child: GroupNode): void => {
  if (parent.children.includes(child)) return;
  parent.children.push(child);
  child.parents.push(parent);
};

/** The same hosts and groups once more: changing them changes nothing in the original. */
export const copyGraph = (graph: InventoryGraph): InventoryGraph => {
  const groups = new Map<string, GroupNode>();
  for (const [name, group] of graph.groups)
    groups.set(name, {
      ...group,
      vars: mergeVars([group.vars]),
      hosts: new Set(group.hosts),
      children: [],
      parents: [],
    });
  const twins = (list: readonly GroupNode[]): GroupNode[] =>
    list.flatMap(({ name }) => groups.get(name) ?? []);
  for (const [name, group] of graph.groups) {
    groups.get(name)?.children.push(...twins(group.children));
    groups.get(name)?.parents.push(...twins(group.parents));
  }
  const hosts = new Map(
    [...graph.hosts].map(([name, host]) => [name, { name, vars: mergeVars([host.vars]) }]),
  );
  return { groups, hosts };
};

/** All groups above a group. */
export const ancestorsOf = (group: GroupNode): Set<GroupNode> => {
  const found = new Set<GroupNode>();
  const open = [...group.parents];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (found.has(next)) continue;
    found.add(next);
    open.push(...next.parents);
  }
  return found;
};

/** The hosts of a group and of all groups below it: level by level, in the order of the file. */
export const hostsOf = (group: GroupNode): readonly string[] => {
  const names = new Set<string>();
  const seen = new Set<GroupNode>([group]);
  for (let level: readonly GroupNode[] = [group]; level.length > 0; ) {
    const next: GroupNode[] = [];
    for (const member of level) {
      for (const name of member.hosts) names.add(name);
      for (const child of member.children) {
        if (seen.has(child)) continue;
        seen.add(child);
        next.push(child);
      }
    }
    level = next;
  }
  return [...names];
};

/** The length of the longest way from `all`. */
export const depthOf = (group: GroupNode, known: Map<GroupNode, number>): number => {
  const before = known.get(group);
  if (before !== undefined) return before;
  const depth = group.parents.reduce((deepest, parent) => Math.max(deepest, depthOf(parent, known) + 1), 0);
  known.set(group, depth);
  return depth;
};

/** Once all is read: every group below `all`, every host without a group in `ungrouped`, and no other there. */
export const settle = (graph: InventoryGraph): void => {
  const all = addGroup(graph, "all");
  const ungrouped = addGroup(graph, "ungrouped");
  for (const group of graph.groups.values())
    if (group !== all && group.parents.length === 0) link(all, group);
  const grouped = new Set<string>();
  for (const group of graph.groups.values())
    if (group !== all && group !== ungrouped) for (const name of group.hosts) grouped.add(name);
  for (const name of graph.hosts.keys()) {
    if (grouped.has(name)) ungrouped.hosts.delete(name);
    else ungrouped.hosts.add(name);
  }
};
