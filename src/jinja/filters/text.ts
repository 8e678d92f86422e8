import { isMapping, isSequence, type Obj, PyError, Text, textOf, tuple } from "../objects.ts";
import { formatPercent } from "../python/format-percent.ts";
import { needText, optionalInt, optionalText } from "../python/method-arguments.ts";
import { isNumber } from "../python/number.ts";
import { iterable, iterate, length as lengthOf, truth } from "../python/operators.ts";
import { str } from "../python/print.ts";
import {
  capitalize,
  center,
  characters,
  replace,
  splitLines,
  splitRight,
  strip,
  textLength,
} from "../python/text.ts";
import { typeOf } from "../python/type.ts";
import { type Definition, define } from "./define.ts";
import { quoteUrl } from "./url.ts";
import { wordWrap } from "./wrap.ts";

const plain = (name: string, body: (text: string) => Obj): Definition =>
  define(name, [], (value) => body(str(value)));

/** title() of Jinja2: a capital after white space, hyphens and opening brackets only. */
const title = (text: string): string =>
  text
    .split(/([-\s({[<]+)/u)
    .map((word) => {
      const [first = "", ...rest] = characters(word);
      return first.toUpperCase() + rest.join("").toLowerCase();
    })
    .join("");

const indent = (text: string, width: Obj, first: boolean, blank: boolean): string => {
  const indention = textOf(width) ?? " ".repeat(optionalInt(width, 4));
  const [head = "", ...rest] = splitLines(`${text}\n`);
  const lines = rest.map((line) => (blank || line !== "" ? indention + line : line));
  const body = [head, ...lines].join("\n");
  return first ? indention + body : body;
};

const truncate = (value: Obj, length: number, killWords: boolean, end: string, leeway: number): Obj => {
  const size = textLength(end);
  if (length < size) throw new PyError("ValueError", `expected length >= ${size}, got ${length}`);
  if (leeway < 0) throw new PyError("ValueError", `expected leeway >= 0, got ${leeway}`);
  if (lengthOf(value) <= length + leeway) return value;
  const text = needString(value);
  const cut = characters(text)
    .slice(0, length - size)
    .join("");
  return (killWords ? cut : (splitRight(cut, " ", 1)[0] ?? "")) + end;
};

const format = (value: Obj, args: readonly Obj[], keywords: ReadonlyMap<string, Obj>): Obj => {
  if (args.length > 0 && keywords.size > 0) {
    throw new PyError("FilterError", "can't handle positional and keyword arguments at the same time");
  }
  return formatPercent(str(value), keywords.size > 0 ? new Map(keywords) : tuple(args));
};

const urlEncode = (value: Obj): string => {
  if (textOf(value) !== null || iterable(value) === null) return quoteUrl(str(value), "/");
  const pairs = isMapping(value) ? [...value] : iterate(value).map((pair) => iterate(pair));
  const forQuery = (part: Obj): string => quoteUrl(str(part), "").replaceAll("%20", "+");
  return pairs.map(([key, item]) => `${forQuery(key ?? null)}=${forQuery(item ?? null)}`).join("&");
};

const reverse = (value: Obj): Obj => {
  const text = textOf(value);
  if (text !== null) return [...characters(text)].reverse().join("");
  const items = iterable(value);
  if (items === null) throw new PyError("FilterError", "argument must be iterable");
  return [...items].reverse();
};

const needString = (value: Obj): string => {
  const text = textOf(value);
  if (text !== null) return text;
  if (isNumber(value) || value === null || isSequence(value) || isMapping(value)) {
    throw new PyError("TypeError", `a string is wanted here, not ${typeOf(value)}`);
  }
  return str(value);
};

/** Jinja2's filters on strings. */
export const textFilters: readonly Definition[] = [
  plain("upper", (text) => text.toUpperCase()),
  plain("lower", (text) => text.toLowerCase()),
  plain("capitalize", capitalize),
  plain("title", title),
  plain("wordcount", (text) => text.match(/[\p{L}\p{N}_]+/gu)?.length ?? 0),
  define("string", [], (value) => (value instanceof Text ? value : str(value))),
  define("reverse", [], reverse),
  define("center", ["width"], (value, [width]) => center(str(value), optionalInt(width, 80))),
  define("trim", ["chars"], (value, [chars]) => strip(str(value), optionalText(chars, "strip arg"))),
  define("replace", ["old!", "new!", "count"], (value, [old, to, count]) =>
    replace(str(value), str(old ?? null), str(to ?? null), optionalInt(count, -1)),
  ),
  define("indent", ["width", "first", "blank"], (value, [width, first, blank]) =>
    indent(needString(value), width ?? 4, truth(first ?? false), truth(blank ?? false)),
  ),
  define("truncate", ["length", "killwords", "end", "leeway"], (value, [length, killWords, end, leeway]) =>
    truncate(
      value,
      optionalInt(length, 255),
      truth(killWords ?? false),
      end === undefined ? "..." : needText(end, "end"),
      optionalInt(leeway, 5),
    ),
  ),
  define(
    "wordwrap",
    ["width", "break_long_words", "wrapstring", "break_on_hyphens"],
    (value, [width, breakLong, wrapString, hyphens]) => {
      const options = {
        width: optionalInt(width, 79),
        breakLongWords: truth(breakLong ?? true),
        breakOnHyphens: truth(hyphens ?? true),
      };
      const newline = optionalText(wrapString, "wrapstring") ?? "\n";
      return splitLines(needString(value))
        .map((line) => wordWrap(line, options).join(newline))
        .join(newline);
    },
  ),
  ["format", (value, { args, keywords }) => format(value, args, keywords)],
  define("urlencode", [], urlEncode),
];
