import { dirname, extname, join, resolve } from "node:path";
import { LbplayError, LbplayErrors } from "../core/error.ts";
import type { InventoryHost, LiveInventory } from "../core/play.ts";
import type { Source, Value } from "../core/value.ts";
import { createFiles, distinct, type FileOptions, type Files } from "./files.ts";
import { parseAddress } from "./host-range.ts";
import { addGroup, addHost, emptyGraph, type InventoryGraph, settle } from "./inventory-graph.ts";
import { readIniInventory } from "./inventory-ini.ts";
import { mergeInventory } from "./inventory-merge.ts";
import { isProgram, readInventoryProgram } from "./inventory-program.ts";
import { readYamlInventory } from "./inventory-yaml.ts";
import { liveInventory, type ReadSources } from "./live-inventory.ts";

/** How an inventory is loaded. */
export interface InventoryOptions extends FileOptions {
  /** The playbook's directory, whose group_vars and host_vars count too; null for none. */
  readonly playbookDir: string | null;
}

/** An inventory, and what its author should know. */
export interface LoadedInventory {
  readonly inventory: LiveInventory;
  readonly warnings: readonly string[];
}

/**
 * Reads all sources (`-i`): INI and YAML files, programs, directories of them, host lists (`lb1,lb2,`), with group_vars
 * and host_vars beside them and beside the playbook, merged per host by Ansible's precedence. Throws LbplayErrors.
 */
export const loadInventory = (sources: readonly string[], options: InventoryOptions): LoadedInventory => {
  const inventory = liveInventory(() => readSources(sources, options));
  const warnings = [...inventory.groups.keys()]
    .filter((name) => inventory.hosts.has(name))
    .map((name) => `"${name}" is the name of a group and of a host`);
  return { inventory, warnings };
};

const readSources = (sources: readonly string[], options: InventoryOptions): ReadSources => {
  const files = createFiles(options);
  const graph = emptyGraph();
  for (const source of sources) readSource(files, graph, source, options.cwd);
  settle(graph);
  const varsDirs = sources
    .filter((source) => !isHostList(files, source))
    .map((source) => baseOf(files, resolve(options.cwd, source)));
  const { playbookDir } = options;
  const origin = firstFile(files, sources, options.cwd);
  const merge: ReadSources["merge"] = (changed) => {
    const merged = mergeInventory(changed, { files, varsDirs, playbookDir, origin });
    if (files.faults.length > 0) throw new LbplayErrors(distinct(files.faults.splice(0)));
    return merged;
  };
  return { graph, merge };
};

/** The host that `localhost` means where no inventory names it: this machine, without ssh. */
export const implicitLocalhost = (name = "localhost"): InventoryHost => ({
  name,
  groups: [],
  vars: new Map<Value, Source>([["ansible_connection", "local"]]),
});

const isHostList = (files: Files, source: string): boolean =>
  source.includes(",") && files.disk.status(resolve(files.cwd, source)) === null;

const baseOf = (files: Files, path: string): string => (files.isDirectory(path) ? path : dirname(path));

const firstFile = (
  files: Files,
  sources: readonly string[],
  cwd: string,
): { file: string | null; directory: string | null } => {
  const first = sources.find((source) => !isHostList(files, source));
  if (first === undefined) return { file: null, directory: null };
  const path = resolve(cwd, first);
  return { file: path, directory: baseOf(files, path) };
};

const readSource = (files: Files, graph: InventoryGraph, source: string, cwd: string): void => {
  const path = resolve(cwd, source);
  if (isHostList(files, source)) readHostList(graph, source);
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
  for (const name of [...files.disk.names(path)].sort(byCodePoint)) {
    if (IGNORED.test(name)) continue;
    const inner = join(path, name);
    if (files.isDirectory(inner)) readDirectory(files, graph, inner);
    else readFile(files, graph, inner);
  }
};

const byCodePoint = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const readFile = (files: Files, graph: InventoryGraph, path: string): void => {
  const origin = { file: path, directory: dirname(path) };
  if (isProgram(path)) {
    files.disk.bypassed();
    files.faults.push(...readInventoryProgram(path, files.shown(path), graph, origin));
    return;
  }
  const text = files.text(path, null);
  if (text === null) return;
  const asYaml = [".yml", ".yaml", ".json"].includes(extname(path)) || looksLikeYaml(text.text);
  if (!asYaml || looksLikeIni(text.text)) {
    files.faults.push(...readIniInventory(text, graph, origin));
    return;
  }
  const node = files.yaml(path, null);
  if (node !== null) files.faults.push(...readYamlInventory(node, graph, origin));
};

const firstLine = (text: string): string =>
  text.split(/\r?\n/).find((line) => line.trim() !== "" && !/^\s*[#;]/.test(line)) ?? "";

const looksLikeYaml = (text: string): boolean => {
  const line = firstLine(text);
  return line.startsWith("---") || line.startsWith("{") || /^['"]?[\w.-]+['"]?:\s*(?:#.*)?$/.test(line);
};

const looksLikeIni = (text: string): boolean => /^\[[^\]\s]+\]\s*(?:#.*)?$/.test(firstLine(text));
