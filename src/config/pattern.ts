import { resolve } from "node:path";
import { LbplayError, LbplayErrors, type Place } from "../core/error.ts";
import type { Inventory } from "../core/play.ts";
import { suggest } from "../core/suggest.ts";
import { type Disk, disk } from "./disk.ts";
import { parseAddress } from "./host-range.ts";

/** How a pattern is matched. */
export interface PatternOptions {
  /** `@file` patterns are read relative to it. */
  readonly cwd: string;
  /** Where the pattern stands, for errors. */
  readonly at?: Place | null;
  /** A word that matches nothing is an error rather than nothing (as for `--limit`, and for literal `hosts:`). */
  readonly strict?: boolean;
  /** What is asked for `@file`; absent: the disk itself. */
  readonly disk?: Disk;
}

/** Names that mean this machine although no inventory has them. */
const LOCAL = ["localhost", "127.0.0.1", "::1"];

/**
 * The hosts of a pattern in order: `web:db`, `web,db`, `web:&staging`, `web:!lb1`, globs, `~regex`, `web[0]`,
 * `web[1:3]`, `@retry-file`. Throws LbplayErrors for words that match no host and no group.
 */
export const matchHosts = (
  pattern: string | readonly string[],
  inventory: Inventory,
  options: PatternOptions,
): readonly string[] => {
  const faults: LbplayError[] = [];
  const words = (typeof pattern === "string" ? [pattern] : pattern)
    .flatMap(splitPattern)
    .flatMap((word) => (word.startsWith("@") ? readWords(word.slice(1), options, faults) : [word]));
  let matched: readonly string[] = [];
  for (const word of inOrder(words)) {
    const sign = word.startsWith("!") || word.startsWith("&") ? word[0] : "";
    const found = inventory.hosts.has(word)
      ? [word]
      : matchWord(word.slice(sign === "" ? 0 : 1), inventory, options, faults);
    if (sign === "!") matched = matched.filter((name) => !found.includes(name));
    else if (sign === "&") matched = matched.filter((name) => found.includes(name));
    else matched = [...new Set([...matched, ...found])];
  }
  if (faults.length > 0) throw new LbplayErrors(faults);
  return matched;
};

/** Commas separate; without any, colons do, unless the whole is one address or range. */
export const splitPattern = (pattern: string): readonly string[] => {
  const parts = pattern.includes(",")
    ? pattern.split(",")
    : parseAddress(pattern) !== null
      ? [pattern]
      : (pattern.match(/(?:[^\s:[\]]|\[[^\]]*\])+/g) ?? []);
  return parts.map((part) => part.trim()).filter((part) => part !== "");
};

/** Additions first, then intersections, then exclusions; with neither, everything is there to start from. */
const inOrder = (words: readonly string[]): readonly string[] => {
  const plain = words.filter((word) => !/^[!&]/.test(word));
  return [
    ...(plain.length === 0 ? ["all"] : plain),
    ...words.filter((word) => word.startsWith("&")),
    ...words.filter((word) => word.startsWith("!")),
  ];
};

const readWords = (file: string, options: PatternOptions, faults: LbplayError[]): readonly string[] => {
  try {
    const lines = (options.disk ?? disk).bytes(resolve(options.cwd, file)).toString("utf8").split("\n");
    return lines.map((line) => line.trim()).filter((line) => line !== "" && !line.startsWith("#"));
  } catch (cause) {
    const hint = "a file after @ lists one host per line";
    faults.push(
      new LbplayError({
        code: "E_FILE",
        message: `cannot read the host list ${file}`,
        at: options.at ?? null,
        hint,
        cause,
      }),
    );
    return [];
  }
};

const matchWord = (
  word: string,
  inventory: Inventory,
  options: PatternOptions,
  faults: LbplayError[],
): readonly string[] => {
  const subscript = word.startsWith("~")
    ? null
    : /^(.+)\[(?:(-?[0-9]+)|([0-9]+)([:-])([0-9]*))\]$/.exec(word);
  const name = subscript?.[1] ?? word;
  const found = membersOf(name, inventory, word, options, faults);
  if (subscript === null || found.length === 0) return found;
  const single = subscript[2];
  if (single === undefined) {
    const end = subscript[5] === "" ? found.length : Number(subscript[5]) + 1;
    return found.slice(Number(subscript[3]), end);
  }
  const one = found.at(Number(single));
  if (one !== undefined) return [one];
  const message = `${word}: ${name} has only ${found.length} ${found.length === 1 ? "host" : "hosts"}`;
  faults.push(
    new LbplayError({
      code: "E_HOST_PATTERN",
      message,
      at: options.at ?? null,
      hint: "the first host is [0]",
    }),
  );
  return [];
};

const membersOf = (
  name: string,
  inventory: Inventory,
  word: string,
  options: PatternOptions,
  faults: LbplayError[],
): readonly string[] => {
  const test = matcher(name);
  if (test === null) {
    const message = `${word} is not a regular expression`;
    faults.push(new LbplayError({ code: "E_HOST_PATTERN", message, at: options.at ?? null }));
    return [];
  }
  const groups = [...inventory.groups.values()].filter((group) => test(group.name));
  const found = new Set(groups.flatMap((group) => group.hosts));
  if (groups.length === 0 || /^~|[.?*[]/.test(name))
    for (const host of inventory.hosts.keys()) if (test(host)) found.add(host);
  if (found.size > 0) return [...found];
  if (LOCAL.includes(name)) return [LOCAL.find((local) => inventory.hosts.has(local)) ?? name];
  if (groups.length === 0 && name !== "all" && (options.strict ?? true))
    faults.push(unknown(name, inventory, options.at ?? null));
  return [];
};

const unknown = (name: string, inventory: Inventory, at: Place | null): LbplayError => {
  const names = [...inventory.groups.keys(), ...inventory.hosts.keys()];
  const near = suggest(name, names);
  const hint = near === null ? `the inventory has ${names.slice(0, 8).join(", ")}` : `did you mean ${near}?`;
  return new LbplayError({
    code: "E_UNKNOWN_HOST",
    message: `no host and no group matches "${name}"`,
    at,
    hint,
  });
};

/** A glob (whole name) or, after ~, a regular expression (from the start); null for a broken one. */
const matcher = (name: string): ((text: string) => boolean) | null => {
  try {
    const regex = name.startsWith("~")
      ? new RegExp(`^(?:${fromPython(name.slice(1))})`, "u")
      : new RegExp(`^${globSource(name)}$`, "su");
    return (text) => regex.test(text);
  } catch {
    return null;
  }
};

/** Python's named groups and end-of-text anchors in JavaScript's spelling. */
const fromPython = (pattern: string): string =>
  pattern
    .replaceAll("(?P<", "(?<")
    .replaceAll("\\Z", "$")
    .replaceAll("\\A", "^")
    .replace(/\\([-_@%&"'`<>~#!:;=, ])/g, "$1");

/** A shell glob as a regular expression's source. */
const globSource = (glob: string): string => {
  let source = "";
  for (let index = 0; index < glob.length; index += 1) {
    const char = glob[index] ?? "";
    const close = char === "[" ? glob.indexOf("]", glob[index + 1] === "!" ? index + 3 : index + 2) : -1;
    if (char === "*") source += ".*";
    else if (char === "?") source += ".";
    else if (close !== -1) {
      const inside = glob
        .slice(index + 1, close)
        .replaceAll("\\", "\\\\")
        .replace(/^\^/, "\\^")
        .replace(/[[\]]/g, "\\$&");
      source += `[${inside.startsWith("!") ? `^${inside.slice(1)}` : inside}]`;
      index = close;
    } else source += char.replace(/[\\^$.*+?()[\]{}|/]/, "\\$&");
  }
  return source;
};
