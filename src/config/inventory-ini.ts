import { LbplayError, type Place, type SourceText } from "../core/error.ts";
import { readPythonLiteral } from "../core/python-literal.ts";
import { suggest } from "../core/suggest.ts";
import type { Source } from "../core/value.ts";
import { expandHosts } from "./host-range.ts";
import {
  addChild,
  addGroup,
  addHost,
  type GroupNode,
  type InventoryGraph,
  setGroupVar,
} from "./inventory-graph.ts";
import { type Origin, setVar, textOrigin } from "./origins.ts";

/** Where an inventory's hosts come from, for `inventory_file` and `inventory_dir`. */
export interface InventoryOrigin {
  readonly file: string | null;
  readonly directory: string | null;
}

/** What reading one INI text shares. */
interface IniReading {
  readonly source: SourceText;
  readonly graph: InventoryGraph;
  readonly origin: InventoryOrigin;
  readonly fault: (code: string, message: string, at: Place, hint?: string | null) => void;
  readonly faults: LbplayError[];
  /** Groups that a [x:children] or [x:vars] mentions before, or without, a section of their own. */
  readonly pending: Map<
    string,
    { readonly at: Place; readonly state: "vars" | "children"; readonly parents: GroupNode[] }
  >;
}

/** Reads an INI inventory into the graph and returns what is wrong with it. */
export const readIniInventory = (
  source: SourceText,
  graph: InventoryGraph,
  origin: InventoryOrigin,
): readonly LbplayError[] => {
  const faults: LbplayError[] = [];
  const fault: IniReading["fault"] = (code, message, at, hint = null) => {
    faults.push(new LbplayError({ code, message, at, hint }));
  };
  const reading: IniReading = { source, graph, origin, fault, faults, pending: new Map() };
  let section: Section = { group: addGroup(graph, "ungrouped"), state: "hosts" };
  for (const [index, whole] of source.text.split(/\r\n|\r|\n/).entries()) {
    const text = whole.trim();
    if (text === "" || text.startsWith(";") || text.startsWith("#")) continue;
    const line: Line = { text, number: index + 1, indent: whole.length - whole.trimStart().length };
    if (text.startsWith("[") && /\]\s*(?:#.*)?$/.test(text)) section = readSection(reading, line) ?? section;
    else if (section.state === "hosts") readHosts(reading, line, section.group);
    else if (section.state === "vars") readVariable(reading, line, section.group);
    else readChild(reading, line, section.group);
  }
  reportPending(reading);
  return faults;
};

interface Section {
  readonly group: GroupNode;
  readonly state: "hosts" | "children" | "vars";
}

interface Line {
  readonly text: string;
  readonly number: number;
  readonly indent: number;
}

const at = (reading: IniReading, line: Line, offset: number, length: number): Place => ({
  source: reading.source,
  line: line.number,
  column: line.indent + offset + 1,
  length: Math.max(1, length),
});

const readSection = (reading: IniReading, line: Line): Section | null => {
  const match = /^\[([^:\]\s]+)(?::(\w+))?\]\s*(?:#.*)?$/.exec(line.text);
  const whole = at(reading, line, 0, line.text.length);
  if (match === null) {
    // A first token in brackets can also be an IPv6 host with ranges; a line that ends in ] is meant as a section.
    reading.fault(
      "E_INVENTORY",
      `not a section: ${line.text}`,
      whole,
      "a section is [group], [group:children] or [group:vars], without spaces",
    );
    return null;
  }
  const name = match[1] ?? "";
  const state = match[2] ?? "hosts";
  if (state !== "hosts" && state !== "children" && state !== "vars") {
    const near = suggest(state, ["children", "vars", "hosts"]);
    reading.fault(
      "E_INVENTORY",
      `unknown kind of section: ${state}`,
      at(reading, line, name.length + 2, state.length),
      near === null ? "known are hosts, children and vars" : `did you mean [${name}:${near}]?`,
    );
    return { group: addGroup(reading.graph, name), state: "hosts" };
  }
  const isNew = !reading.graph.groups.has(name);
  const group = addGroup(reading.graph, name);
  const waiting = reading.pending.get(name);
  if (state === "vars") {
    if (isNew) reading.pending.set(name, { at: at(reading, line, 1, name.length), state, parents: [] });
  } else if (waiting !== undefined) {
    for (const parent of waiting.parents) attach(reading, parent, group, waiting.at);
    reading.pending.delete(name);
  }
  return { group, state };
};

const attach = (reading: IniReading, parent: GroupNode, child: GroupNode, place: Place): void => {
  const loop = addChild(parent, child, place);
  if (loop !== null) reading.faults.push(loop);
};

const readHosts = (reading: IniReading, line: Line, group: GroupNode): void => {
  const tokens = splitShell(line.text);
  if (tokens === null) {
    reading.fault("E_INVENTORY", "a quote is opened and not closed", at(reading, line, 0, line.text.length));
    return;
  }
  const [first, ...rest] = tokens;
  if (first === undefined) return;
  const place = at(reading, line, first.offset, first.text.length);
  const expanded = expandHosts(first.text);
  if (expanded.kind === "problem") {
    reading.fault("E_HOST_RANGE", `${first.text}: ${expanded.message}`, place);
    return;
  }
  if (expanded.port === null && first.text.endsWith(":")) {
    const hint =
      first.text === "all:" ? "this looks like YAML: name the file .yml" : "remove the colon, or give a port";
    reading.fault("E_INVENTORY", `a host cannot end in a colon: ${first.text}`, place, hint);
    return;
  }
  const vars = rest.flatMap((token): readonly (readonly [string, Source, Origin])[] => {
    const equals = token.text.indexOf("=");
    if (equals === -1) {
      const message = `expected variable=value behind the host, found ${token.text}`;
      reading.fault(
        "E_INVENTORY",
        message,
        at(reading, line, token.offset, token.text.length),
        "one host per line",
      );
      return [];
    }
    const value = token.text.slice(equals + 1);
    const keyAt = at(reading, line, token.offset, equals);
    const place = at(reading, line, token.offset + equals + 1, value.length);
    return [[token.text.slice(0, equals), readValue(reading, value, place), textOrigin(value, keyAt, place)]];
  });
  for (const name of expanded.names) {
    const host = addHost(reading.graph, name, group, expanded.port, reading.origin);
    for (const [key, value, origin] of vars) setVar(host.vars, key, value, origin);
  }
};

const readVariable = (reading: IniReading, line: Line, group: GroupNode): void => {
  const equals = line.text.indexOf("=");
  if (equals === -1) {
    const hint = /^[\w.-]+:\s/.test(line.text)
      ? "in an INI inventory a variable is written name=value"
      : null;
    reading.fault(
      "E_INVENTORY",
      `expected variable=value, found ${line.text}`,
      at(reading, line, 0, line.text.length),
      hint,
    );
    return;
  }
  const rest = line.text.slice(equals + 1);
  const value = rest.trim();
  const place = at(reading, line, line.text.length - rest.trimStart().length, value.length);
  const name = line.text.slice(0, equals).trim();
  const origin = textOrigin(value, at(reading, line, 0, name.length), place);
  const wrong = setGroupVar(group, name, readValue(reading, value, place), origin);
  if (wrong !== null) reading.faults.push(wrong);
};

const readChild = (reading: IniReading, line: Line, parent: GroupNode): void => {
  const match = /^([^:\]\s]+)\s*(?:#.*)?$/.exec(line.text);
  const place = at(reading, line, 0, match?.[1]?.length ?? line.text.length);
  const name = match?.[1];
  if (name === undefined) {
    reading.fault("E_INVENTORY", `expected the name of a group, found ${line.text}`, place);
    return;
  }
  const child = reading.graph.groups.get(name);
  const waiting = reading.pending.get(name);
  if (child !== undefined && waiting?.state !== "children") attach(reading, parent, child, place);
  else if (waiting === undefined)
    reading.pending.set(name, { at: place, state: "children", parents: [parent] });
  else waiting.parents.push(parent);
};

const reportPending = (reading: IniReading): void => {
  for (const [name, { at: place, state }] of reading.pending) {
    const near = suggest(name, reading.graph.groups.keys());
    const hint = near === null ? `add a section [${name}]` : `did you mean ${near}?`;
    const message =
      state === "vars"
        ? `variables for the group "${name}", which is defined nowhere`
        : `the group "${name}" is defined nowhere`;
    reading.fault("E_UNKNOWN_GROUP", message, place, hint);
  }
};

/** A value as Ansible reads it: a Python literal where it is one, else the text. */
const readValue = (reading: IniReading, text: string, place: Place): Source => {
  const literal = readPythonLiteral(text);
  return withTemplates(literal === undefined ? text : literal, { ...place, source: reading.source });
};

const withTemplates = (value: Source, place: Place): Source => {
  if (typeof value === "string")
    return /\{[{%#]/.test(value) ? { kind: "template", source: value, at: place } : value;
  if (Array.isArray(value)) return value.map((item: Source) => withTemplates(item, place));
  if (value instanceof Map)
    return new Map([...value].map(([key, item]) => [key, withTemplates(item, place)]));
  return value;
};

interface ShellWord {
  readonly text: string;
  readonly offset: number;
}

/** The words of a line by the rules of Python's shlex with comments; null where a quote stays open. */
export const splitShell = (line: string): readonly ShellWord[] | null => {
  const words: ShellWord[] = [];
  let word: string | null = null;
  let offset = 0;
  let quote: string | null = null;
  for (let index = 0; index < line.length; index += 1) {
    const char = line[index] ?? "";
    if (quote !== null) {
      if (char === quote) quote = null;
      else if (char === "\\" && quote === '"' && /["\\]/.test(line[index + 1] ?? "")) {
        index += 1;
        word = (word ?? "") + (line[index] ?? "");
      } else word = (word ?? "") + char;
      continue;
    }
    if (/\s/.test(char)) {
      if (word !== null) words.push({ text: word, offset });
      word = null;
      continue;
    }
    if (char === "#") break;
    if (word === null) offset = index;
    word ??= "";
    if (char === '"' || char === "'") quote = char;
    else if (char === "\\") {
      index += 1;
      if (index >= line.length) return null;
      word += line[index] ?? "";
    } else word += char;
  }
  if (quote !== null) return null;
  if (word !== null) words.push({ text: word, offset });
  return words;
};
