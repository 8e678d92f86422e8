import type { Place } from "../core/error.ts";
import type { BlockStep, IncludeStep, Keywords, Step, TaskStep } from "../core/play.ts";
import { isTemplate, type Source, type Value } from "../core/value.ts";
import { readAction, SPECIAL, type TaskAction } from "./action.ts";
import { shortName } from "./catalog.ts";
import { importRole, importTasks } from "./imports.ts";
import { checkKeys, readKeywords, readTexts, unknownKey } from "./keyword-values.ts";
import { inherit, KEYWORDS, type OwnKeywords } from "./keywords.ts";
import { describe, entryOf, isNull, nodeOf, type YamlMap, type YamlNode } from "./node.ts";
import { fault, type Scope, type Session } from "./session.ts";
import { argumentOf, type SpecialTask } from "./special.ts";

/** The steps of a list of tasks, blocks and includes; static imports are unfolded. null stands for an absent list. */
export const readSteps = (
  session: Session,
  node: YamlNode | null,
  scope: Scope,
  where: string,
): readonly Step[] => {
  if (node === null || isNull(node)) return [];
  if (node.kind !== "list") {
    const hint = node.kind === "map" ? "start each task with `- `" : null;
    fault(
      session,
      "E_WRONG_TYPE",
      `${where}: expected a list of tasks, found ${describe(node)}`,
      node.at,
      hint,
    );
    return [];
  }
  return node.items.flatMap((item) => {
    if (isNull(item)) return [];
    if (item.kind === "map") return readStep(session, item, scope);
    const hint =
      item.kind === "scalar" && /^\w+=|^\w+:\S/.test(item.text) ? "a colon needs a space after it" : null;
    fault(session, "E_WRONG_TYPE", `${where}: expected a task, found ${describe(item)}`, item.at, hint);
    return [];
  });
};

const readStep = (session: Session, map: YamlMap, scope: Scope): readonly Step[] => {
  if (entryOf(map, "block") !== null || (entryOf(map, "rescue") !== null && entryOf(map, "always") !== null))
    return readBlock(session, map, scope);
  const kind = scope.handlers ? "handler" : "task";
  const own = readKeywords(session, map);
  const collections = own.collections ?? scope.keywords.collections;
  const conditional = scope.keywords.when.length + (own.when?.length ?? 0) > 0;
  const action = readAction(session, map, kind, collections, conditional);
  if (action === null) return [];
  const delegated: OwnKeywords = action.local ? { delegateTo: "localhost", ...own } : own;
  const short = shortName(action.module);
  if (!SPECIAL.has(short)) return [taskStep(session, map, scope, action, delegated)];
  const special: SpecialTask = { session, map, scope, action, own: delegated };
  switch (short) {
    case "meta":
      return metaStep(special);
    case "import_tasks":
      return importTasks(special);
    case "import_role":
      return importRole(special);
    case "include":
      return isStaticInclude(special) ? importTasks(special) : [includeStep(special, "tasks")];
    case "include_vars":
      return [includeStep(special, "vars")];
    case "include_role":
      return [includeStep(special, "role")];
    default:
      return [includeStep(special, "tasks")];
  }
};

const nameOf = (map: YamlMap): Source | null => nodeOf(map, "name")?.value ?? null;

const taskStep = (
  session: Session,
  map: YamlMap,
  scope: Scope,
  action: TaskAction,
  own: OwnKeywords,
): TaskStep => {
  const listen = entryOf(map, "listen");
  return {
    kind: "task",
    name: nameOf(map),
    at: map.at,
    module: action.module,
    moduleAt: action.moduleAt,
    args: action.args,
    argPlace: action.argPlace,
    keywords: inherit(scope.keywords, own),
    role: scope.role,
    listen: listen === null || !scope.handlers ? [] : readTexts(session, listen),
  };
};

const readBlock = (session: Session, map: YamlMap, scope: Scope): readonly Step[] => {
  checkKeys(session, map, "block", "a block");
  if (scope.handlers) {
    fault(
      session,
      "E_UNSUPPORTED",
      "a block cannot be a handler",
      map.at,
      "make each of its tasks a handler, with one `listen:`",
    );
    return [];
  }
  const keywords = inherit(scope.keywords, readKeywords(session, map));
  const inner: Scope = { ...scope, keywords };
  const part = (name: string): readonly Step[] => readSteps(session, nodeOf(map, name), inner, name);
  const name = nodeOf(map, "name")?.value ?? null;
  const block: BlockStep = {
    kind: "block",
    name: typeof name === "string" ? name : isTemplate(name) ? name.source : null,
    at: map.at,
    block: part("block"),
    rescue: part("rescue"),
    always: part("always"),
    keywords,
  };
  return [block];
};

/** What `meta:` can do. */
export const META: ReadonlySet<string> = new Set([
  "flush_handlers",
  "noop",
  "clear_facts",
  "clear_host_errors",
  "end_play",
  "end_host",
  "end_batch",
  "reset_connection",
  "refresh_inventory",
]);

const metaStep = ({ session, scope, action, own }: SpecialTask): readonly Step[] => {
  const text = argumentOf(action.args, ["_raw_params", "free_form"]);
  if (typeof text !== "string" || !META.has(text.trim())) {
    const hint = `known are ${[...META].join(", ")}`;
    fault(
      session,
      "E_UNKNOWN_META",
      `meta has no action ${String(typeof text === "string" ? text : "of this kind")}`,
      action.argPlace(["_raw_params"]),
      hint,
    );
    return [];
  }
  const keywords = inherit(scope.keywords, own);
  return [{ kind: "meta", action: text.trim(), at: action.moduleAt, keywords, role: scope.role }];
};

/** The old `include:` is static unless it loops or its name is a template. */
const isStaticInclude = ({ action, own }: SpecialTask): boolean =>
  own.loop === undefined && !isTemplate(argumentOf(action.args, ["file", "_raw_params"]));

const INCLUDE_ARGUMENTS = {
  tasks: new Set(["file", "apply"]),
  role: new Set([
    "name",
    "role",
    "tasks_from",
    "vars_from",
    "defaults_from",
    "handlers_from",
    "apply",
    "public",
    "allow_duplicates",
    "rolespec_validate",
  ]),
  vars: new Set([
    "file",
    "dir",
    "name",
    "depth",
    "files_matching",
    "ignore_unknown_extensions",
    "ignore_files",
    "extensions",
    "hash_behaviour",
  ]),
};

const includeStep = (task: SpecialTask, what: IncludeStep["what"]): IncludeStep => {
  const { session, map, scope, action, own } = task;
  if (what !== "vars") checkIncludeKeywords(task);
  if (what === "role" && scope.handlers)
    fault(
      session,
      "E_UNSUPPORTED",
      "include_role cannot be a handler",
      map.at,
      "give the role's handlers a name to notify",
    );
  const args = includeArguments(task, what);
  const inherited = what === "vars" ? scope.keywords : inheritedOf(task);
  session.playOf.set(inherited, scope.play);
  return {
    kind: "include",
    what,
    module: action.module,
    name: nameOf(map),
    at: map.at,
    args,
    argPlace: (path) =>
      action.argPlace(path[0] === "file" && hasRaw(action.args) ? ["_raw_params", ...path.slice(1)] : path),
    keywords: inherit(scope.keywords, own),
    inherited,
    params: own.vars?.[0] ?? new Map(),
    role: scope.role,
    handler: scope.handlers,
  };
};

const hasRaw = (args: Source): boolean => args instanceof Map && args.has("_raw_params");

const checkIncludeKeywords = ({ session, map, action }: SpecialTask): void => {
  for (const entry of map.entries) {
    const allowed =
      KEYWORDS.include.has(entry.name) || entry.name === "listen" || entry.name.startsWith("with_");
    if (allowed || !KEYWORDS.task.has(entry.name)) continue;
    const hint = `what the included tasks shall have goes under \`apply:\` in ${action.module}'s arguments`;
    fault(session, "E_UNKNOWN_KEY", `${action.module} takes no "${entry.name}"`, entry.keyAt, hint);
  }
};

/** Arguments under their names, `apply` taken out, the file or role under `file` or `name`. */
const includeArguments = ({ session, action }: SpecialTask, what: IncludeStep["what"]): Source => {
  if (!(action.args instanceof Map)) return what === "role" ? action.args : new Map([["file", action.args]]);
  const given: ReadonlyMap<Value, Source> = action.args;
  const args = new Map<Value, Source>();
  for (const [key, value] of given) {
    const name =
      key === "_raw_params"
        ? what === "role"
          ? "name"
          : "file"
        : key === "role" && what === "role"
          ? "name"
          : key;
    if (!INCLUDE_ARGUMENTS[what].has(String(name)) && shortName(action.module) !== "include")
      unknownKey(
        session,
        { key, name: String(key), keyAt: action.argPlace([String(key)]), node: nothing(action.moduleAt) },
        INCLUDE_ARGUMENTS[what],
        action.module,
      );
    else if (name !== "apply") args.set(name, value);
  }
  const needed = what === "role" ? "name" : what === "tasks" ? "file" : null;
  if (needed !== null && !args.has(needed))
    fault(
      session,
      "E_MISSING_PARAMETER",
      `${action.module} needs ${needed === "name" ? "the name of a role" : "a file"}`,
      action.moduleAt,
    );
  return args;
};

const nothing = (at: Place): YamlNode => ({ kind: "scalar", value: null, text: "", plain: true, at });

/** Of an include's own keywords its members see only vars, and what `apply` gives them. */
const inheritedOf = ({ session, map, scope, own }: SpecialTask): Keywords => {
  const vars: OwnKeywords = own.vars === undefined ? {} : { vars: own.vars };
  const base = inherit(scope.keywords, vars);
  const apply = applyOf(map);
  if (apply === null) return base;
  if (apply.kind !== "map") {
    if (!isNull(apply))
      fault(
        session,
        "E_WRONG_TYPE",
        `apply: expected a mapping of keywords, found ${describe(apply)}`,
        apply.at,
      );
    return base;
  }
  checkKeys(session, apply, "block", "apply");
  return inherit(base, readKeywords(session, apply));
};

const applyOf = (map: YamlMap): YamlNode | null => {
  for (const entry of map.entries)
    if ((SPECIAL.has(shortName(entry.name)) || entry.name === "args") && entry.node.kind === "map") {
      const apply = nodeOf(entry.node, "apply");
      if (apply !== null) return apply;
    }
  return null;
};
