import { resolve } from "node:path";
import type { Inventory, InventoryGroup, InventoryHost } from "../core/play.ts";
import type { Source, Value } from "../core/value.ts";
import type { Files } from "./files.ts";
import {
  addGroup,
  ancestorsOf,
  depthOf,
  type GroupNode,
  hostsOf,
  type InventoryGraph,
} from "./inventory-graph.ts";
import { mergeVars } from "./origins.ts";
import { readVarsFor } from "./vars-files.ts";

/** Where the variables of an inventory come from beside its sources. */
export interface MergeOptions {
  readonly files: Files;
  /** Directories of the sources, with their group_vars and host_vars. */
  readonly varsDirs: readonly string[];
  /** The playbook's directory; null for none. */
  readonly playbookDir: string | null;
  /** The first source, for `inventory_file` and `inventory_dir`. */
  readonly origin: { readonly file: string | null; readonly directory: string | null };
}

/** The inventory of a graph: each host's variables merged by Ansible's precedence from its groups, files and itself. */
export const mergeInventory = (
  graph: InventoryGraph,
  { files, varsDirs, playbookDir, origin }: MergeOptions,
): Inventory => {
  const playDirs = playbookDir === null ? [] : [resolve(files.cwd, playbookDir)];
  const fileVars = (kind: "group_vars" | "host_vars", name: string, dirs: readonly string[]) =>
    dirs.map((dir) => readVarsFor(files, dir, kind, name));
  const layers = new Map<GroupNode, GroupLayers>();
  for (const group of graph.groups.values())
    layers.set(group, {
      inventory: group.vars,
      besideInventory: fileVars("group_vars", group.name, varsDirs),
      besidePlaybook: fileVars("group_vars", group.name, playDirs),
    });
  const depths = new Map<GroupNode, number>();
  const hosts = new Map<string, InventoryHost>();
  const memberships = membershipsOf(graph);
  for (const host of graph.hosts.values()) {
    const groups = sortGroups(memberships.get(host.name) ?? new Set(), depths);
    const hostVars = [
      host.vars,
      ...fileVars("host_vars", host.name, varsDirs),
      ...fileVars("host_vars", host.name, playDirs),
    ];
    hosts.set(host.name, {
      name: host.name,
      groups: groups
        .map((group) => group.name)
        .filter((name) => name !== "all")
        .sort(byCodePoint),
      vars: mergeVars([...groupLayers(groups, layers), ...hostVars]),
    });
  }
  return { hosts, groups: buildGroups(graph, layers), ...origin };
};

type Vars = ReadonlyMap<Value, Source>;

/** Where a group's variables come from. */
interface GroupLayers {
  readonly inventory: Vars;
  readonly besideInventory: readonly Vars[];
  readonly besidePlaybook: readonly Vars[];
}

/** Every layer of a host's groups, weakest first: the inventories' own, then `all`'s files, then the other groups' files. */
const groupLayers = (
  groups: readonly GroupNode[],
  layers: ReadonlyMap<GroupNode, GroupLayers>,
): readonly Vars[] => {
  const of = (group: GroupNode): GroupLayers =>
    layers.get(group) ?? { inventory: new Map(), besideInventory: [], besidePlaybook: [] };
  const all = groups.filter((group) => group.name === "all").map(of);
  const others = groups.filter((group) => group.name !== "all").map(of);
  return [
    ...all.map((layer) => layer.inventory),
    ...others.map((layer) => layer.inventory),
    ...all.flatMap((layer) => [...layer.besideInventory, ...layer.besidePlaybook]),
    ...others.flatMap((layer) => layer.besideInventory),
    ...others.flatMap((layer) => layer.besidePlaybook),
  ];
};

/** All groups of each host, those above its own included. */
const membershipsOf = (graph: InventoryGraph): ReadonlyMap<string, ReadonlySet<GroupNode>> => {
  const found = new Map<string, Set<GroupNode>>();
  const all = addGroup(graph, "all");
  for (const name of graph.hosts.keys()) found.set(name, new Set([all]));
  for (const group of graph.groups.values()) {
    const above = [group, ...ancestorsOf(group)];
    for (const name of group.hosts) for (const member of above) found.get(name)?.add(member);
  }
  return found;
};

/** Weakest first: by depth, then priority, then name. */
const sortGroups = (groups: ReadonlySet<GroupNode>, depths: Map<GroupNode, number>): readonly GroupNode[] =>
  [...groups].sort(
    (a, b) =>
      depthOf(a, depths) - depthOf(b, depths) || a.priority - b.priority || byCodePoint(a.name, b.name),
  );

const buildGroups = (
  graph: InventoryGraph,
  layers: ReadonlyMap<GroupNode, GroupLayers>,
): ReadonlyMap<string, InventoryGroup> =>
  new Map(
    [...graph.groups.values()].map((group) => {
      const layer = layers.get(group);
      const vars = mergeVars([
        group.vars,
        ...(layer?.besideInventory ?? []),
        ...(layer?.besidePlaybook ?? []),
      ]);
      const children = group.children.map((child) => child.name);
      return [group.name, { name: group.name, hosts: hostsOf(group), children, vars }];
    }),
  );

const byCodePoint = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
