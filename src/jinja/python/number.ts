import { floatText } from "../../core/python-text.ts";
import { PyFloat } from "../../core/value.ts";
import { type Obj, PyError } from "../objects.ts";

/** A Python int. */
export type Int = number | bigint;

/** True for a Python float: a fraction, infinity, NaN, or a PyFloat. */
export const isFloat = (value: Obj): value is number | PyFloat =>
  value instanceof PyFloat || (typeof value === "number" && !Number.isInteger(value));

/** True for a Python int that is no bool. */
export const isInt = (value: Obj): value is Int =>
  typeof value === "bigint" || (typeof value === "number" && Number.isInteger(value));

/** True for whatever Python counts as a number, bools among them. */
export const isNumber = (value: Obj): value is Int | PyFloat | boolean =>
  typeof value === "number" ||
  typeof value === "bigint" ||
  typeof value === "boolean" ||
  value instanceof PyFloat;

/** A JavaScript number as a Python float. */
export const float = (value: number): number | PyFloat =>
  Number.isInteger(value) ? new PyFloat(value) : value;

/** A bigint as the int it is, small ones as numbers. */
export const int = (value: bigint): Int =>
  value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER)
    ? Number(value)
    : value;

/** The JavaScript number of any Python number; big ints lose precision as they do in float(). */
export const toNumber = (value: Int | PyFloat | boolean): number =>
  value instanceof PyFloat ? value.value : Number(value);

/** The exact integer of an int or a bool. */
export const toBigInt = (value: Int | boolean): bigint => BigInt(value);

/** An int that fits JavaScript (an index, a width), else a TypeError as Python gives. */
export const toIndex = (value: Obj, what = "object"): number => {
  if (typeof value === "boolean") return Number(value);
  if (isInt(value)) return Number(value);
  throw new PyError("TypeError", `${what} cannot be interpreted as an integer`);
};

/** A number with so many decimals, ties to even on the exact binary value, as Python's `%.*f`. */
export const fixedText = (value: number, decimals: number): string => {
  if (!Number.isFinite(value)) return floatText(value);
  if (Math.abs(value) >= 1e21) {
    const whole = BigInt(value).toString();
    return decimals === 0 ? whole : `${whole}.${"0".repeat(decimals)}`;
  }
  const rounded = value.toFixed(Math.min(decimals, 100));
  const exact = value.toFixed(Math.min(decimals + 30, 100));
  const point = exact.indexOf(".");
  const tail = point === -1 ? "" : exact.slice(point + 1 + decimals);
  const text = /^50*$/.test(tail) ? evenOf(exact.slice(0, point + 1 + decimals), rounded) : rounded;
  return Object.is(value, -0) || (value < 0 && !text.startsWith("-")) ? `-${text.replace("-", "")}` : text;
};

/** Of the two neighbours of a tie, the one whose last digit is even. */
const evenOf = (truncated: string, rounded: string): string => {
  const lower = truncated.endsWith(".") ? truncated.slice(0, -1) : truncated;
  return Number(lower.at(-1)) % 2 === 0 ? lower : rounded;
};

/** round(): ties to even; a float stays a float, an int an int. */
export const round = (value: Int | PyFloat | boolean, digits: number | null): Int | PyFloat => {
  if (isFloat(value)) {
    const plain = toNumber(value);
    if (digits === null) return int(BigInt(roundEven(plain)));
    if (!Number.isFinite(plain)) return float(plain);
    if (digits >= 0) return float(Number(fixedText(plain, Math.min(digits, 70))));
    const scale = 10 ** -digits;
    return float(roundEven(plain / scale) * scale);
  }
  if (digits === null || digits >= 0) return int(toBigInt(value));
  const scale = 10n ** BigInt(-digits);
  const exact = toBigInt(value);
  const quotient = exact / scale;
  const rest = exact - quotient * scale;
  const twice = rest < 0n ? -rest * 2n : rest * 2n;
  const away = twice > scale || (twice === scale && quotient % 2n !== 0n);
  return int((quotient + (away ? (exact < 0n ? -1n : 1n) : 0n)) * scale);
};

/** The nearest whole number, ties to even. */
const roundEven = (value: number): number => {
  if (!Number.isFinite(value)) throw new PyError("OverflowError", "cannot convert float infinity to integer");
  const down = Math.floor(value);
  const gap = value - down;
  if (gap < 0.5) return down;
  if (gap > 0.5) return down + 1;
  return down % 2 === 0 ? down : down + 1;
};

const PREFIXES: Readonly<Record<string, number>> = { "0x": 16, "0o": 8, "0b": 2 };

/** int(text, base), or null for text that is no such number. */
export const readInt = (text: string, base: number): Int | null => {
  const match = /^\s*([+-]?)(.*?)\s*$/su.exec(text);
  let digits = (match?.[2] ?? "").toLowerCase();
  const prefix = PREFIXES[digits.slice(0, 2)];
  let radix = base;
  if (prefix !== undefined && (base === prefix || base === 0)) {
    digits = digits.slice(2).replace(/^_/, "");
    radix = prefix;
  } else if (base === 0) {
    if (/^0[0_]*[1-9]/.test(digits)) return null;
    radix = 10;
  }
  if (!/^[0-9a-z]+(_[0-9a-z]+)*$/.test(digits)) return null;
  let total = 0n;
  for (const digit of digits.replaceAll("_", "")) {
    const worth = digit <= "9" ? digit.charCodeAt(0) - 48 : digit.charCodeAt(0) - 87;
    if (worth >= radix) return null;
    total = total * BigInt(radix) + BigInt(worth);
  }
  return int(match?.[1] === "-" ? -total : total);
};

/** float(text), or null for text that is no number. */
export const readFloat = (text: string): number | null => {
  const bare = text.trim().toLowerCase();
  const special = /^([+-]?)(inf|infinity|nan)$/.exec(bare);
  if (special !== null) {
    if (special[2] === "nan") return Number.NaN;
    return special[1] === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  }
  if (!/^[+-]?(\d+(_\d+)*\.?(\d+(_\d+)*)?|\.\d+(_\d+)*)(e[+-]?\d+(_\d+)*)?$/.test(bare)) return null;
  return Number(bare.replaceAll("_", ""));
};
