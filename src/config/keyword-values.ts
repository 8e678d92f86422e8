import { coerce } from "../core/coerce.ts";
import type { Place } from "../core/error.ts";
import type { Loop } from "../core/play.ts";
import type { Schema } from "../core/schema.ts";
import { suggest } from "../core/suggest.ts";
import { type Expression, isTemplate, type Source, type SourceDict } from "../core/value.ts";
import { KEYWORDS, type OwnKeywords } from "./keywords.ts";
import {
  describe,
  isLiteral,
  isNull,
  literalText,
  type YamlEntry,
  type YamlMap,
  type YamlNode,
} from "./node.ts";
import { mergeVars, varsOf } from "./origins.ts";
import { fault, type Session } from "./session.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Single-valued keywords that mean the same wherever they stand: the field they fill and the type they must have. */
const SINGLES: Readonly<
  Record<string, { readonly field: SingleField; readonly type: "boolean" | "integer" | "number" | "string" }>
> = {
  become: { field: "become", type: "boolean" },
  become_user: { field: "becomeUser", type: "string" },
  become_method: { field: "becomeMethod", type: "string" },
  become_flags: { field: "becomeFlags", type: "string" },
  become_exe: { field: "becomeExe", type: "string" },
  remote_user: { field: "remoteUser", type: "string" },
  port: { field: "port", type: "integer" },
  connection: { field: "connection", type: "string" },
  ignore_errors: { field: "ignoreErrors", type: "boolean" },
  ignore_unreachable: { field: "ignoreUnreachable", type: "boolean" },
  any_errors_fatal: { field: "anyErrorsFatal", type: "boolean" },
  run_once: { field: "runOnce", type: "boolean" },
  throttle: { field: "throttle", type: "integer" },
  check_mode: { field: "checkMode", type: "boolean" },
  diff: { field: "diff", type: "boolean" },
  no_log: { field: "noLog", type: "boolean" },
  delegate_to: { field: "delegateTo", type: "string" },
  delegate_facts: { field: "delegateFacts", type: "boolean" },
  timeout: { field: "timeout", type: "integer" },
  debugger: { field: "debugger", type: "string" },
  retries: { field: "retries", type: "integer" },
  delay: { field: "delay", type: "number" },
  async: { field: "async", type: "integer" },
  poll: { field: "poll", type: "integer" },
};

type SingleField =
  | "become"
  | "becomeUser"
  | "becomeMethod"
  | "becomeFlags"
  | "becomeExe"
  | "remoteUser"
  | "port"
  | "connection"
  | "ignoreErrors"
  | "ignoreUnreachable"
  | "anyErrorsFatal"
  | "runOnce"
  | "throttle"
  | "checkMode"
  | "diff"
  | "noLog"
  | "delegateTo"
  | "delegateFacts"
  | "timeout"
  | "debugger"
  | "retries"
  | "delay"
  | "async"
  | "poll";

/** Reads those keywords of a mapping that are inherited or that a task has for itself; others are left to the caller. */
export const readKeywords = (session: Session, map: YamlMap): OwnKeywords => {
  const own: Mutable<OwnKeywords> = {};
  const control = map.entries.find((entry) => entry.name === "loop_control")?.node ?? null;
  for (const entry of map.entries) {
    const single = Object.hasOwn(SINGLES, entry.name) ? SINGLES[entry.name] : undefined;
    if (single !== undefined) {
      const value = readSingle(session, entry, single.type);
      if (value !== null) own[single.field] = value;
    } else readOther(session, entry, control, own);
  }
  return own;
};

/** A keyword's value, checked for its type where it is no template. */
export const readSingle = (
  session: Session,
  entry: YamlEntry,
  type: "boolean" | "integer" | "number" | "string",
): Source | null => {
  if (isNull(entry.node)) return null;
  const { value } = entry.node;
  if (!isLiteral(value)) return value;
  const [wrong] = coerce({ type } satisfies Schema, value).faults;
  if (wrong !== undefined) fault(session, "E_WRONG_TYPE", `${entry.name}: ${wrong.message}`, entry.node.at);
  return value;
};

const readOther = (
  session: Session,
  entry: YamlEntry,
  control: YamlNode | null,
  own: Mutable<OwnKeywords>,
): void => {
  const { name, node } = entry;
  if (name === "when") own.when = readExpressions(session, entry);
  else if (name === "tags") own.tags = readTags(session, entry);
  else if (name === "vars") {
    const vars = readVars(session, entry);
    if (vars.size > 0) own.vars = [vars];
  } else if (name === "environment")
    own.environment = asList(node)
      .filter((item) => !isNull(item))
      .map((item) => item.value);
  else if (name === "module_defaults") own.moduleDefaults = readMaps(session, entry);
  else if (name === "collections") own.collections = readTexts(session, entry);
  else if (name === "notify")
    own.notify = asList(node)
      .filter((item) => !isNull(item))
      .map((item) => item.value);
  else if (name === "changed_when") own.changedWhen = readExpressions(session, entry);
  else if (name === "failed_when") own.failedWhen = readExpressions(session, entry);
  else if (name === "until") own.until = readExpressions(session, entry);
  else if (name === "register") own.register = readRegister(session, entry);
  else if (name === "loop" || name.startsWith("with_")) readLoop(session, entry, control, own);
};

const readLoop = (
  session: Session,
  entry: YamlEntry,
  control: YamlNode | null,
  own: Mutable<OwnKeywords>,
): void => {
  if (own.loop !== undefined && own.loop !== null) {
    fault(session, "E_CONFLICTING_LOOPS", "a task has one loop, found a second one", entry.keyAt);
    return;
  }
  if (isNull(entry.node)) {
    fault(session, "E_WRONG_TYPE", `${entry.name} needs a value`, entry.keyAt);
    return;
  }
  own.loop = {
    lookup: entry.name === "loop" ? null : entry.name.slice("with_".length),
    items: entry.node.value,
    at: entry.node.at,
    ...readLoopControl(session, control),
  };
};

const LOOP_CONTROL = ["loop_var", "index_var", "label", "pause", "extended", "extended_allitems"];

const readLoopControl = (
  session: Session,
  control: YamlNode | null,
): Omit<Loop, "lookup" | "items" | "at"> => {
  const result: Mutable<Omit<Loop, "lookup" | "items" | "at">> = {
    loopVar: "item",
    indexVar: null,
    label: null,
    pause: null,
    extended: false,
    extendedAllItems: true,
  };
  if (control === null || isNull(control)) return result;
  if (control.kind !== "map") {
    fault(
      session,
      "E_WRONG_TYPE",
      `loop_control: expected a mapping, found ${describe(control)}`,
      control.at,
    );
    return result;
  }
  for (const entry of control.entries) {
    if (entry.name === "loop_var") result.loopVar = variableName(session, entry) ?? "item";
    else if (entry.name === "index_var") result.indexVar = variableName(session, entry);
    else if (entry.name === "label") result.label = entry.node.value;
    else if (entry.name === "pause") result.pause = readSingle(session, entry, "number");
    else if (entry.name === "extended") result.extended = entry.node.value === true;
    else if (entry.name === "extended_allitems") result.extendedAllItems = entry.node.value !== false;
    else unknownKey(session, entry, LOOP_CONTROL, "loop_control");
  }
  return result;
};

const readRegister = (session: Session, entry: YamlEntry): string | null => variableName(session, entry);

const variableName = (session: Session, entry: YamlEntry): string | null => {
  const text = literalText(entry.node);
  if (text !== null && /^[A-Za-z_]\w*$/.test(text)) return text;
  const message = `${entry.name}: expected the name of a variable, found ${describe(entry.node)}`;
  fault(session, "E_WRONG_TYPE", message, entry.node.at, "letters, digits and _, not starting with a digit");
  return null;
};

/** A key that nobody knows, with the one that was probably meant. */
export const unknownKey = (
  session: Session,
  entry: YamlEntry,
  known: Iterable<string>,
  where: string,
): void => {
  const near = suggest(entry.name, known);
  const hint = near === null ? null : `did you mean ${near}?`;
  fault(session, "E_UNKNOWN_KEY", `${where} has no keyword "${entry.name}"`, entry.keyAt, hint);
};

/** Complains of every key that is no keyword of this kind of mapping. */
export const checkKeys = (
  session: Session,
  map: YamlMap,
  kind: keyof typeof KEYWORDS,
  where: string,
): void => {
  for (const entry of map.entries) {
    if (KEYWORDS[kind].has(entry.name) || entry.name.startsWith("with_")) continue;
    unknownKey(session, entry, KEYWORDS[kind], where);
  }
};

/** `when:` and its kin: one condition or a list of them, all of which must hold. */
export const readExpressions = (session: Session, entry: YamlEntry): readonly Expression[] =>
  asList(entry.node).flatMap((node): readonly Expression[] => {
    if (isNull(node)) return [];
    if (node.kind !== "scalar") {
      fault(session, "E_WRONG_TYPE", `${entry.name}: expected a condition, found ${describe(node)}`, node.at);
      return [];
    }
    return [expressionOf(node.value, node.text, node.at)];
  });

/** A condition is an expression already; one that is wholly wrapped in {{ }} means its inside. */
const expressionOf = (value: Source, text: string, at: Place): Expression => {
  if (typeof value === "boolean") return { source: value ? "True" : "False", at };
  if (!isTemplate(value)) return { source: typeof value === "string" ? value : text, at };
  const wrapped = /^(\s*\{\{-?\s*)((?:(?!\{\{|\}\})[\s\S])*?)\s*-?\}\}\s*$/.exec(value.source);
  if (wrapped === null) return { source: value.source, at };
  const lead = wrapped[1] ?? "";
  const column = lead.includes("\n") ? at.column : at.column + lead.length;
  return { source: wrapped[2] ?? "", at: { ...at, column } };
};

const readTags = (session: Session, entry: YamlEntry): readonly Source[] =>
  asList(entry.node).flatMap((node): readonly Source[] => {
    if (isNull(node)) return [];
    if (node.kind === "scalar" && isTemplate(node.value)) return [node.value];
    if (node.kind === "scalar") return node.text.split(",").map((tag) => tag.trim());
    fault(session, "E_WRONG_TYPE", `tags: expected a text, found ${describe(node)}`, node.at);
    return [];
  });

/** `vars:`: a mapping, or (as old playbooks have it) a list of mappings. */
export const readVars = (session: Session, entry: YamlEntry): SourceDict =>
  mergeVars(readMaps(session, entry));

const readMaps = (session: Session, entry: YamlEntry): readonly SourceDict[] =>
  asList(entry.node).flatMap((node): readonly SourceDict[] => {
    if (isNull(node)) return [];
    if (node.kind === "map") return [varsOf(node)];
    fault(session, "E_WRONG_TYPE", `${entry.name}: expected a mapping, found ${describe(node)}`, node.at);
    return [];
  });

/** A list of texts; one text stands for a list of one. */
export const readTexts = (session: Session, entry: YamlEntry): readonly string[] =>
  asList(entry.node).flatMap((node): readonly string[] => {
    if (isNull(node)) return [];
    const text = literalText(node);
    if (text !== null) return [text];
    fault(session, "E_WRONG_TYPE", `${entry.name}: expected a text, found ${describe(node)}`, node.at);
    return [];
  });

/** The items of a list; anything else is a list of itself. */
export const asList = (node: YamlNode): readonly YamlNode[] => (node.kind === "list" ? node.items : [node]);
