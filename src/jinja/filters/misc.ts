import { quote as shellQuote } from "../../core/shell.ts";
import { isSequence, type Obj, PyError, textOf, Undefined, UndefinedUse } from "../objects.ts";
import { formatMoment, localDate, parseDate } from "../python/datetime.ts";
import { needText, optionalInt, optionalText } from "../python/method-arguments.ts";
import { int, isFloat, isNumber, readFloat, toBigInt, toNumber } from "../python/number.ts";
import { at, iterable, length, truth } from "../python/operators.ts";
import { str } from "../python/print.ts";
import { plainRandom, type Random, seededRandom } from "../python/random.ts";
import { split, splitWords, strip } from "../python/text.ts";
import { typeOf } from "../python/type.ts";
import { type Definition, define, type FilterTools } from "./define.ts";

const given = (value: Obj | undefined): Obj => value ?? null;

/** Python's shlex.quote: an empty word, or any character beyond these, needs quotes. */
const quote = (text: string): string => {
  if (text === "") return "''";
  if (/^[\p{ASCII}]*$/u.test(text) && /^[\w@%+=:,./-]+$/.test(text)) return text;
  const quoted = shellQuote(text);
  return quoted.startsWith("'") ? `'${text.replaceAll("'", "'\"'\"'")}'` : quoted;
};

const STYLES: Readonly<Record<string, { beginning: string; decoration: string; end: string }>> = {
  plain: { beginning: "", decoration: "# ", end: "" },
  erlang: { beginning: "", decoration: "% ", end: "" },
  c: { beginning: "", decoration: "// ", end: "" },
  cblock: { beginning: "/*", decoration: " * ", end: " */" },
  xml: { beginning: "<!--", decoration: " - ", end: "-->" },
};

const COMMENT_PARAMETERS = [
  "style",
  "newline",
  "beginning",
  "prefix",
  "prefix_count",
  "decoration",
  "postfix",
  "postfix_count",
  "end",
] as const;

const comment = define("comment", COMMENT_PARAMETERS, (value, args) => {
  const [styleName, newlineGiven, beginning, prefix, prefixCount, decoration, postfix, postfixCount, end] =
    args;
  const name = optionalText(styleName, "style") ?? "plain";
  const style = Object.hasOwn(STYLES, name) ? STYLES[name] : undefined;
  if (style === undefined) throw new PyError("KeyError", `'${name}'`);
  const text = (value: Obj | undefined, otherwise: string): string =>
    value === undefined ? otherwise : str(value);
  const newline = text(newlineGiven, "\n");
  const mark = text(decoration, style.decoration);
  const edge = strip(mark, null, "right");
  const begin = text(beginning, style.beginning);
  const before = text(prefix, edge);
  const after = text(postfix, edge);
  const close = text(end, style.end);
  const body = `${mark}${needText(demanded(value), "comment")
    .split(newline)
    .join(newline + mark)}`
    .split(mark + newline)
    .join(edge + newline);
  const prefixLine = before === "" ? "" : before === newline ? newline : before + newline;
  return (
    (begin === "" ? "" : begin + newline) +
    prefixLine.repeat(optionalInt(prefixCount, 1)) +
    body +
    (newline + after).repeat(optionalInt(postfixCount, 1)) +
    (close === "" ? "" : newline + close)
  );
});

const generator = (seed: Obj | undefined, tools: FilterTools): Random =>
  seed === undefined || seed === null ? plainRandom(tools.host.random) : seededRandom(seed);

const random = define("random", ["start", "step", "seed"], (value, [start, step, seed], tools) => {
  if (value instanceof Undefined) throw new UndefinedUse(value);
  const source = generator(seed, tools);
  if (isNumber(value) && !isFloat(value)) {
    const from = start === undefined || !truth(start) ? 0n : toBigInt(wholeOf(start));
    const by = step === undefined || !truth(step) ? 1n : toBigInt(wholeOf(step));
    const width = toBigInt(wholeOf(value)) - from;
    const count = by > 0n ? (width + by - 1n) / by : (width + by + 1n) / by;
    if (count <= 0n) throw new PyError("ValueError", "empty range for randrange()");
    return int(from + by * source.below(count));
  }
  if ((start !== undefined && truth(start)) || (step !== undefined && truth(step))) {
    throw new PyError("FilterError", "start and step can only be used with integer values");
  }
  if (textOf(value) === null && !isSequence(value)) {
    throw new PyError("FilterError", "random can only be used on sequences and integers");
  }
  if (length(value) === 0) throw new PyError("IndexError", "Cannot choose from an empty sequence");
  return at(value, Number(source.below(BigInt(length(value))))) ?? null;
});

const wholeOf = (value: Obj): number | bigint => {
  if (isNumber(value) && !isFloat(value))
    return typeof value === "boolean" ? Number(value) : (value as number | bigint); // floats are out
  throw new PyError("TypeError", `'${typeOf(value)}' object cannot be interpreted as an integer`);
};

const shuffle = define("shuffle", ["seed"], (value, [seed], tools) => {
  const found = value instanceof Undefined ? null : iterable(value);
  if (found === null) return value;
  const items = [...found];
  const source = generator(seed !== undefined && truth(seed) ? seed : undefined, tools);
  for (let index = items.length - 1; index > 0; index -= 1) {
    const other = Number(source.below(BigInt(index + 1)));
    const item = given(items[index]);
    items[index] = given(items[other]);
    items[other] = item;
  }
  return items;
});

const splitFilter = define("split", ["sep", "maxsplit"], (value, [separator, limit]) => {
  const text = needText(demanded(value), "split");
  const by = optionalText(separator, "separator");
  const most = optionalInt(limit, -1);
  return by === null ? splitWords(text, most) : split(text, by, most);
});

const demanded = (value: Obj): Obj => {
  if (value instanceof Undefined) throw new UndefinedUse(value);
  return value;
};

const strftime = define("strftime", ["second", "utc"], (value, [second, utc], { host }) => {
  const text = second === undefined || second === null ? null : textOf(second);
  const seconds =
    text !== null
      ? readFloat(text)
      : second !== undefined && second !== null && isNumber(second)
        ? toNumber(second)
        : null;
  if (seconds === null && second !== undefined && second !== null) {
    throw new PyError("FilterError", `Invalid value for epoch value (${str(second)})`);
  }
  const moment = seconds === null ? host.now() : new Date(Math.floor(seconds) * 1000);
  return formatMoment(needText(value, "strftime() argument 1"), moment, host, truth(utc ?? false));
});

/** Seconds since the epoch need the zone, which a date without one takes from here. */
const toDatetime = define("to_datetime", ["format"], (value, [format], { host }) => {
  const naive = parseDate(str(value), format === undefined ? "%Y-%m-%d %H:%M:%S" : str(format));
  const time = naive.object.behaviour.order ?? 0;
  const guess = new Date(time);
  const minutes = host.utcOffset?.(guess) ?? -guess.getTimezoneOffset();
  return localDate(new Date(time - minutes * 60_000), host).object;
});

const jsonQuery = define("json_query", ["expr"], () => {
  throw new PyError("Refused", "json_query is not available: use map, selectattr and dict2items instead");
});

/** Ansible's other filters. */
export const miscFilters: readonly Definition[] = [
  define("quote", [], (value) => quote(value === null ? "" : str(value))),
  comment,
  random,
  shuffle,
  splitFilter,
  strftime,
  toDatetime,
];

/** Filters of community.general. */
export const generalFilters: readonly Definition[] = [jsonQuery];
