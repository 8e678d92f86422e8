import { type Obj, PyError, textOf, Undefined, UndefinedUse } from "../objects.ts";
import { needText, optionalInt } from "../python/method-arguments.ts";
import {
  fixedText,
  float,
  type Int,
  int,
  isFloat,
  isNumber,
  readFloat,
  readInt,
  round,
  toBigInt,
  toNumber,
} from "../python/number.ts";
import { truth } from "../python/operators.ts";
import { repr, str } from "../python/print.ts";
import { typeOf } from "../python/type.ts";
import { type Definition, define } from "./define.ts";

const needNumber = (value: Obj | undefined, what: string): Parameters<typeof toNumber>[0] => {
  if (value instanceof Undefined) throw new UndefinedUse(value);
  if (value !== undefined && isNumber(value)) return value;
  throw new PyError(
    "TypeError",
    `${what} can only be used on numbers: must be real number, not ${typeOf(value ?? null)}`,
  );
};

const absolute = (value: Obj): Obj => {
  if (value instanceof Undefined) throw new UndefinedUse(value);
  if (!isNumber(value)) throw new PyError("TypeError", `bad operand type for abs(): '${typeOf(value)}'`);
  if (isFloat(value)) return float(Math.abs(toNumber(value)));
  const exact = toBigInt(value as Int); // floats went above
  return int(exact < 0n ? -exact : exact);
};

/** int() of a number; null where Python raises. */
const truncated = (value: number): Obj | null =>
  Number.isFinite(value) ? int(BigInt(Math.trunc(value))) : null;

const toInt = (value: Obj, otherwise: Obj, base: number): Obj => {
  if (value instanceof Undefined) throw new UndefinedUse(value);
  const text = textOf(value);
  if (text !== null) {
    const exact = readInt(text, base);
    if (exact !== null) return exact;
    const near = readFloat(text);
    if (near === null || Number.isNaN(near)) return otherwise;
    if (!Number.isFinite(near))
      throw new PyError("OverflowError", "cannot convert float infinity to integer");
    return truncated(near) ?? otherwise;
  }
  if (!isNumber(value)) return otherwise;
  if (!isFloat(value)) return int(toBigInt(value as Int)); // floats go on below
  const plain = toNumber(value);
  if (Number.isNaN(plain)) return otherwise;
  if (!Number.isFinite(plain)) throw new PyError("OverflowError", "cannot convert float infinity to integer");
  return truncated(plain) ?? otherwise;
};

const toFloat = (value: Obj, otherwise: Obj): Obj => {
  if (value instanceof Undefined) throw new UndefinedUse(value);
  const text = textOf(value);
  const plain = text !== null ? readFloat(text) : isNumber(value) ? toNumber(value) : null;
  return plain === null ? otherwise : float(plain);
};

const rounded = (value: Obj, precision: number, method: string): Obj => {
  if (!["common", "ceil", "floor"].includes(method)) {
    throw new PyError("FilterError", "method must be common, ceil or floor");
  }
  if (value instanceof Undefined) throw new UndefinedUse(value);
  if (!isNumber(value))
    throw new PyError("TypeError", `type ${typeOf(value)} doesn't define __round__ method`);
  if (method === "common") return round(value, precision);
  const scale = 10 ** precision;
  const whole = (method === "ceil" ? Math.ceil : Math.floor)(toNumber(value) * scale);
  return float(whole / scale);
};

const UNITS = ["k", "M", "G", "T", "P", "E", "Z", "Y"];

const fileSize = (value: Obj, binary: boolean): string => {
  const text = textOf(value);
  const bytes = text === null ? toNumber(needNumber(value, "filesizeformat")) : readFloat(text);
  if (bytes === null) throw new PyError("ValueError", `could not convert string to float: ${repr(value)}`);
  const base = binary ? 1024 : 1000;
  if (bytes === 1) return "1 Byte";
  if (bytes < base) return `${Math.trunc(bytes)} Bytes`;
  let unit = base;
  for (const [index, prefix] of UNITS.entries()) {
    unit = base ** (index + 2);
    if (bytes < unit || index === UNITS.length - 1) {
      const shown = binary ? `${prefix.toUpperCase()}iB` : `${prefix}B`;
      return `${fixedText((base * bytes) / unit, 1)} ${shown}`;
    }
  }
  throw new Error("there is a largest unit");
};

const SIZES: readonly (readonly [string, number])[] = [
  ["Y", 2 ** 80],
  ["Z", 2 ** 70],
  ["E", 2 ** 60],
  ["P", 2 ** 50],
  ["T", 2 ** 40],
  ["G", 2 ** 30],
  ["M", 2 ** 20],
  ["K", 2 ** 10],
  ["B", 1],
];

const humanReadable = (value: Obj, isBits: boolean, unit: string | null): string => {
  const size = toNumber(needNumber(value, "human_readable()"));
  const wanted = unit?.toUpperCase() ?? null;
  const found = SIZES.find(([suffix, limit]) => (wanted === null ? size >= limit : wanted === suffix));
  const [suffix, limit] = found ?? ["B", 1];
  const base = isBits ? "bits" : "Bytes";
  return `${fixedText(size / limit, 2)} ${limit === 1 ? base : suffix + base[0]}`;
};

const humanToBytes = (value: Obj, defaultUnit: string | null, isBits: boolean): Obj => {
  const text = str(value);
  const refuse = (): PyError =>
    new PyError("FilterError", `human_to_bytes() can't interpret following string: ${text}`);
  const match = /^\s*(\d*\.?\d*)\s*([A-Za-z]+)?/.exec(text);
  const number = match === null ? null : readFloat(match[1] ?? "");
  if (match === null || number === null) throw refuse();
  const unit = match[2] ?? defaultUnit;
  if (unit === null || unit === "") return int(BigInt(Math.round(number)));
  const size = SIZES.find(([suffix]) => suffix === unit[0]?.toUpperCase());
  const small = isBits ? "b" : "B";
  const name = isBits ? "bit" : "byte";
  if (size === undefined || !isUnit(unit, size[0], small, name)) throw refuse();
  return round(float(number * size[1]), null);
};

/** `M`, `MB` (bytes) or `Mb` (bits), `megabyte` not: only `B`, `byte` and `bit` may be written out. */
const isUnit = (unit: string, suffix: string, small: string, name: string): boolean => {
  if (unit.length === 1) return suffix !== "B" || unit.toUpperCase() === "B";
  if (suffix === "B") return unit.toLowerCase().startsWith(name);
  if (unit.slice(1).toLowerCase().startsWith(name)) return true;
  return unit.length === 2 && unit[1] === small;
};

const logarithm = (value: Obj, base: Obj | undefined): Obj => {
  const plain = toNumber(needNumber(value, "log()"));
  if (plain <= 0) throw new PyError("ValueError", "math domain error");
  if (base === undefined) return float(Math.log(plain));
  const by = toNumber(needNumber(base, "log()"));
  return float(by === 10 ? Math.log10(plain) : Math.log(plain) / Math.log(by));
};

const root = (value: Obj, base: Obj | undefined): Obj => {
  const plain = toNumber(needNumber(value, "root()"));
  const degree = base === undefined ? 2 : toNumber(needNumber(base, "root()"));
  if (plain < 0) throw new PyError("FilterError", "root() can only be used on numbers: math domain error");
  return float(degree === 2 ? Math.sqrt(plain) : plain ** (1 / degree));
};

const TRUE_WORDS: ReadonlySet<string> = new Set(["yes", "on", "1", "true"]);

/** Ansible's bool(): a few words and 1 are true, anything else is not. */
const toBool = (value: Obj): Obj => {
  if (value instanceof Undefined) throw new UndefinedUse(value);
  if (value === null || typeof value === "boolean") return value;
  const text = textOf(value);
  if (text !== null) return TRUE_WORDS.has(text.toLowerCase());
  return isNumber(value) && toNumber(value) === 1;
};

/** Jinja2's filters on numbers. */
export const numberFilters: readonly Definition[] = [
  define("abs", [], absolute),
  define("int", ["default", "base"], (value, [otherwise, base]) =>
    toInt(value, otherwise ?? 0, optionalInt(base, 10)),
  ),
  define("float", ["default"], (value, [otherwise]) => toFloat(value, otherwise ?? float(0))),
  define("round", ["precision", "method"], (value, [precision, method]) =>
    rounded(value, optionalInt(precision, 0), method === undefined ? "common" : needText(method, "method")),
  ),
  define("filesizeformat", ["binary"], (value, [binary]) => fileSize(value, truth(binary ?? false))),
];

/** Ansible's filters on numbers. */
export const ansibleNumberFilters: readonly Definition[] = [
  define("bool", [], toBool),
  define("log", ["base"], (value, [base]) => logarithm(value, base)),
  define("pow", ["y!"], (value, [power]) =>
    float(toNumber(needNumber(value, "pow()")) ** toNumber(needNumber(power, "pow()"))),
  ),
  define("root", ["base"], (value, [base]) => root(value, base)),
  define("human_readable", ["isbits", "unit"], (value, [isBits, unit]) =>
    humanReadable(
      value,
      truth(isBits ?? false),
      unit === undefined || unit === null ? null : needText(unit, "unit"),
    ),
  ),
  define("human_to_bytes", ["default_unit", "isbits"], (value, [unit, isBits]) =>
    humanToBytes(
      value,
      unit === undefined || unit === null ? null : needText(unit, "unit"),
      truth(isBits ?? false),
    ),
  ),
];
