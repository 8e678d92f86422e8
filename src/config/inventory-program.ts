import { spawnSync } from "node:child_process";
import { accessSync, closeSync, constants, openSync, readSync } from "node:fs";
import { dirname } from "node:path";
import { LbplayError } from "../core/error.ts";
import {
  addChild,
  addGroup,
  addHost,
  type GroupNode,
  type InventoryGraph,
  setGroupVar,
} from "./inventory-graph.ts";
import type { InventoryOrigin } from "./inventory-ini.ts";
import { describe, literalText, type YamlEntry, type YamlMap, type YamlNode } from "./node.ts";
import { setVar } from "./origins.ts";
import { parseYaml } from "./yaml.ts";

/** An inventory program that has not answered by then is stopped. */
const LIMIT_SECONDS = 120;

/** More than this of JSON is no inventory. */
const MOST_BYTES = 64 * 1024 * 1024;

/** What a script begins with, and what programs of Linux and macOS do. */
const MAGIC: readonly string[] = ["2321", "7f454c46", "feedfacf", "cffaedfe", "cafebabe"];

/** Whether a file of an inventory is one to run. A text that only happens to be executable is none. */
export const isProgram = (path: string): boolean => {
  if (!can(path, constants.R_OK)) return false; // an unreadable file is reported where it is read
  const handle = openSync(path, "r");
  const start = Buffer.alloc(4);
  readSync(handle, start, 0, 4, 0);
  closeSync(handle);
  return MAGIC.some((magic) => start.toString("hex").startsWith(magic));
};

const can = (path: string, what: number): boolean => {
  try {
    accessSync(path, what);
    return true;
  } catch {
    return false;
  }
};

/**
 * Runs an inventory program with --list and reads its JSON into the graph: groups with hosts, vars and children, and
 * variables of hosts under _meta.hostvars; without these it is asked --host for each. Returns what is wrong.
 */
export const readInventoryProgram = (
  path: string,
  shown: string,
  graph: InventoryGraph,
  origin: InventoryOrigin,
): readonly LbplayError[] => {
  const reading: ProgramReading = { path, shown, graph, origin, hosts: new Set(), faults: [] };
  const list = answerOf(reading, ["--list"]);
  if (list !== null) readList(reading, list);
  return reading.faults;
};

interface ProgramReading {
  readonly path: string;
  readonly shown: string;
  readonly graph: InventoryGraph;
  readonly origin: InventoryOrigin;
  readonly hosts: Set<string>;
  readonly faults: LbplayError[];
}

/** The JSON mapping that the program answers; null (and a fault) where it does not. Nothing at all is an empty one. */
const answerOf = (reading: ProgramReading, words: readonly string[]): YamlMap | null => {
  const { path, shown } = reading;
  const call = `${shown} ${words.join(" ")}`;
  if (!can(path, constants.X_OK)) {
    complain(reading, `${shown} begins like a program, but may not be run`, `chmod +x ${shown}`);
    return null;
  }
  const ran = spawnSync(path, words, {
    cwd: dirname(path),
    stdio: ["ignore", "pipe", "pipe"],
    timeout: LIMIT_SECONDS * 1000,
    killSignal: "SIGKILL",
    maxBuffer: MOST_BYTES,
    encoding: "utf8",
  });
  const said = lastLines(ran.stderr ?? "");
  if (ran.error !== undefined && "code" in ran.error && ran.error.code === "ETIMEDOUT") {
    complain(reading, `${call} did not end within ${LIMIT_SECONDS} s`, said);
    return null;
  }
  if (ran.error !== undefined) {
    complain(reading, `${call} cannot be run: ${ran.error.message}`, said);
    return null;
  }
  if (ran.status !== 0) {
    const how = ran.status === null ? `was ended by ${ran.signal}` : `failed with exit code ${ran.status}`;
    complain(
      reading,
      `the inventory program ${call} ${how}`,
      said ?? "it says nothing on its standard error",
    );
    return null;
  }
  return mappingOf(reading, call, ran.stdout, said);
};

const mappingOf = (
  reading: ProgramReading,
  call: string,
  output: string,
  said: string | null,
): YamlMap | null => {
  const text = normalised(output.trim() === "" ? "{}" : output);
  const node =
    text === null
      ? null
      : parseYaml({ path: `${reading.shown} (its output)`, text }, { decrypt: () => "" }).node;
  if (node?.kind === "map") return node;
  const found = node === null ? `text that is none: ${JSON.stringify(output.slice(0, 80))}` : describe(node);
  complain(reading, `${call}: expected a mapping in JSON, found ${found}`, said);
  return null;
};

/** JSON line by line, which YAML reads the same way; null for what is no JSON. */
const normalised = (output: string): string | null => {
  try {
    return JSON.stringify(JSON.parse(output), null, 1);
  } catch {
    return null;
  }
};

const lastLines = (text: string): string | null => {
  const lines = text.trim().split("\n").slice(-5).join("\n");
  return lines === "" ? null : `it says: ${lines}`;
};

const complain = (
  { faults }: ProgramReading,
  message: string,
  hint: string | null,
  node: YamlNode | null = null,
): void => {
  faults.push(new LbplayError({ code: "E_INVENTORY_PROGRAM", message, at: node?.at ?? null, hint }));
};

const readList = (reading: ProgramReading, list: YamlMap): void => {
  for (const entry of list.entries) if (entry.name !== "_meta") readGroup(reading, entry);
  const meta = entryIn(list.entries.find(({ name }) => name === "_meta")?.node, "hostvars");
  if (meta !== null && meta.kind !== "map") {
    complain(reading, `_meta.hostvars: expected a mapping of hosts, found ${describe(meta)}`, null, meta);
    return;
  }
  for (const host of reading.hosts) {
    const vars = meta === null ? answerOf(reading, ["--host", host]) : entryIn(meta, host);
    if (vars === null) continue;
    if (vars.kind === "map") setVars(reading, host, vars);
    else complain(reading, `variables of ${host}: expected a mapping, found ${describe(vars)}`, null, vars);
  }
};

const entryIn = (node: YamlNode | undefined, name: string): YamlNode | null =>
  node?.kind === "map" ? (node.entries.find((entry) => entry.name === name)?.node ?? null) : null;

const setVars = (reading: ProgramReading, name: string, vars: YamlMap): void => {
  const host = reading.graph.hosts.get(name);
  if (host !== undefined) for (const item of vars.entries) setVar(host.vars, item.key, item.node.value, item);
};

const PARTS = ["hosts", "vars", "children"];

/** A group: a list of hosts, a mapping of parts, or (without any of them) a host of this name with its variables. */
const readGroup = (reading: ProgramReading, { name, node }: YamlEntry): void => {
  const group = addGroup(reading.graph, name);
  if (node.kind !== "map") {
    readHosts(reading, group, node);
    return;
  }
  if (!node.entries.some((entry) => PARTS.includes(entry.name))) {
    joinHost(reading, group, name);
    readVars(reading, group, node);
    return;
  }
  for (const part of ["hosts", "vars", "children"] as const) {
    const found = entryIn(node, part);
    if (found === null) continue;
    if (part === "hosts") readHosts(reading, group, found);
    else if (part === "vars") readVars(reading, group, found);
    else readChildren(reading, group, found);
  }
};

const joinHost = (reading: ProgramReading, group: GroupNode, name: string): void => {
  reading.hosts.add(name);
  addHost(reading.graph, name, group, null, reading.origin);
};

const namesOf = (reading: ProgramReading, node: YamlNode, what: string): readonly string[] => {
  const names = node.kind === "list" ? node.items.map(literalText) : [null];
  if (names.every((name) => name !== null)) return names;
  complain(reading, `${what}: expected a list of names, found ${describe(node)}`, null, node);
  return [];
};

const readHosts = (reading: ProgramReading, group: GroupNode, node: YamlNode): void => {
  for (const name of namesOf(reading, node, `hosts of the group "${group.name}"`))
    joinHost(reading, group, name);
};

const readVars = (reading: ProgramReading, group: GroupNode, node: YamlNode): void => {
  if (node.kind !== "map") {
    complain(
      reading,
      `vars of the group "${group.name}": expected a mapping, found ${describe(node)}`,
      null,
      node,
    );
    return;
  }
  for (const item of node.entries) {
    const wrong = setGroupVar(group, item.key, item.node.value, item);
    if (wrong !== null) reading.faults.push(wrong);
  }
};

const readChildren = (reading: ProgramReading, group: GroupNode, node: YamlNode): void => {
  for (const name of namesOf(reading, node, `children of the group "${group.name}"`)) {
    const loop = addChild(group, addGroup(reading.graph, name), node.at);
    if (loop !== null) reading.faults.push(loop);
  }
};
