import { isMapping, isSequence, type Obj, PyError, Tuple, textOf } from "../objects.ts";
import { lookup } from "./compare.ts";
import { exponential, general } from "./format-spec.ts";
import { fixedText, isFloat, isNumber, toBigInt, toNumber } from "./number.ts";
import { repr, str } from "./print.ts";
import { characters, textLength } from "./text.ts";
import { typeOf } from "./type.ts";

const DIRECTIVE = /%(?:\(([^)]*)\))?([-#0 +]*)(\*|\d+)?(?:\.(\*|\d+)?)?[hlL]?(.)?/gsu;

/** Python's `text % values`. */
export const formatPercent = (format: string, values: Obj): string => {
  const list = values instanceof Tuple ? values : [values];
  let next = 0;
  const take = (): Obj => {
    const value = list[next];
    if (value === undefined) throw new PyError("TypeError", "not enough arguments for format string");
    next += 1;
    return value;
  };
  let named = false;
  const out = format.replace(DIRECTIVE, (directive, ...found: (string | undefined)[]) => {
    const [key, flags = "", width, , type] = found;
    if (type === "%") return "%";
    if (type === undefined) throw new PyError("ValueError", "incomplete format");
    if (key !== undefined) named = true;
    const wide = width === "*" ? Number(toNumber(numberOf(take()))) : width === undefined ? 0 : Number(width);
    const precision = precisionOf(directive, found[3], take);
    const value = key === undefined ? take() : keyed(values, key);
    return pad(conversion(type, value, flags, precision), wide, flags, type);
  });
  if (!named && next < list.length && !isContainer(values)) {
    throw new PyError("TypeError", "not all arguments converted during string formatting");
  }
  return out;
};

/** Python lets what has items go unused: it could have been looked up by key. */
const isContainer = (values: Obj): boolean =>
  isMapping(values) || (isSequence(values) && !(values instanceof Tuple));

const precisionOf = (directive: string, given: string | undefined, take: () => Obj): number | null => {
  if (given === "*") return toNumber(numberOf(take()));
  if (given !== undefined) return Number(given);
  return /\.[a-zA-Z]$/.test(directive) ? 0 : null;
};

const numberOf = (value: Obj): Parameters<typeof toNumber>[0] => {
  if (!isNumber(value)) throw new PyError("TypeError", "* wants int");
  return value;
};

const keyed = (values: Obj, key: string): Obj => {
  if (!isMapping(values)) throw new PyError("TypeError", "format requires a mapping");
  const value = lookup(values, key);
  if (value === undefined) throw new PyError("KeyError", repr(key));
  return value;
};

const conversion = (type: string, value: Obj, flags: string, precision: number | null): string => {
  switch (type) {
    case "s":
      return cut(str(value), precision);
    case "r":
    case "a":
      return cut(repr(value), precision);
    case "c":
      return textOf(value) ?? String.fromCodePoint(toNumber(numberOf(value)));
    case "d":
    case "i":
    case "u":
      return signed(whole(value, type).toString(), flags, precision);
    case "x":
    case "X":
    case "o":
      return based(whole(value, type), type, flags, precision);
    case "e":
    case "E":
    case "f":
    case "F":
    case "g":
    case "G":
      return floating(type, value, flags, precision);
    default:
      throw new PyError("ValueError", `unsupported format character '${type}'`);
  }
};

const cut = (text: string, precision: number | null): string =>
  precision === null ? text : characters(text).slice(0, precision).join("");

const whole = (value: Obj, type: string): bigint => {
  if (isNumber(value) && isFloat(value) && "diu".includes(type)) return BigInt(Math.trunc(toNumber(value)));
  if (isNumber(value) && !isFloat(value)) return toBigInt(value as number | bigint | boolean); // floats went above
  const wanted = "diu".includes(type) ? "a real number" : "an integer";
  throw new PyError("TypeError", `%${type} format: ${wanted} is required, not ${typeOf(value)}`);
};

const signed = (text: string, flags: string, precision: number | null): string => {
  const negative = text.startsWith("-");
  const digits = (negative ? text.slice(1) : text).padStart(precision ?? 0, "0");
  return (negative ? "-" : flags.includes("+") ? "+" : flags.includes(" ") ? " " : "") + digits;
};

const based = (value: bigint, type: string, flags: string, precision: number | null): string => {
  const digits = (value < 0n ? -value : value).toString(type === "o" ? 8 : 16).padStart(precision ?? 0, "0");
  const prefix = flags.includes("#") ? (type === "o" ? "0o" : "0x") : "";
  const text = signed(`${value < 0n ? "-" : ""}${prefix}${digits}`, flags, null);
  return type === "X" ? text.toUpperCase() : text;
};

const floating = (type: string, value: Obj, flags: string, precision: number | null): string => {
  if (!isNumber(value)) throw new PyError("TypeError", `must be real number, not ${typeOf(value)}`);
  const plain = toNumber(value);
  const digits = precision ?? 6;
  const lower = type.toLowerCase();
  const text =
    lower === "f"
      ? fixedText(plain, digits)
      : lower === "e"
        ? exponential(plain, digits)
        : general(plain, digits, flags.includes("#"));
  return signed(type === lower ? text : text.toUpperCase(), flags, null);
};

const pad = (text: string, width: number, flags: string, type: string): string => {
  const gap = width - textLength(text);
  if (gap <= 0) return text;
  if (flags.includes("-")) return text + " ".repeat(gap);
  if (!flags.includes("0") || "sra".includes(type)) return " ".repeat(gap) + text;
  const sign = /^[-+ ]?(0[xXoO])?/.exec(text)?.[0] ?? "";
  return sign + "0".repeat(gap) + text.slice(sign.length);
};
