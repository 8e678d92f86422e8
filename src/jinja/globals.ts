import { LbplayError } from "../core/error.ts";
import type { Dict, Value } from "../core/value.ts";
import type { Host } from "./environment.ts";
import {
  Callable,
  Instance,
  isMapping,
  type Keywords,
  type Obj,
  PyError,
  Range,
  textOf,
  Undefined,
  UndefinedUse,
} from "./objects.ts";
import { toPlain } from "./plain.ts";
import { store } from "./python/compare.ts";
import { localDate, utcDate } from "./python/datetime.ts";
import { toIndex } from "./python/number.ts";
import { iterate, truth } from "./python/operators.ts";
import { repr, str } from "./python/print.ts";

/** The names that templates have without anyone defining them. */
export const GLOBAL_NAMES: readonly string[] = [
  "range",
  "dict",
  "lipsum",
  "cycler",
  "joiner",
  "namespace",
  "lookup",
  "query",
  "q",
  "now",
  "undef",
];

/** The global functions of one rendering. */
export const createGlobals = (host: Host): ReadonlyMap<string, Obj> =>
  new Map<string, Obj>(
    [
      new Callable("range", (args) => range(args)),
      new Callable("dict", (args, keywords) => makeDict(args, keywords)),
      new Callable("lipsum", () => {
        throw new PyError("Refused", "lipsum() is not available: its text is random");
      }),
      new Callable("cycler", (args) => cycler(args)),
      new Callable("joiner", (args, keywords) => joiner(args[0] ?? keywords.get("sep") ?? ", ")),
      new Callable("namespace", (args, keywords) => namespace(makeDict(args, keywords))),
      new Callable("lookup", (args, keywords) => lookup(host, args, keywords, false)),
      new Callable("query", (args, keywords) => lookup(host, args, keywords, true)),
      new Callable("q", (args, keywords) => lookup(host, args, keywords, true)),
      new Callable("now", (args, keywords) => now(host, args, keywords)),
      new Callable("undef", (args, keywords) => undef(args[0] ?? keywords.get("hint") ?? null)),
    ].map((callable) => [callable.name, callable]),
  );

const range = (args: readonly Obj[]): Obj => {
  const numbers = args.map((argument) => toIndex(argument, "object"));
  const [first, second, third] = numbers;
  if (first === undefined || numbers.length > 3)
    throw new PyError("TypeError", "range expected 1 to 3 arguments");
  if (third === 0) throw new PyError("ValueError", "range() arg 3 must not be zero");
  return second === undefined ? new Range(0, first, 1) : new Range(first, second, third ?? 1);
};

const makeDict = (args: readonly Obj[], keywords: Keywords): Map<Obj, Obj> => {
  const made = new Map<Obj, Obj>();
  const [source] = args;
  if (source instanceof Undefined) throw new UndefinedUse(source);
  if (source !== undefined && isMapping(source)) for (const [key, value] of source) store(made, key, value);
  else if (source !== undefined) {
    for (const pair of iterate(source)) {
      const items = iterate(pair);
      if (items.length !== 2) {
        throw new PyError(
          "ValueError",
          `dictionary update sequence element has length ${items.length}; 2 is required`,
        );
      }
      store(made, items[0] ?? null, items[1] ?? null);
    }
  }
  for (const [name, value] of keywords) made.set(name, value);
  return made;
};

const cycler = (items: readonly Obj[]): Obj => {
  if (items.length === 0) throw new PyError("TypeError", "at least one item has to be provided");
  let position = 0;
  const current = (): Obj => items[position] ?? null;
  const next = new Callable("next", () => {
    const value = current();
    position = (position + 1) % items.length;
    return value;
  });
  const reset = new Callable("reset", () => {
    position = 0;
    return null;
  });
  const attribute = (name: string): Obj | undefined => {
    if (name === "next") return next;
    if (name === "reset") return reset;
    if (name === "current") return current();
    if (name === "pos") return position;
    return name === "items" ? items : undefined;
  };
  return new Instance({ type: "Cycler", attribute, print: () => "<Cycler>" });
};

const joiner = (separator: Obj): Obj => {
  let used = false;
  const call = (): Obj => {
    if (used) return separator;
    used = true;
    return "";
  };
  return new Instance({
    type: "Joiner",
    attribute: (name) => (name === "sep" ? separator : name === "used" ? used : undefined),
    call,
    print: () => "<Joiner>",
  });
};

const namespace = (values: Map<Obj, Obj>): Obj =>
  new Instance({
    type: "Namespace",
    attribute: (name) => values.get(name),
    item: (key) => values.get(key),
    assign: (name, value) => {
      values.set(name, value);
    },
    print: () => `<Namespace ${repr(values)}>`,
  });

const now = (host: Host, args: readonly Obj[], keywords: Keywords): Obj => {
  const utc = truth(args[0] ?? keywords.get("utc") ?? false);
  const format = args[1] ?? keywords.get("fmt") ?? null;
  const moment = host.now();
  const date = utc ? utcDate(moment) : localDate(moment, host);
  return format !== null && truth(format) ? date.format(str(format)) : date.object;
};

const undef = (hint: Obj): Obj =>
  new Undefined({ message: textOf(hint) ?? "Mandatory variable has not been overridden", variable: null });

/** lookup(), query() and q(). */
const lookup = (host: Host, args: readonly Obj[], keywords: Keywords, asList: boolean): Obj => {
  const [plugin, ...terms] = args;
  const name = plugin === undefined ? null : textOf(plugin);
  if (name === null) throw new PyError("TypeError", "a lookup wants the name of a plugin");
  if (host.lookup === null) throw new PyError("Refused", "lookups are not available here");
  const options = new Map<Value, Value>();
  for (const [key, value] of keywords) {
    if (key !== "wantlist" && key !== "errors" && key !== "allow_unsafe") options.set(key, toPlain(value));
  }
  const wantList = asList || truth(keywords.get("wantlist") ?? false);
  const errors = str(keywords.get("errors") ?? "strict");
  const plainTerms = terms.map(toPlain);
  try {
    const found = host.lookup(
      name.replace(/^ansible\.(?:builtin|legacy)\./, ""),
      plainTerms,
      options as Dict,
    );
    return wantList ? [...found] : joined(found);
  } catch (error) {
    if (errors === "strict" || !(error instanceof LbplayError) || error.code === "E_UNDEFINED") throw error;
    return wantList ? [] : null;
  }
};

/** Texts with commas between; a single value of another type as it is. */
const joined = (found: readonly Value[]): Obj => {
  if (found.length === 0) return [];
  const texts = found.map((item) => textOf(item));
  if (texts.every((text) => text !== null)) return texts.join(",");
  const [only] = found;
  return found.length === 1 && only !== undefined ? only : found;
};
