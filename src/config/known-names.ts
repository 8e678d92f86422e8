import { isAbsolute, join } from "node:path";
import { LbplayErrors } from "../core/error.ts";
import type { Loader, Play, RoleInstance, Step } from "../core/play.ts";
import { isDict, isList, isTemplate, type Source, type SourceDict } from "../core/value.ts";
import { shortName } from "./catalog.ts";
import { type CheckOptions, literal, type Report } from "./check-options.ts";
import { matchHosts } from "./pattern.ts";
import { argumentOf } from "./special.ts";
import { argumentsOf, type VisitedPlay } from "./visit.ts";

/** Names of variables with their definitions as far as they are known beforehand. */
export type KnownNames = ReadonlyMap<string, readonly Source[]>;

/** Names, and whether there may be others that only the run knows. */
export interface Names {
  readonly names: KnownNames;
  readonly open: boolean;
}

/** The names that a play sees, and its vars_files. */
export interface PlayNames extends Names {
  readonly files: readonly SourceDict[];
}

type Definitions = Map<string, Source[]>;

const define = (names: Definitions, key: unknown, ...values: readonly Source[]): void => {
  const name = String(key);
  const known = names.get(name);
  if (known === undefined) names.set(name, [...values]);
  else for (const value of values) if (!known.includes(value)) known.push(value);
};

const defineAll = (names: Definitions, layer: SourceDict): void => {
  for (const [key, value] of layer) define(names, key, value);
};

/** What the tasks of all plays give to hosts: registered results, set_fact, include_vars, hosts' own variables. */
export const collectFacts = (plays: readonly VisitedPlay[], options: CheckOptions): Names => {
  const names: Definitions = new Map();
  let open = plays.some((play) => play.open);
  for (const { visits } of plays)
    for (const { step } of visits) {
      // A registered result is a value of the run: two definitions, so that nobody takes one for the only one.
      if (step.keywords.register !== null) define(names, step.keywords.register, null, "");
      if (!factsOf(step, names, options) || changesInventory(step)) open = true;
    }
  return { names, open };
};

/** Hosts that join a group have its variables from then on. */
const changesInventory = (step: Step): boolean =>
  step.kind === "meta"
    ? step.action === "refresh_inventory"
    : step.kind === "task" && ["add_host", "group_by"].includes(shortName(step.module));

/** Adds the names that a step defines when it runs; false where they are known only then. */
const factsOf = (step: Step, names: Definitions, options: CheckOptions): boolean => {
  if (step.kind === "include" && step.what === "vars") return includedVars(step, names, options);
  if (step.kind !== "task") return true;
  const args = argumentsOf(step.args);
  switch (shortName(step.module)) {
    case "set_fact":
      if (isTemplate(step.args) || args.has("_raw_params")) return false;
      for (const key of args.keys()) {
        if (/\{[{%]/.test(String(key))) return false;
        define(names, key, null, "");
      }
      return true;
    case "package_facts":
      define(names, "packages", null, "");
      return true;
    case "service_facts":
      define(names, "services", null, "");
      return true;
    case "setup":
    case "gather_facts":
      return true;
    default:
      return !/_facts$|(?:^|\.)getent$/.test(step.module);
  }
};

const includedVars = (
  step: Extract<Step, { kind: "include" }>,
  names: Definitions,
  options: CheckOptions,
): boolean => {
  const name = argumentOf(step.args, ["name"]);
  if (name !== undefined) {
    const into = literal(name);
    if (into !== null) define(names, into, null, "");
    return into !== null;
  }
  const file = literal(argumentOf(step.args, ["file"]));
  if (file === null) return false;
  const directories = options.loader.searchPath("vars", step.role, step.at);
  const path = isAbsolute(file)
    ? file
    : directories
        .map((directory) => join(directory, file))
        .find((found) => options.disk.status(found) !== null);
  return path !== undefined && defineFile(names, path, options.loader);
};

const defineFile = (names: Definitions, path: string, loader: Loader): boolean => {
  const vars = fileOf(path, loader);
  if (vars !== null) for (const key of vars.keys()) define(names, key, null, "");
  return vars !== null;
};

/** The variables of a file; null where it cannot be read. */
const fileOf = (path: string, loader: Loader): SourceDict | null => {
  try {
    return loader.loadVars(path);
  } catch (error) {
    if (error instanceof LbplayErrors) return null;
    throw error;
  }
};

/** What a play sees beside the facts of its hosts: inventory, its own variables, its roles'. Missing files are reported. */
export const playNames = (
  { play, included }: VisitedPlay,
  options: CheckOptions,
  report: Report,
): PlayNames => {
  const names: Definitions = new Map();
  for (const host of hostsOf(play, options)) {
    const vars = options.inventory.hosts.get(host)?.vars;
    if (vars !== undefined) defineAll(names, vars);
  }
  const roles: readonly RoleInstance[] = [
    ...play.roles,
    ...included.filter((role) => role.public).map((role) => role.instance),
  ];
  for (const role of roles)
    for (const layer of [role.defaults, role.vars, role.params]) defineAll(names, layer);
  defineAll(names, play.vars);
  for (const { name } of play.varsPrompt) define(names, name, null, "");
  for (const [key] of options.extra) define(names, key, null, "");
  const files = play.varsFiles.map((entry) => varsFile(entry, play, options, report));
  for (const file of files) if (file !== null) for (const key of file.keys()) define(names, key, null, "");
  return { names, open: files.includes(null), files: files.filter((file) => file !== null) };
};

/** The hosts of a play, or all of the inventory where that is not known or there are none yet. */
const hostsOf = (play: Play, options: CheckOptions): readonly string[] => {
  const hosts = playHosts(play, options) ?? [];
  return hosts.some((host) => options.inventory.hosts.has(host))
    ? hosts
    : [...options.inventory.hosts.keys()];
};

/** The hosts of a play by its pattern; null where that is known only in the run. */
export const playHosts = (play: Play, options: CheckOptions): readonly string[] | null => {
  const words = isList<Source>(play.hosts) ? play.hosts.map(literal) : [literal(play.hosts)];
  const pattern = words.filter((word) => word !== null);
  if (pattern.length !== words.length) return null;
  try {
    return matchHosts(pattern, options.inventory, { cwd: options.cwd, strict: false, disk: options.disk });
  } catch (error) {
    if (error instanceof LbplayErrors) return null;
    throw error;
  }
};

/** One entry of vars_files: of a list the first file that exists counts. null where it is known only in the run. */
const varsFile = (entry: Source, play: Play, options: CheckOptions, report: Report): SourceDict | null => {
  const choices = isList<Source>(entry) ? entry.map(literal) : [literal(entry)];
  const words = choices.filter((choice) => choice !== null);
  if (words.length !== choices.length || isDict(entry)) return null;
  const directories = options.loader.searchPath("vars", null, play.at);
  const found = words
    .map((word) =>
      isAbsolute(word)
        ? word
        : directories
            .map((directory) => join(directory, word))
            .find((path) => options.disk.status(path) !== null),
    )
    .find((path) => path !== undefined && options.disk.status(path) !== null);
  if (found !== undefined) return fileOf(found, options.loader);
  report({
    code: "E_MISSING_FILE",
    message: `there is no file of variables ${words.join(" or ")}`,
    at: play.at,
    hint: "paths are looked for in vars/ and beside the playbook",
  });
  return null;
};
