import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { LbplayError } from "../core/error.ts";
import { pythonRegExp, regexpFault } from "../core/python-regexp.ts";
import { suggest } from "../core/suggest.ts";
import { type Dict, isDict, isList, type Value } from "../core/value.ts";
import type { ControllerFiles, FileOrigin } from "./files.ts";
import { globFiles } from "./host-files.ts";
import { LIST_LOOKUPS } from "./list-lookups.ts";
import { csvfile, ini } from "./table-lookups.ts";

/** What lookups may use of the controller. */
export interface LookupContext {
  readonly files: ControllerFiles;
  readonly from: FileOrigin;
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly random: () => number;
  /** A variable of the task, rendered; undefined where there is none. */
  readonly variable: (name: string) => Value | undefined;
  readonly variableNames: () => Iterable<string>;
  /** A template file rendered with the task's variables. */
  readonly renderTemplate: (path: string, options: Dict) => string;
  readonly onSecret: (text: string) => void;
  /** The hosts of a pattern, whatever the run is limited to. */
  readonly hosts: (pattern: string) => readonly string[];
}

type Lookup = (terms: readonly Value[], options: Dict, context: LookupContext) => readonly Value[];

/** Runs a lookup plugin: a list of values for a list of terms. Throws LbplayError for unknown names and for failures. */
export const runLookup = (
  plugin: string,
  terms: readonly Value[],
  options: Dict,
  context: LookupContext,
): readonly Value[] => {
  const lookup = LOOKUPS.get(plugin.replace(/^(ansible\.builtin|community\.general)\./, ""));
  if (lookup === undefined) {
    const meant = suggest(plugin, LOOKUPS.keys());
    throw new LbplayError({
      code: "E_UNKNOWN_LOOKUP",
      message: `there is no lookup ${plugin}`,
      at: context.from.at,
      hint: meant === null ? `lookups: ${[...LOOKUPS.keys()].join(", ")}` : `did you mean ${meant}?`,
    });
  }
  try {
    return lookup(terms, options, context);
  } catch (error) {
    // What the controller's file system refuses is the user's to mend.
    if (error instanceof Error && "syscall" in error)
      throw fail(context, `the lookup ${plugin}: ${error.message}`);
    throw error;
  }
};

/** The names of all lookups, for checks before a run. */
export const lookupNames = (): readonly string[] => [...LOOKUPS.keys()];

const fail = (context: LookupContext, message: string): LbplayError =>
  new LbplayError({ code: "E_LOOKUP", message, at: context.from.at });

const textOf = (value: Value): string => (typeof value === "string" ? value : String(value));

const file: Lookup = (terms, options, context) =>
  terms.map((term) => {
    const text = context.files.read(context.files.find("files", textOf(term), context.from)).toString("utf8");
    const right = options.get("rstrip") === false ? text : text.trimEnd();
    return options.get("lstrip") === true ? right.trimStart() : right;
  });

const env: Lookup = (terms, options, context) =>
  terms.map((term) => context.environment[textOf(term)] ?? options.get("default") ?? "");

const pipe: Lookup = (terms, _options, context) =>
  terms.map((term) => {
    try {
      return execFileSync("/bin/sh", ["-c", textOf(term)], {
        cwd: context.cwd,
        encoding: "utf8",
        stdio: ["ignore", "pipe", "pipe"],
        maxBuffer: Number.POSITIVE_INFINITY,
      }).trimEnd();
    } catch (error) {
      throw fail(
        context,
        `the lookup pipe failed: ${textOf(term)}: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  });

const lines: Lookup = (terms, options, context) =>
  pipe(terms, options, context).flatMap((output) => textOf(output).split("\n"));

const template: Lookup = (terms, options, context) =>
  terms.map((term) =>
    context.renderTemplate(context.files.find("templates", textOf(term), context.from), options),
  );

const vars: Lookup = (terms, options, context) =>
  terms.map((term) => {
    const value = context.variable(textOf(term)) ?? options.get("default");
    if (value !== undefined) return value;
    throw new LbplayError({
      code: "E_UNDEFINED",
      message: `the variable ${textOf(term)} is undefined`,
      at: context.from.at,
    });
  });

const varnames: Lookup = (terms, _options, context) =>
  terms.flatMap((term) => {
    const fault = regexpFault(textOf(term));
    if (fault !== null) throw fail(context, `the lookup varnames: ${fault}`);
    const expression = pythonRegExp(textOf(term));
    return [...context.variableNames()].filter((name) => expression.test(name));
  });

const firstFound: Lookup = (terms, options, context) => {
  const groups = terms.map((term) => (isDict<Value>(term) ? term : null)).filter((term) => term !== null);
  const settings = groups[0] ?? options;
  const listed = (value: Value | undefined): readonly string[] =>
    value === undefined || value === null
      ? []
      : isList<Value>(value)
        ? value.map(textOf)
        : textOf(value).split(/[,;]/);
  const plain = terms.filter((term) => !isDict<Value>(term)).flatMap((term) => listed(term));
  const names = [...plain, ...listed(settings.get("files"))];
  const paths = listed(settings.get("paths"));
  const all = paths.length === 0 ? names : paths.flatMap((path) => names.map((name) => `${path}/${name}`));
  for (const kind of ["files", "templates"] as const) {
    const found = context.files.findFirst(kind, all, context.from);
    if (found !== null) return [found];
  }
  if (settings.get("skip") === true) return [];
  throw fail(context, `none of these files exists: ${all.join(", ")}`);
};

const fileglob: Lookup = (terms, _options, context) =>
  terms.flatMap((term) => {
    const pattern = textOf(term);
    const directory = context.files.findFirst("files", [dirname(pattern)], context.from);
    const absolute =
      directory === null ? resolve(context.cwd, pattern) : resolve(directory, pattern.replace(/^.*\//, ""));
    return globFiles(absolute);
  });

/** A password that is made once and kept in a file; `/dev/null` keeps none. */
const password: Lookup = (terms, options, context) =>
  terms.map((term) => {
    const { path, length, characters } = passwordRequest(textOf(term), options, context);
    const target = resolve(context.cwd, path);
    const present = path === "/dev/null" ? null : readPassword(target);
    const made = present ?? Array.from({ length }, () => pick(characters, context.random)).join("");
    context.onSecret(made);
    if (present === null && path !== "/dev/null") {
      mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
      writeFileSync(target, `${made}\n`, { mode: 0o600 });
    }
    return made;
  });

/** Python's names for sets of characters, as `chars=` takes them beside characters of one's own. */
const CHARACTER_SETS: Readonly<Record<string, string>> = {
  ascii_letters: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
  ascii_lowercase: "abcdefghijklmnopqrstuvwxyz",
  ascii_uppercase: "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
  digits: "0123456789",
  hexdigits: "0123456789abcdefABCDEF",
  octdigits: "01234567",
  punctuation: "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
};

const passwordRequest = (term: string, options: Dict, context: LookupContext) => {
  const [path = "", ...settings] = term.split(/\s+/);
  const given = new Map<string, Value>(
    settings.map((setting) => [setting.replace(/=.*$/, ""), setting.replace(/^[^=]*=?/, "")]),
  );
  for (const [name, value] of options) if (!given.has(String(name))) given.set(String(name), value);
  const unknown = [...given].find(([name, value]) => !["length", "chars"].includes(name) && value !== null);
  if (unknown !== undefined) {
    throw fail(context, `the lookup password does not know ${unknown[0]}; it knows length and chars`);
  }
  const length = Number(given.get("length") ?? 20);
  if (!Number.isInteger(length) || length < 1)
    throw fail(context, "the lookup password: length has to be a number");
  return { path, length, characters: charactersOf(given.get("chars") ?? DEFAULT_CHARACTERS) };
};

const DEFAULT_CHARACTERS = ["ascii_letters", "digits", ".,:-_"];

/** In a text `,,` stands for the comma itself. */
const charactersOf = (chars: Value): string => {
  const text = isList<Value>(chars) ? "" : textOf(chars);
  const words = text.replaceAll(",,", ",").split(",");
  const named = isList<Value>(chars) ? chars.map(textOf) : text.includes(",,") ? [",", ...words] : words;
  return [...new Set(named.map((name) => CHARACTER_SETS[name] ?? name).join(""))].join("");
};

const readPassword = (path: string): string | null => {
  if (statSync(path, { throwIfNoEntry: false }) === undefined) return null;
  return readFileSync(path, "utf8").split("\n")[0]?.split(" salt=")[0] ?? "";
};

const pick = (characters: string, random: () => number): string =>
  characters[Math.floor(random() * characters.length)] ?? "";

const randomChoice: Lookup = (terms, _options, context) => {
  const chosen = terms[Math.floor(context.random() * terms.length)];
  return chosen === undefined ? [] : [chosen];
};

const LOOKUPS: ReadonlyMap<string, Lookup> = new Map<string, Lookup>([
  ["file", file],
  ["env", env],
  ["pipe", pipe],
  ["lines", lines],
  ["template", template],
  ["vars", vars],
  ["varnames", varnames],
  ["first_found", firstFound],
  ["fileglob", fileglob],
  ["password", password],
  ["random_choice", randomChoice],
  ["csvfile", csvfile],
  ["ini", ini],
  ["inventory_hostnames", (terms, _options, { hosts }) => hosts(terms.flat().map(String).join(","))],
  ...[...LIST_LOOKUPS].map(
    ([name, lookup]) => [name, (terms: readonly Value[], options: Dict) => lookup(terms, options)] as const,
  ),
]);
