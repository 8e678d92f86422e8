import { LbplayError } from "../core/error.ts";
import { suggest } from "../core/suggest.ts";
import { expandHosts } from "./host-range.ts";
import {
  addChild,
  addGroup,
  addHost,
  type GroupNode,
  type InventoryGraph,
  setGroupVar,
} from "./inventory-graph.ts";
import type { InventoryOrigin } from "./inventory-ini.ts";
import { describe, isNull, literalText, type YamlEntry, type YamlNode } from "./node.ts";
import { setVar } from "./origins.ts";

/** Reads the tree of a YAML inventory into the graph and returns what is wrong with it. */
export const readYamlInventory = (
  node: YamlNode,
  graph: InventoryGraph,
  origin: InventoryOrigin,
): readonly LbplayError[] => {
  const reading: YamlReading = { graph, origin, faults: [] };
  if (node.kind !== "map") {
    complain(reading, node, `expected a mapping of groups, found ${describe(node)}`, "start with `all:`");
    return reading.faults;
  }
  const plugin = node.entries.find((entry) => entry.name === "plugin");
  if (plugin !== undefined)
    reading.faults.push(
      new LbplayError({
        code: "E_INVENTORY_PLUGIN",
        message: `this configures the inventory plugin ${literalText(plugin.node) ?? "of a template"}, which lbplay cannot run`,
        at: plugin.keyAt,
        hint: "write the hosts down, or let `ansible-inventory --list --yaml --export` do it once",
      }),
    );
  else for (const entry of node.entries) readGroup(reading, entry);
  return reading.faults;
};

interface YamlReading {
  readonly graph: InventoryGraph;
  readonly origin: InventoryOrigin;
  readonly faults: LbplayError[];
}

const complain = (
  reading: YamlReading,
  node: YamlNode,
  message: string,
  hint: string | null = null,
): void => {
  reading.faults.push(new LbplayError({ code: "E_INVENTORY", message, at: node.at, hint }));
};

const readGroup = (reading: YamlReading, entry: YamlEntry): GroupNode | null => {
  if (typeof entry.key !== "string") {
    reading.faults.push(
      new LbplayError({
        code: "E_INVENTORY",
        message: `the name of a group must be a text, found ${entry.name}`,
        at: entry.keyAt,
        hint: "quote it",
      }),
    );
    return null;
  }
  const { node } = entry;
  const group = addGroup(reading.graph, entry.name);
  if (isNull(node)) return group;
  if (node.kind !== "map") {
    complain(
      reading,
      node,
      `expected hosts, vars and children of the group "${entry.name}", found ${describe(node)}`,
    );
    return group;
  }
  for (const part of node.entries) readPart(reading, group, part);
  return group;
};

const PARTS = ["hosts", "vars", "children"];

const readPart = (reading: YamlReading, group: GroupNode, part: YamlEntry): void => {
  if (!PARTS.includes(part.name)) {
    const near = suggest(part.name, PARTS);
    reading.faults.push(
      new LbplayError({
        code: "E_UNKNOWN_KEY",
        message: `a group has hosts, vars and children, not "${part.name}"`,
        at: part.keyAt,
        hint: near === null ? "a group within a group goes under children:" : `did you mean ${near}?`,
      }),
    );
    return;
  }
  if (isNull(part.node)) return;
  for (const entry of entriesOf(reading, group, part)) {
    if (part.name === "hosts") readHost(reading, group, entry);
    else if (part.name === "vars") {
      const wrong = setGroupVar(group, entry.key, entry.node.value, entry);
      if (wrong !== null) reading.faults.push(wrong);
    } else {
      const child = readGroup(reading, entry);
      const loop = child === null ? null : addChild(group, child, entry.keyAt);
      if (loop !== null) reading.faults.push(loop);
    }
  }
};

/** The entries of a part; a single text stands for a mapping with that one key. */
const entriesOf = (reading: YamlReading, group: GroupNode, part: YamlEntry): readonly YamlEntry[] => {
  const { node } = part;
  if (node.kind === "map") return node.entries;
  if (node.kind === "scalar" && typeof node.value === "string") {
    const nothing: YamlNode = { kind: "scalar", value: null, text: "", plain: true, at: node.at };
    return [{ key: node.value, name: node.value, keyAt: node.at, node: nothing }];
  }
  const hint = node.kind === "list" ? `write \`name:\` instead of \`- name\`` : null;
  complain(
    reading,
    node,
    `expected a mapping under ${part.name} of the group "${group.name}", found ${describe(node)}`,
    hint,
  );
  return [];
};

const readHost = (reading: YamlReading, group: GroupNode, entry: YamlEntry): void => {
  const fault = (message: string, hint: string | null, code = "E_INVENTORY"): void => {
    reading.faults.push(new LbplayError({ code, message, at: entry.keyAt, hint }));
  };
  if (typeof entry.key !== "string") {
    fault(`the name of a host must be a text, found ${entry.name}`, "quote it");
    return;
  }
  const expanded = expandHosts(entry.name);
  if (expanded.kind === "problem") {
    fault(`${entry.name}: ${expanded.message}`, null, "E_HOST_RANGE");
    return;
  }
  const { node } = entry;
  if (node.kind !== "map" && !isNull(node)) {
    complain(reading, node, `expected the variables of the host "${entry.name}", found ${describe(node)}`);
    return;
  }
  for (const name of expanded.names) {
    const host = addHost(reading.graph, name, group, expanded.port, reading.origin);
    if (node.kind === "map")
      for (const item of node.entries) setVar(host.vars, item.key, item.node.value, item);
  }
};
