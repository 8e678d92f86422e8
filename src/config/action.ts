import type { Place } from "../core/error.ts";
import { suggest } from "../core/suggest.ts";
import { isTemplate, type Source, type Value } from "../core/value.ts";
import { shortName } from "./catalog.ts";
import { readKeyValues } from "./key-value.ts";
import { unknownKey } from "./keyword-values.ts";
import { KEYWORDS } from "./keywords.ts";
import { describe, entryOf, isNull, placeOf, type YamlEntry, type YamlMap, type YamlNode } from "./node.ts";
import { insteadOf } from "./refused-modules.ts";
import { fault, type Session } from "./session.ts";

/** What a task does: its module with arguments, in whichever of Ansible's ways it was written. */
export interface TaskAction {
  /** As the user wrote it. */
  readonly module: string;
  readonly moduleAt: Place;
  readonly args: Source;
  readonly argPlace: (path: readonly string[]) => Place;
  /** From `local_action`. */
  readonly local: boolean;
}

/** Steps that are no modules. */
export const SPECIAL = new Set([
  "include_tasks",
  "import_tasks",
  "include_role",
  "import_role",
  "include",
  "include_vars",
  "meta",
]);

/** Modules whose text is a command, not key=value words. */
const COMMANDS = new Set(["command", "shell", "raw", "script"]);

/** Modules that take a text beside key=value words. */
const TAKES_TEXT = new Set([...SPECIAL, ...COMMANDS, "add_host", "group_by", "set_fact"]);

/** Finds what a task does; null (and a fault) where it does nothing or two things. `conditional`: it may be passed over. */
export const readAction = (
  session: Session,
  map: YamlMap,
  kind: "task" | "handler",
  collections: readonly string[],
  conditional: boolean,
): TaskAction | null => {
  const found = candidates(session, map, kind, collections, conditional);
  const [first, second] = found;
  if (first === undefined) return null;
  if (second !== undefined) {
    const message = `a task runs one module, found ${first.entry.name} and ${second.entry.name}`;
    fault(session, "E_CONFLICTING_ACTIONS", message, second.entry.keyAt, "make two tasks of it");
    return null;
  }
  if (first.style === "unknown") return unknownAction(first.entry.name, first.entry.keyAt, false);
  const extra = entryOf(map, "args");
  return first.style === "module"
    ? readArguments(
        session,
        { module: first.entry.name, at: first.entry.keyAt, local: false },
        first.entry.node,
        0,
        extra,
      )
    : readOldStyle(session, first.entry, extra);
};

interface Candidate {
  readonly entry: YamlEntry;
  readonly style: "module" | "action" | "unknown";
}

const candidates = (
  session: Session,
  map: YamlMap,
  kind: "task" | "handler",
  collections: readonly string[],
  conditional: boolean,
): readonly Candidate[] => {
  const found: Candidate[] = [];
  const strange: YamlEntry[] = [];
  for (const entry of map.entries) {
    if (entry.name === "action" || entry.name === "local_action") found.push({ entry, style: "action" });
    else if (KEYWORDS[kind].has(entry.name) || entry.name.startsWith("with_")) continue;
    else if (isModule(session, entry.name, collections)) found.push({ entry, style: "module" });
    else strange.push(entry);
  }
  const unknown = blame(session, strange, found.length > 0, kind, conditional);
  if (unknown !== null) found.push({ entry: unknown, style: "unknown" });
  if (found.length === 0)
    fault(
      session,
      "E_NO_MODULE",
      "this task runs no module",
      map.at,
      "add one, such as `debug:` or `command:`",
    );
  return found;
};

const isModule = (session: Session, name: string, collections: readonly string[]): boolean =>
  SPECIAL.has(shortName(name)) || session.modules.find(name, collections) !== null;

/** Stands for a task of a module that nobody knows: what it registers counts, its arguments are not looked at. */
const unknownAction = (module: string, at: Place, local: boolean): TaskAction => ({
  module,
  moduleAt: at,
  args: { kind: "template", source: "", at },
  argPlace: () => at,
  local,
});

/**
 * Keys that are neither keyword nor module: misspelt keywords where the task has a module, else one of them (which is
 * returned) is the module.
 */
const blame = (
  session: Session,
  strange: readonly YamlEntry[],
  hasModule: boolean,
  kind: "task" | "handler",
  conditional: boolean,
): YamlEntry | null => {
  const keywords = [...KEYWORDS[kind]];
  let module: YamlEntry | null = null;
  for (const entry of strange) {
    const asModule = suggest(shortName(entry.name), [...session.modules.names, ...SPECIAL]);
    const asKeyword = suggest(entry.name, keywords);
    if (hasModule || module !== null || (asModule === null && asKeyword !== null && strange.length > 1))
      unknownKey(session, entry, keywords, kind === "task" ? "a task" : "a handler");
    else {
      module = entry;
      // A module for another system, behind a condition, may never be reached; the run refuses it if it is.
      if (!conditional || asModule !== null || asKeyword !== null)
        unknownModule(session, entry.name, entry.keyAt, asModule, asKeyword);
    }
  }
  return module;
};

const unknownModule = (
  session: Session,
  name: string,
  at: Place,
  asModule: string | null,
  asKeyword: string | null,
): void => {
  const near = asModule ?? asKeyword;
  const hint =
    insteadOf(name) ?? (near === null ? "`lbplay doc` lists the modules" : `did you mean ${near}?`);
  fault(session, "E_UNKNOWN_MODULE", `there is no module "${name}"`, at, hint);
};

/** `action: copy src=a dest=b`, `action: {module: copy, …}`, and the same of local_action. */
const readOldStyle = (session: Session, entry: YamlEntry, extra: YamlEntry | null): TaskAction | null => {
  const local = entry.name === "local_action";
  const { node } = entry;
  const named = node.kind === "map" ? (entryOf(node, "module")?.node ?? null) : node;
  const text = named === null ? null : rawText(named);
  const word = text === null ? null : /^\s*(\S+)\s*/.exec(text);
  if (named === null || text === null || word === null) {
    fault(
      session,
      "E_NO_MODULE",
      `${entry.name}: expected a module with its arguments, found ${describe(node)}`,
      node.at,
    );
    return null;
  }
  const module = word[1] ?? "";
  const at = { ...named.at, length: module.length };
  if (!isModule(session, module, [])) {
    unknownModule(session, module, at, suggest(shortName(module), session.modules.names), null);
    return unknownAction(module, at, local);
  }
  const words = readArguments(session, { module, at, local }, named, word[0].length, extra);
  if (node.kind !== "map" || words === null) return words;
  const merged = new Map<Value, Source>(dictOf(words.args));
  for (const item of node.entries) {
    if (item.name === "args" && item.node.kind === "map")
      for (const [key, value] of item.node.value) merged.set(key, value);
    else if (item.name !== "module") merged.set(item.key, item.node.value);
  }
  return { ...words, args: merged, argPlace: (path) => placeOf(node, path) };
};

const rawText = (node: YamlNode): string | null => {
  if (node.kind !== "scalar") return null;
  if (isTemplate(node.value)) return node.value.source;
  return typeof node.value === "string" ? node.value : node.value === null ? null : node.text;
};

const dictOf = (args: Source): ReadonlyMap<Value, Source> => (args instanceof Map ? args : new Map());

interface Named {
  readonly module: string;
  readonly at: Place;
  readonly local: boolean;
}

/** The arguments of a module from its own value (from `skip` on) and, beneath them, the `args` keyword. */
const readArguments = (
  session: Session,
  named: Named,
  node: YamlNode,
  skip: number,
  extra: YamlEntry | null,
): TaskAction | null => {
  const base = { module: named.module, moduleAt: named.at, local: named.local };
  const beneath = extra === null || isNull(extra.node) ? null : extra.node;
  if (beneath !== null && beneath.kind !== "map" && !isTemplate(beneath.value)) {
    fault(session, "E_WRONG_TYPE", `args: expected a mapping, found ${describe(beneath)}`, beneath.at);
    return null;
  }
  const own =
    node.kind === "map"
      ? { args: node.value, argPlace: (path: readonly string[]) => placeOf(node, path) }
      : readText(session, named, node, skip);
  if (own === null) return null;
  const cmd = withCommand(named.module, own.args);
  if (beneath === null) return { ...base, args: cmd, argPlace: own.argPlace };
  if (beneath.kind !== "map")
    return {
      ...base,
      args:
        cmd instanceof Map && cmd.size === 0
          ? beneath.value
          : new Map([...dictOf(cmd), ["_variable_params", beneath.value]]),
      argPlace: own.argPlace,
    };
  const argPlace = (path: readonly string[]): Place =>
    path[0] !== undefined && dictOf(cmd).has(path[0]) ? own.argPlace(path) : placeOf(beneath, path);
  return { ...base, args: withCommand(named.module, new Map([...beneath.value, ...dictOf(cmd)])), argPlace };
};

/** `cmd:` of a command is its text by another name. */
const withCommand = (module: string, args: Source): Source => {
  if (
    !(args instanceof Map) ||
    !COMMANDS.has(shortName(module)) ||
    !args.has("cmd") ||
    args.has("_raw_params")
  )
    return args;
  return new Map([...args].map(([key, value]) => [key === "cmd" ? "_raw_params" : key, value] as const));
};

const readText = (
  session: Session,
  named: Named,
  node: YamlNode,
  skip: number,
): { readonly args: Source; readonly argPlace: (path: readonly string[]) => Place } | null => {
  const nowhere = (): Place => node.at;
  if (isTemplate(node.value) && node.value.source === "") return { args: node.value, argPlace: nowhere };
  if (isNull(node)) return { args: new Map(), argPlace: () => named.at };
  const whole = rawText(node);
  if (whole === null) {
    fault(
      session,
      "E_WRONG_TYPE",
      `${named.module}: expected its arguments, found ${describe(node)}`,
      node.at,
    );
    return null;
  }
  const text = whole.slice(skip);
  const short = shortName(named.module);
  const parsed = readKeyValues(text, COMMANDS.has(short));
  if (parsed.unclosed && !COMMANDS.has(short)) {
    fault(
      session,
      "E_ARGUMENTS",
      `${named.module}: a quote or a template is opened and not closed`,
      node.at,
      "quote the whole value",
    );
    return null;
  }
  const offsets = new Map(parsed.options.map((option) => [option.name, option.offset + skip]));
  const at = (offset: number, length: number): Place =>
    whole.slice(0, offset).includes("\n") ? node.at : { ...node.at, column: node.at.column + offset, length };
  const args = new Map<Value, Source>();
  for (const option of parsed.options)
    args.set(option.name, textValue(option.value, at(option.offset + skip, option.value.length)));
  if (parsed.rest !== null) {
    const place = at(skip, parsed.rest.length);
    const value = textValue(parsed.rest, place);
    const allowed =
      TAKES_TEXT.has(short) ||
      isTemplate(value) ||
      (session.modules.find(named.module)?.freeForm ?? null) !== null;
    if (!allowed) {
      fault(
        session,
        "E_ARGUMENTS",
        `${named.module}: expected key=value, found ${parsed.rest.trim()}`,
        place,
        "write its arguments as a mapping below it",
      );
      return null;
    }
    if (isTemplate(value) && !TAKES_TEXT.has(short) && parsed.options.length === 0)
      return { args: value, argPlace: nowhere };
    args.set("_raw_params", value);
  }
  const argPlace = (path: readonly string[]): Place => {
    const offset = offsets.get(path[0] ?? "");
    return offset === undefined ? node.at : at(offset, 1);
  };
  return { args, argPlace };
};

const textValue = (text: string, at: Place): Source =>
  /\{[{%#]/.test(text) ? { kind: "template", source: text, at } : text;
