import { basename, join } from "node:path";
import type { Place } from "../core/error.ts";
import type { RoleInstance, Step } from "../core/play.ts";
import { suggest } from "../core/suggest.ts";
import { isTemplate, type Source, type SourceDict, type Value } from "../core/value.ts";
import { collectionOf } from "./collections.ts";
import { readKeywords, readTexts, readVars } from "./keyword-values.ts";
import { inherit, KEYWORDS, type OwnKeywords, tagKey } from "./keywords.ts";
import { describe, entryOf, isNull, literalText, nodeOf, type YamlMap, type YamlNode } from "./node.ts";
import { mergeVars, setVar } from "./origins.ts";
import { type FoundRole, findRole, missingRole } from "./role-search.ts";
import { readRoleSpecs, validationSteps } from "./role-specs.ts";
import { fault, type Scope, type Session } from "./session.ts";
import { readTaskFile } from "./task-files.ts";
import { findVarsFiles, readVarsFiles } from "./vars-files.ts";

/** How a role is used: by whom, with what. */
export interface RoleUseRequest {
  readonly name: string;
  readonly at: Place;
  /** Keys of the use that are no keywords. */
  readonly params: SourceDict;
  /** The `vars:` of the use. */
  readonly vars: SourceDict;
  readonly own: OwnKeywords;
  readonly tasksFrom: string | null;
  readonly varsFrom: string | null;
  readonly defaultsFrom: string | null;
  readonly handlersFrom: string | null;
  /** Runs although the same use ran before. */
  readonly repeats: boolean;
  /** Its arguments are validated by its argument spec. */
  readonly validates: boolean;
}

/** A role with its steps, dependencies' first. */
export interface LoadedRole {
  readonly steps: readonly Step[];
  readonly handlers: readonly Step[];
  readonly instance: RoleInstance;
}

/** An entry of `roles:` or of a role's dependencies; null (and a fault) where it is none. */
export const readRoleUse = (session: Session, node: YamlNode): RoleUseRequest | null => {
  const plain = {
    params: new Map(),
    vars: new Map(),
    own: {},
    tasksFrom: null,
    varsFrom: null,
    defaultsFrom: null,
    handlersFrom: null,
    repeats: false,
    validates: true,
  };
  const text = literalText(node);
  if (text !== null) return { ...plain, name: text, at: node.at };
  if (node.kind !== "map") {
    fault(session, "E_WRONG_TYPE", `expected the name of a role, found ${describe(node)}`, node.at);
    return null;
  }
  const name = nodeOf(node, "role") ?? nodeOf(node, "name") ?? nodeOf(node, "src");
  const named = name === null ? null : literalText(name);
  if (name === null || named === null) {
    fault(session, "E_WRONG_TYPE", "expected `role:` with the name of a role", name?.at ?? node.at);
    return null;
  }
  const params = new Map<Value, Source>();
  for (const entry of node.entries)
    if (!KEYWORDS.role.has(entry.name) && entry.name !== "src")
      setVar(params, entry.key, entry.node.value, entry);
  const { vars: _vars, ...own } = readKeywords(session, node);
  const vars = entryOf(node, "vars");
  return {
    ...plain,
    name: named,
    at: name.at,
    params,
    vars: vars === null ? new Map() : readVars(session, vars),
    own,
  };
};

/**
 * Reads one use of a role: its dependencies first, then its tasks, with the use's keywords on all of them. Its
 * variables and handlers join the play's. null where the role is missing, or ran already with all the same.
 */
export const readRole = (
  session: Session,
  scope: Scope,
  use: RoleUseRequest,
  parent: RoleInstance | null,
): LoadedRole | null => {
  const found = findRole(session, scope, use.name);
  if (found === null) {
    missingRole(session, scope, use);
    return null;
  }
  if (scope.stack.includes(`role ${found.path}`)) {
    const chain = [
      ...scope.stack.filter((item) => item.startsWith("role ")).map((item) => basename(item)),
      use.name,
    ];
    fault(session, "E_ROLE_LOOP", `the role "${use.name}" depends on itself: ${chain.join(" → ")}`, use.at);
    return null;
  }
  const meta = readMeta(session, found.path);
  const own = collectionOf(`${found.path}/`);
  const collections = [...(own === null ? [] : [own]), ...meta.collections.filter((one) => one !== own)];
  const keywords = inherit(scope.keywords, { ...use.own, collections });
  const identity = identityOf(use, found.path);
  const specs = readRoleSpecs(session, found.path, meta.node);
  const instance: RoleInstance = {
    ...readInstance(session, found, use),
    argumentSpecs: specs?.value ?? new Map(),
    parent,
    identity,
    allowDuplicates: meta.allowDuplicates || use.repeats,
  };
  const inner: Scope = {
    ...scope,
    keywords,
    role: instance,
    file: join(found.path, "tasks", "main.yml"),
    stack: [...scope.stack, `role ${found.path}`],
  };
  const before = scope.play.handlers.length;
  const dependencies = meta.dependencies.flatMap((dependency) =>
    readDependency(session, inner, dependency, instance),
  );
  scope.play.roles.push(instance);
  scope.play.handlers.push(
    ...readPart(session, { ...inner, handlers: true }, "handlers", use.handlersFrom, use.at),
  );
  const entry = use.tasksFrom === null ? "main" : basename(use.tasksFrom);
  const steps = [
    ...dependencies,
    ...(use.validates ? validationSteps(session, inner, { specs, instance, entry, at: use.at }) : []),
    ...readPart(session, inner, "tasks", use.tasksFrom, use.at),
  ];
  return { steps, handlers: scope.play.handlers.slice(before), instance };
};

const readDependency = (
  session: Session,
  scope: Scope,
  node: YamlNode,
  parent: RoleInstance,
): readonly Step[] => {
  const use = readRoleUse(session, node);
  if (use === null) return [];
  const own = collectionOf(`${parent.path}/`);
  const outer: Scope = { ...scope, keywords: { ...scope.keywords, collections: own === null ? [] : [own] } };
  return readRole(session, outer, use, parent)?.steps ?? [];
};

const readInstance = (
  session: Session,
  found: FoundRole,
  use: RoleUseRequest,
): Pick<RoleInstance, "name" | "path" | "defaults" | "vars" | "params"> => ({
  name: found.name,
  path: found.path,
  defaults: readRoleVars(session, found.path, "defaults", use.defaultsFrom, use.at),
  vars: mergeVars([use.vars, readRoleVars(session, found.path, "vars", use.varsFrom, use.at)]),
  params: use.params,
});

/** What makes two uses of a role the same. */
const identityOf = (use: RoleUseRequest, path: string): string =>
  JSON.stringify([
    path,
    plainText(use.params),
    plainText(use.vars),
    use.tasksFrom,
    (use.own.when ?? []).map((when) => when.source),
    (use.own.tags ?? []).map(tagKey),
  ]);

const plainText = (source: Source): unknown => {
  if (source instanceof Map) return [...source].map(([key, value]) => [String(key), plainText(value)]);
  if (Array.isArray(source)) return source.map(plainText);
  return isTemplate(source)
    ? { template: source.source }
    : typeof source === "bigint"
      ? String(source)
      : source;
};

interface RoleMeta {
  /** The file as it is written; null where there is none. */
  readonly node: YamlNode | null;
  readonly dependencies: readonly YamlNode[];
  readonly allowDuplicates: boolean;
  readonly collections: readonly string[];
}

const readMeta = (session: Session, path: string): RoleMeta => {
  const none: RoleMeta = { node: null, dependencies: [], allowDuplicates: false, collections: [] };
  const [file] = findVarsFiles(
    session.files,
    join(path, "meta"),
    "main",
    [".yml", ".yaml", ".json", ""],
    false,
  );
  const node = file === undefined ? null : session.files.yaml(file, null);
  if (node === null) return none;
  if (node.kind !== "map") {
    fault(session, "E_WRONG_TYPE", `a role's meta is a mapping, found ${describe(node)}`, node.at);
    return none;
  }
  return {
    node,
    dependencies: dependenciesOf(session, node),
    allowDuplicates: nodeOf(node, "allow_duplicates")?.value === true,
    collections: collectionsOf(session, node),
  };
};

const dependenciesOf = (session: Session, meta: YamlMap): readonly YamlNode[] => {
  const node = nodeOf(meta, "dependencies");
  if (node === null || isNull(node)) return [];
  if (node.kind === "list") return node.items;
  fault(session, "E_WRONG_TYPE", `dependencies: expected a list of roles, found ${describe(node)}`, node.at);
  return [];
};

const collectionsOf = (session: Session, meta: YamlMap): readonly string[] => {
  const entry = entryOf(meta, "collections");
  return entry === null ? [] : readTexts(session, entry);
};

const MAIN_EXTENSIONS = [".yml", ".yaml", ".json", ""];
const NAMED_EXTENSIONS = ["", ".yml", ".yaml", ".json"];

const readRoleVars = (
  session: Session,
  path: string,
  part: "defaults" | "vars",
  from: string | null,
  at: Place,
): SourceDict => {
  const directory = join(path, part);
  const found = findVarsFiles(
    session.files,
    directory,
    from ?? "main",
    from === null ? MAIN_EXTENSIONS : NAMED_EXTENSIONS,
    true,
  );
  if (found.length === 0 && from !== null) missingFrom(session, path, part, from, at);
  return readVarsFiles(session.files, found, session.files.yaml);
};

/** The tasks or handlers of a role; a role without the file has none, unless it was asked for by name. */
const readPart = (
  session: Session,
  scope: Scope,
  part: "tasks" | "handlers",
  from: string | null,
  at: Place,
): readonly Step[] => {
  const path = scope.role?.path ?? "";
  const [file] = findVarsFiles(
    session.files,
    join(path, part),
    from ?? "main",
    from === null ? MAIN_EXTENSIONS : NAMED_EXTENSIONS,
    false,
  );
  if (file !== undefined) return readTaskFile(session, { ...scope, file }, file, at);
  if (from !== null) missingFrom(session, path, part, from, at);
  return [];
};

const missingFrom = (session: Session, path: string, part: string, from: string, at: Place): void => {
  const names = session.files.isDirectory(join(path, part)) ? session.files.disk.names(join(path, part)) : [];
  const near = suggest(
    from,
    names.map((name) => name.replace(/\.(?:ya?ml|json)$/, "")),
  );
  const hint = near === null ? null : `did you mean ${near}?`;
  fault(session, "E_MISSING_FILE", `the role has no ${part}/${from}`, at, hint);
};
