import { dirname, join, resolve } from "node:path";
import { type LbplayError, LbplayErrors } from "../core/error.ts";
import type { Loader, Play, Playbook } from "../core/play.ts";
import type { SourceDict, Template } from "../core/value.ts";
import { type ModuleCatalog, shortName } from "./catalog.ts";
import { collectionOf, collectionPlaybook } from "./collections.ts";
import { createFiles, distinct, type FileOptions } from "./files.ts";
import { checkKeys, readKeywords } from "./keyword-values.ts";
import { inherit, noKeywords } from "./keywords.ts";
import { createLoader } from "./loader.ts";
import { describe, isNull, literalText, type YamlMap, type YamlNode } from "./node.ts";
import { mergeVars } from "./origins.ts";
import { type ImportedOver, readPlay } from "./plays.ts";
import { withPythonFile } from "./python-plugins.ts";
import { fault, type Session } from "./session.ts";
import { readSteps } from "./steps.ts";
import { parseYaml } from "./yaml.ts";

/** How a playbook is loaded. */
export interface PlaybookOptions extends FileOptions {
  readonly modules: ModuleCatalog;
  /** Directories of roles after the playbook's own `roles/`: the user's roles_path, then the package's roles. */
  readonly rolesPath: readonly string[];
  /** Directories that hold `ansible_collections`; the playbook's `collections/` is known anyway. */
  readonly collectionsPath?: readonly string[];
  /** Renders the name of a static import with the variables of play and role (and extra vars); null where it cannot. */
  readonly renderStatic?: (template: Template, vars: SourceDict) => string | null;
}

/** A playbook as far as it could be read, the way to its dynamic includes, and all mistakes found on the way. */
export interface ReadPlaybook {
  readonly playbook: Playbook;
  readonly loader: Loader;
  readonly errors: readonly LbplayError[];
  /** The same mistake, or what a file in Python has to do with it. */
  readonly explain: (error: LbplayError) => LbplayError;
}

/** Reads a playbook with its static imports and roles. Mistakes are in the result, so that checks can add theirs. */
export const readPlaybook = (path: string, options: PlaybookOptions): ReadPlaybook => {
  const full = playbookPath(path, options);
  const session = createSession(dirname(full), options);
  const plays = readPlays(session, full, { own: {}, vars: new Map() }, [], null);
  const explain: ReadPlaybook["explain"] = (error) => withPythonFile(error, { ...session, ...session.files });
  const errors = distinct(session.files.faults.splice(0)).map(explain);
  const playbook = { path: session.files.shown(full), plays };
  return { playbook, loader: createLoader(session), errors, explain };
};

/**
 * A play that no file holds, for commands that go to hosts without a playbook: it has no task, and files that
 * variables refer to are searched from the working directory.
 */
export const adHocPlay = (options: PlaybookOptions): { readonly play: Play; readonly loader: Loader } => {
  const session = createSession(options.cwd, options);
  const source = { path: "lbplay", text: "{hosts: all, gather_facts: false}\n" };
  const { node } = parseYaml(source, { decrypt: () => "" });
  if (node?.kind !== "map") throw new Error("the play of a command cannot be read");
  const play = readPlay(session, node, resolve(options.cwd, source.path), { own: {}, vars: new Map() });
  return { play, loader: createLoader(session) };
};

const createSession = (playbookDir: string, options: PlaybookOptions): Session => {
  const session: Session = {
    files: createFiles(options),
    modules: options.modules,
    playbookDir,
    rolesPath: options.rolesPath.map((directory) => resolve(options.cwd, directory)),
    collectionsPath: homesOf(playbookDir, options),
    renderStatic: options.renderStatic ?? (() => null),
    readSteps: (node, scope, where) => readSteps(session, node, scope, where),
    playOf: new WeakMap(),
  };
  return session;
};

/** A path, or `ns.collection.playbook` where there is no such file. */
const playbookPath = (path: string, options: PlaybookOptions): string => {
  const full = resolve(options.cwd, path);
  const files = createFiles(options);
  if (files.isFile(full)) return full;
  return collectionPlaybook(homesOf(options.cwd, options), path, files) ?? full;
};

/** Where collections are: beside the playbook, then where the settings say. */
const homesOf = (playbookDir: string, options: PlaybookOptions): readonly string[] => {
  const own = /^(.+)\/ansible_collections\//.exec(playbookDir)?.[1];
  const homes = [
    join(playbookDir, "collections"),
    ...(own === undefined ? [] : [own]),
    ...(options.collectionsPath ?? []),
  ];
  return homes.map((directory) => resolve(options.cwd, directory));
};

/** Reads a playbook and throws LbplayErrors where anything is wrong with its structure. */
export const loadPlaybook = (
  path: string,
  options: PlaybookOptions,
): { readonly playbook: Playbook; readonly loader: Loader } => {
  const { playbook, loader, errors } = readPlaybook(path, options);
  if (errors.length > 0) throw new LbplayErrors(errors);
  return { playbook, loader };
};

const readPlays = (
  session: Session,
  path: string,
  over: ImportedOver,
  stack: readonly string[],
  from: YamlNode | null,
): readonly Play[] => {
  const at = from?.at ?? null;
  if (stack.includes(path)) {
    fault(session, "E_IMPORT_LOOP", `${session.files.shown(path)} imports itself`, at);
    return [];
  }
  const before = session.files.faults.length;
  const node = session.files.yaml(path, at);
  if (node === null) {
    if (session.files.faults.length === before)
      fault(session, "E_EMPTY", `${session.files.shown(path)} is empty`, at, "a playbook is a list of plays");
    return [];
  }
  if (node.kind !== "list") {
    const hint = node.kind === "map" ? "start each play with `- hosts: …`" : null;
    fault(session, "E_WRONG_TYPE", `a playbook is a list of plays, found ${describe(node)}`, node.at, hint);
    return [];
  }
  return node.items.flatMap((item) => readEntry(session, item, path, over, [...stack, path]));
};

const readEntry = (
  session: Session,
  item: YamlNode,
  path: string,
  over: ImportedOver,
  stack: readonly string[],
): readonly Play[] => {
  if (isNull(item)) return [];
  if (item.kind !== "map") {
    fault(session, "E_WRONG_TYPE", `expected a play, found ${describe(item)}`, item.at);
    return [];
  }
  const imported = item.entries.find((entry) => shortName(entry.name) === "import_playbook");
  if (imported === undefined) return [readPlay(session, item, path, withCollection(path, over))];
  return importPlaybook(session, item, imported.node, path, over, stack);
};

/** What a play of a collection names is searched there first. */
const withCollection = (path: string, over: ImportedOver): ImportedOver => {
  const owner = collectionOf(path);
  return owner === null
    ? over
    : { ...over, own: { ...over.own, collections: [owner, ...(over.own.collections ?? [])] } };
};

const importPlaybook = (
  session: Session,
  map: YamlMap,
  node: YamlNode,
  path: string,
  over: ImportedOver,
  stack: readonly string[],
): readonly Play[] => {
  checkKeys(session, map, "importPlaybook", "import_playbook");
  const literal = literalText(node);
  const rendered =
    node.kind === "scalar" &&
    literal === null &&
    node.value !== null &&
    typeof node.value === "object" &&
    "kind" in node.value &&
    node.value.kind === "template"
      ? session.renderStatic(node.value, over.vars)
      : literal;
  if (rendered === null) {
    fault(
      session,
      "E_STATIC_IMPORT",
      `import_playbook: expected the path of a playbook, found ${describe(node)}`,
      node.at,
      "it is read before the run: only extra variables have a value then",
    );
    return [];
  }
  const { vars, ...own } = readKeywords(session, map);
  const beside = resolve(dirname(path), rendered);
  const target = session.files.isFile(beside)
    ? beside
    : (collectionPlaybook(session.collectionsPath, rendered, session.files) ?? beside);
  if (!session.files.isFile(target)) {
    fault(
      session,
      "E_MISSING_FILE",
      `there is no playbook ${rendered}`,
      node.at,
      `looked for ${session.files.shown(target)}`,
    );
    return [];
  }
  const inner: ImportedOver = {
    own: inherit(inherit(noKeywords, over.own), own),
    vars: mergeVars([vars?.[0] ?? new Map(), over.vars]),
  };
  return readPlays(session, target, inner, stack, node);
};
