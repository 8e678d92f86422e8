import { accessSync, closeSync, constants, existsSync, openSync, readdirSync, readSync } from "node:fs";
import { dirname, extname, join, resolve } from "node:path";
import { LbplayError, LbplayErrors } from "../core/error.ts";
import type { Inventory, InventoryGroup, InventoryHost } from "../core/play.ts";
import type { Source, Value } from "../core/value.ts";
import { createFiles, distinct, type FileOptions, type Files } from "./files.ts";
import { parseAddress } from "./host-range.ts";
import {
  addGroup,
  addHost,
  ancestorsOf,
  depthOf,
  emptyGraph,
  type GroupNode,
  hostsOf,
  type InventoryGraph,
  settle,
} from "./inventory-graph.ts";
import { readIniInventory } from "./inventory-ini.ts";
import { readYamlInventory } from "./inventory-yaml.ts";
import { mergeVars } from "./origins.ts";
import { readVarsFor } from "./vars-files.ts";

/** How an inventory is loaded. */
export interface InventoryOptions extends FileOptions {
  /** The playbook's directory, whose group_vars and host_vars count too; null for none. */
  readonly playbookDir: string | null;
}

/** An inventory, and what its author should know. */
export interface LoadedInventory {
  readonly inventory: Inventory;
  readonly warnings: readonly string[];
}

/**
 * Reads all sources (`-i`): INI and YAML files, directories of them, host lists (`lb1,lb2,`), with group_vars and
 * host_vars beside them and beside the playbook, merged per host by Ansible's precedence. Throws LbplayErrors.
 */
export const loadInventory = (sources: readonly string[], options: InventoryOptions): LoadedInventory => {
  const files = createFiles(options);
  const graph = emptyGraph();
  for (const source of sources) readSource(files, graph, source, options.cwd);
  settle(graph);
  const varsDirs = sources
    .filter((source) => !isHostList(source, options.cwd))
    .map((source) => baseOf(files, resolve(options.cwd, source)));
  const inventory = buildInventory(
    files,
    graph,
    varsDirs,
    options.playbookDir,
    firstFile(files, sources, options.cwd),
  );
  if (files.faults.length > 0) throw new LbplayErrors(distinct(files.faults));
  const warnings = [...graph.groups.keys()]
    .filter((name) => graph.hosts.has(name))
    .map((name) => `"${name}" is the name of a group and of a host`);
  return { inventory, warnings };
};

/** The host that `localhost` means where no inventory names it: this machine, without ssh. */
export const implicitLocalhost = (name = "localhost"): InventoryHost => ({
  name,
  groups: [],
  vars: new Map<Value, Source>([["ansible_connection", "local"]]),
});

const isHostList = (source: string, cwd: string): boolean =>
  source.includes(",") && !existsSync(resolve(cwd, source));

const baseOf = (files: Files, path: string): string => (files.isDirectory(path) ? path : dirname(path));

const firstFile = (
  files: Files,
  sources: readonly string[],
  cwd: string,
): { file: string | null; directory: string | null } => {
  const first = sources.find((source) => !isHostList(source, cwd));
  if (first === undefined) return { file: null, directory: null };
  const path = resolve(cwd, first);
  return { file: path, directory: baseOf(files, path) };
};

const readSource = (files: Files, graph: InventoryGraph, source: string, cwd: string): void => {
  const path = resolve(cwd, source);
  if (isHostList(source, cwd)) readHostList(graph, source);
  else if (files.isDirectory(path)) readDirectory(files, graph, path);
  else if (files.isFile(path)) readFile(files, graph, path);
  else
    files.faults.push(
      new LbplayError({
        code: "E_INVENTORY",
        message: `there is no inventory ${files.shown(path)}`,
        hint: "give a file, a directory, or host names with a comma: -i lb1,lb2,",
      }),
    );
};

const readHostList = (graph: InventoryGraph, source: string): void => {
  const ungrouped = addGroup(graph, "ungrouped");
  for (const item of source.split(",").map((part) => part.trim())) {
    if (item === "") continue;
    const address = item.includes("[") && !item.startsWith("[") ? null : parseAddress(item);
    const host = address?.host ?? item;
    if (!graph.hosts.has(host))
      addHost(graph, host, ungrouped, address?.port ?? null, { file: null, directory: null });
  }
};

/** Names that Ansible passes over in a directory of inventories. */
const IGNORED =
  /^\.|^(?:host_vars|group_vars|vars_plugins)$|(?:\.pyc|\.pyo|\.swp|\.bak|~|\.rpm|\.md|\.txt|\.rst|\.orig|\.ini|\.cfg|\.retry)$/;

const readDirectory = (files: Files, graph: InventoryGraph, path: string): void => {
  for (const name of readdirSync(path).sort(byCodePoint)) {
    if (IGNORED.test(name)) continue;
    const inner = join(path, name);
    if (files.isDirectory(inner)) readDirectory(files, graph, inner);
    else readFile(files, graph, inner);
  }
};

const byCodePoint = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const readFile = (files: Files, graph: InventoryGraph, path: string): void => {
  if (isScript(path)) {
    files.faults.push(
      new LbplayError({
        code: "E_INVENTORY_SCRIPT",
        message: `${files.shown(path)} is an executable inventory script, which lbplay cannot run`,
        hint: "save what it prints once: ansible-inventory --list --yaml --export > hosts.yml",
      }),
    );
    return;
  }
  const text = files.text(path, null);
  if (text === null) return;
  const origin = { file: path, directory: dirname(path) };
  const asYaml = [".yml", ".yaml", ".json"].includes(extname(path)) || looksLikeYaml(text.text);
  if (!asYaml || looksLikeIni(text.text)) {
    files.faults.push(...readIniInventory(text, graph, origin));
    return;
  }
  const node = files.yaml(path, null);
  if (node !== null) files.faults.push(...readYamlInventory(node, graph, origin));
};

const isScript = (path: string): boolean => {
  try {
    accessSync(path, constants.R_OK);
  } catch {
    return false; // an unreadable file is reported where it is read
  }
  const handle = openSync(path, "r");
  const start = Buffer.alloc(2);
  readSync(handle, start, 0, 2, 0);
  closeSync(handle);
  return start.toString() === "#!";
};

const firstLine = (text: string): string =>
  text.split(/\r?\n/).find((line) => line.trim() !== "" && !/^\s*[#;]/.test(line)) ?? "";

const looksLikeYaml = (text: string): boolean => {
  const line = firstLine(text);
  return line.startsWith("---") || line.startsWith("{") || /^['"]?[\w.-]+['"]?:\s*(?:#.*)?$/.test(line);
};

const looksLikeIni = (text: string): boolean => /^\[[^\]\s]+\]\s*(?:#.*)?$/.test(firstLine(text));

const buildInventory = (
  files: Files,
  graph: InventoryGraph,
  varsDirs: readonly string[],
  playbookDir: string | null,
  origin: { readonly file: string | null; readonly directory: string | null },
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
