import type { PyFloat } from "../../core/value.ts";
import {
  Instance,
  isSequence,
  type Obj,
  PyError,
  Text,
  Tuple,
  textOf,
  tuple,
  Undefined,
  UndefinedUse,
} from "../objects.ts";
import { duration } from "./datetime.ts";
import { formatPercent } from "./format-percent.ts";
import { float, type Int, int, isFloat, isNumber, toBigInt, toNumber } from "./number.ts";
import { str } from "./print.ts";
import { typeOf } from "./type.ts";

/** The operators of arithmetic as Jinja2 writes them. */
export type Operator = "+" | "-" | "*" | "/" | "//" | "%" | "**";

/** A Python operator on two values; a TypeError where Python has one. */
export const binary = (operator: Operator, a: Obj, b: Obj): Obj => {
  if (typeof a === "number" && typeof b === "number") {
    const quick = quickInts(operator, a, b);
    if (quick !== null) return quick;
  }
  if (a instanceof Undefined) throw new UndefinedUse(a);
  const text = textOf(a);
  if (operator === "%" && text !== null) return formatPercent(text, b);
  if (b instanceof Undefined) throw new UndefinedUse(b);
  if (isNumber(a) && isNumber(b)) return numbers(operator, a, b);
  if (operator === "+") return add(a, b);
  if (operator === "*") return repeat(a, b);
  if (operator === "-" && a instanceof Instance && b instanceof Instance) {
    if (
      a.behaviour.order !== undefined &&
      b.behaviour.order !== undefined &&
      a.behaviour.type === "datetime"
    ) {
      return duration(a.behaviour.order - b.behaviour.order);
    }
  }
  throw unsupported(operator, a, b);
};

const unsupported = (operator: Operator, a: Obj, b: Obj): PyError =>
  new PyError(
    "TypeError",
    `unsupported operand type(s) for ${operator === "**" ? "** or pow()" : operator}: '${typeOf(a)}' and '${typeOf(b)}'`,
  );

/** Small ints, by far the most frequent; null where the exact way is needed. */
const quickInts = (operator: Operator, a: number, b: number): number | null => {
  if (!Number.isSafeInteger(a) || !Number.isSafeInteger(b)) return null;
  let result: number;
  if (operator === "+") result = a + b;
  else if (operator === "-") result = a - b;
  else if (operator === "*") result = a * b + 0;
  else return null;
  return Number.isSafeInteger(result) ? result : null;
};

const add = (a: Obj, b: Obj): Obj => {
  const left = textOf(a);
  const right = textOf(b);
  if (left !== null && right !== null) return joined(a, b, left, right);
  if (isSequence(a) && isSequence(b) && a instanceof Tuple === b instanceof Tuple) {
    return a instanceof Tuple ? tuple([...a, ...b]) : [...a, ...b];
  }
  if (left !== null) throw new PyError("TypeError", `can only concatenate str (not "${typeOf(b)}") to str`);
  if (isSequence(a)) {
    throw new PyError("TypeError", `can only concatenate ${typeOf(a)} (not "${typeOf(b)}") to ${typeOf(a)}`);
  }
  throw unsupported("+", a, b);
};

/** Text marked safe takes what is added to it as text to escape, as markupsafe does. */
const joined = (a: Obj, b: Obj, left: string, right: string): Obj => {
  const marked = (value: Obj): boolean => value instanceof Text && value.flavour === "markup";
  if (!marked(a) && !marked(b)) return left + right;
  return new Text("markup", (marked(a) ? left : escapeHtml(left)) + (marked(b) ? right : escapeHtml(right)));
};

/** The characters that HTML gives a meaning, as entities. */
export const escapeHtml = (text: string): string =>
  text
    .replaceAll("&", "&amp;")
    .replaceAll(">", "&gt;")
    .replaceAll("<", "&lt;")
    .replaceAll("'", "&#39;")
    .replaceAll('"', "&#34;");

/** More characters or items than this are refused: they would only fill the memory. */
const LONGEST_REPEAT = 50_000_000;

const repeat = (a: Obj, b: Obj): Obj => {
  const [value, times] = isNumber(a) ? [b, a] : [a, b];
  const text = textOf(value);
  if ((text === null && !isSequence(value)) || !isNumber(times)) throw unsupported("*", a, b);
  if (isFloat(times)) throw new PyError("TypeError", `can't multiply sequence by non-int of type 'float'`);
  const size = text === null ? (isSequence(value) ? value.length : 0) : text.length;
  const count = size === 0 ? 0 : Math.max(0, Number(times));
  if (size * count > LONGEST_REPEAT)
    throw new PyError("OverflowError", "the repeated value would be too long");
  if (text !== null) return text.repeat(count);
  const items: Obj[] = [];
  if (isSequence(value)) for (let round = 0; round < count; round += 1) items.push(...value);
  return value instanceof Tuple ? tuple(items) : items;
};

type Num = Int | PyFloat | boolean;

const numbers = (operator: Operator, a: Num, b: Num): Obj => {
  if (operator === "/") return divide(a, b);
  if (isFloat(a) || isFloat(b)) return float(floats(operator, toNumber(a), toNumber(b)));
  return ints(operator, toBigInt(a as Int), toBigInt(b as Int)); // floats are taken out above
};

const divide = (a: Num, b: Num): Obj => {
  const divisor = toNumber(b);
  if (divisor === 0)
    throw new PyError(
      "ZeroDivisionError",
      isFloat(a) || isFloat(b) ? "float division by zero" : "division by zero",
    );
  return float(toNumber(a) / divisor);
};

const floats = (operator: Operator, a: number, b: number): number => {
  switch (operator) {
    case "+":
      return a + b;
    case "-":
      return a - b;
    case "*":
      return a * b;
    case "**":
      if (a === 0 && b < 0)
        throw new PyError("ZeroDivisionError", "0.0 cannot be raised to a negative power");
      return a ** b;
    case "//":
      if (b === 0) throw new PyError("ZeroDivisionError", "float floor division by zero");
      return Math.floor((a - modulo(a, b)) / b + 0.25);
    default:
      if (b === 0) throw new PyError("ZeroDivisionError", "float modulo");
      return modulo(a, b);
  }
};

/** The rest with the sign of the divisor. */
const modulo = (a: number, b: number): number => {
  const rest = a % b;
  return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest;
};

/** Powers of more bits than this are refused: they would only burn time. */
const LARGEST_POWER_BITS = 1_000_000n;

const ints = (operator: Operator, a: bigint, b: bigint): Obj => {
  switch (operator) {
    case "+":
      return int(a + b);
    case "-":
      return int(a - b);
    case "*":
      return int(a * b);
    case "**": {
      if (b < 0n) return float(Number(a) ** Number(b));
      if (BigInt(a.toString(2).length) * b > LARGEST_POWER_BITS)
        throw new PyError("OverflowError", "the power is too large");
      return int(a ** b);
    }
    default: {
      if (b === 0n) throw new PyError("ZeroDivisionError", "integer division or modulo by zero");
      const quotient = a / b;
      const rest = a - quotient * b;
      const lower = rest !== 0n && rest < 0n !== b < 0n;
      if (operator === "//") return int(lower ? quotient - 1n : quotient);
      return int(lower ? rest + b : rest);
    }
  }
};

/** Unary minus. */
export const negate = (value: Obj): Obj => {
  if (value instanceof Undefined) throw new UndefinedUse(value);
  if (isNumber(value)) return isFloat(value) ? negativeFloat(toNumber(value)) : int(-toBigInt(value as Int));
  throw new PyError("TypeError", `bad operand type for unary -: '${typeOf(value)}'`);
};

const negativeFloat = (value: number): Obj => float(-value);

/** Unary plus. */
export const positive = (value: Obj): Obj => {
  if (value instanceof Undefined) throw new UndefinedUse(value);
  if (typeof value === "boolean") return Number(value);
  if (isNumber(value)) return value;
  throw new PyError("TypeError", `bad operand type for unary +: '${typeOf(value)}'`);
};

/** The `~` of Jinja2: everything as text, one after the other. */
export const concatenate = (parts: readonly Obj[]): Obj => parts.map(str).join("");
