import { type Definition, define } from "../filters/define.ts";
import { isMapping, isText, type Obj, Text, textOf, Undefined, UndefinedUse } from "../objects.ts";
import { binary } from "../python/arithmetic.ts";
import { compare, equal } from "../python/compare.ts";
import { isFloat, isInt, isNumber } from "../python/number.ts";
import { contains, isCallable, iterable, length } from "../python/operators.ts";
import { str } from "../python/print.ts";

const alone = (name: string, body: (value: Obj) => boolean): Definition => define(name, [], body);

const comparison = (
  names: readonly string[],
  body: (value: Obj, other: Obj) => boolean,
): readonly Definition[] =>
  names.map((name) => define(name, ["other!"], (value, [other]) => body(value, other ?? null)));

const remainder = (value: Obj, divisor: Obj): Obj => binary("%", value, divisor);

const isSequenceLike = (value: Obj): boolean => {
  if (value instanceof Undefined) return false;
  if (value === null || typeof value === "boolean" || isNumber(value)) return false;
  try {
    length(value);
    return true;
  } catch {
    return false;
  }
};

/** Jinja2's own tests. */
export const basicTests: readonly Definition[] = [
  alone("defined", (value) => !(value instanceof Undefined)),
  alone("undefined", (value) => value instanceof Undefined),
  alone("none", (value) => value === null),
  alone("boolean", (value) => typeof value === "boolean"),
  alone("true", (value) => value === true),
  alone("false", (value) => value === false),
  alone("integer", isInt),
  alone("float", isFloat),
  alone("number", isNumber),
  alone("string", isText),
  alone("mapping", isMapping),
  alone("sequence", isSequenceLike),
  alone("iterable", (value) => iterable(value) !== null),
  alone("callable", (value) => value instanceof Undefined || isCallable(value)),
  alone("escaped", (value) => value instanceof Text && value.flavour === "markup"),
  alone("lower", (value) => /\p{Ll}/u.test(str(value)) && !/[\p{Lu}\p{Lt}]/u.test(str(value))),
  alone("upper", (value) => /\p{Lu}/u.test(str(value)) && !/[\p{Ll}\p{Lt}]/u.test(str(value))),
  alone("odd", (value) => equal(remainder(value, 2), 1)),
  alone("even", (value) => equal(remainder(value, 2), 0)),
  define("filter", [], (value, _, tools) => tools.isFilter(str(value))),
  define("test", [], (value, _, tools) => tools.isTest(str(value))),
  define("divisibleby", ["num!"], (value, [divisor]) => equal(remainder(value, divisor ?? null), 0)),
  define("sameas", ["other!"], (value, [other]) => same(value, other ?? null)),
  define("in", ["seq!"], (value, [sequence]) => contains(sequence ?? null, value)),
  ...comparison(["==", "eq", "equalto"], equal),
  ...comparison(["!=", "ne"], (value, other) => !equal(value, other)),
  ...comparison([">", "gt", "greaterthan"], (value, other) => compare(value, other, ">") > 0),
  ...comparison([">=", "ge"], (value, other) => compare(value, other, ">=") >= 0),
  ...comparison(["<", "lt", "lessthan"], (value, other) => compare(value, other, "<") < 0),
  ...comparison(["<=", "le"], (value, other) => compare(value, other, "<=") <= 0),
];

/** Python's `is`: the same object, which for small values is the same value. */
const same = (value: Obj, other: Obj): boolean => {
  if (value instanceof Undefined && other instanceof Undefined) throw new UndefinedUse(value);
  const text = textOf(value);
  return text !== null ? text === textOf(other) : value === other;
};
