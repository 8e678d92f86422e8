import { PyFloat } from "../../core/value.ts";
import {
  Callable,
  DictView,
  Instance,
  isMapping,
  isSequence,
  type Obj,
  PyError,
  Range,
  Text,
  Tuple,
  textOf,
  tuple,
  Undefined,
  UndefinedUse,
} from "../objects.ts";
import { equal, lookup } from "./compare.ts";
import { isFloat, isNumber } from "./number.ts";
import { viewItems } from "./print.ts";
import { characters, textLength } from "./text.ts";
import { typeOf } from "./type.ts";

/** What an `if` without `else` gave counts as empty; any other undefined value is an error. */
const lenient = <T>(value: Undefined, empty: T): T => {
  if (!value.lenient) throw new UndefinedUse(value);
  return empty;
};

/** Python's bool(). */
export const truth = (value: Obj): boolean => {
  if (value === null) return false;
  switch (typeof value) {
    case "boolean":
      return value;
    case "string":
      return value !== "";
    case "number":
      return value !== 0;
    case "bigint":
      return value !== 0n;
    default:
      break;
  }
  if (value instanceof Undefined) return lenient(value, false);
  if (value instanceof PyFloat) return value.value !== 0;
  if (value instanceof Text) return value.text !== "";
  if (isSequence(value) || value instanceof Range) return value.length > 0;
  if (isMapping(value)) return value.size > 0;
  if (value instanceof DictView) return value.dict.size > 0;
  if (value instanceof Instance && value.behaviour.length !== undefined) return value.behaviour.length() > 0;
  return true;
};

/** Python's len(). */
export const length = (value: Obj): number => {
  const text = textOf(value);
  if (text !== null) return textLength(text);
  if (value instanceof Undefined) return lenient(value, 0);
  if (isSequence(value) || value instanceof Range) return value.length;
  if (isMapping(value)) return value.size;
  if (value instanceof DictView) return value.dict.size;
  if (value instanceof Instance && value.behaviour.length !== undefined) return value.behaviour.length();
  throw new PyError("TypeError", `object of type '${typeOf(value)}' has no len()`);
};

/** The items that a for loop sees. The array may be the value itself: not to be changed. */
export const iterate = (value: Obj): readonly Obj[] => {
  if (isSequence(value)) return value;
  const items = iterable(value);
  if (items === null) throw new PyError("TypeError", `'${typeOf(value)}' object is not iterable`);
  return items;
};

/** The items of an iterable value, or null. */
export const iterable = (value: Obj): readonly Obj[] | null => {
  if (isSequence(value)) return value;
  const text = textOf(value);
  if (text !== null) return characters(text);
  if (value instanceof Undefined) return lenient(value, []);
  if (isMapping(value)) return [...value.keys()];
  if (value instanceof DictView) return viewItems(value);
  if (value instanceof Range) return rangeItems(value);
  if (value instanceof Instance && value.behaviour.iterate !== undefined)
    return [...value.behaviour.iterate()];
  return null;
};

/** Longer ranges are refused: the template would only fill the memory. */
const LONGEST_RANGE = 10_000_000;

const rangeItems = (range: Range): Obj[] => {
  if (range.length > LONGEST_RANGE) {
    throw new PyError("OverflowError", `range of ${range.length} items is longer than ${LONGEST_RANGE}`);
  }
  return Array.from({ length: range.length }, (_, index) => range.start + index * range.step);
};

/** Python's `in`. */
export const contains = (container: Obj, item: Obj): boolean => {
  if (container instanceof Undefined) throw new UndefinedUse(container);
  const text = textOf(container);
  if (text !== null) {
    const part = textOf(item);
    if (item instanceof Undefined) throw new UndefinedUse(item);
    if (part === null) {
      throw new PyError("TypeError", `'in <string>' requires string as left operand, not ${typeOf(item)}`);
    }
    return text.includes(part);
  }
  if (isMapping(container)) return lookup(container, item) !== undefined;
  if (container instanceof DictView && container.of === "keys")
    return lookup(container.dict, item) !== undefined;
  const items = iterable(container);
  if (items === null)
    throw new PyError("TypeError", `argument of type '${typeOf(container)}' is not iterable`);
  return items.some((candidate) => equal(candidate, item));
};

/** A list of the same sort: slices of tuples are tuples. */
const like = (source: readonly Obj[], items: readonly Obj[]): Obj =>
  source instanceof Tuple ? tuple(items) : items;

/** `value[index]` by position; undefined where there is no such position or no positions at all. */
export const at = (value: Obj, index: number): Obj | undefined => {
  const text = textOf(value);
  if (text !== null) return characters(text).at(index);
  if (isSequence(value)) return value.at(index);
  if (value instanceof Range) {
    const position = index < 0 ? index + value.length : index;
    return position >= 0 && position < value.length ? value.start + position * value.step : undefined;
  }
  return undefined;
};

/** `value[start:stop:step]`, null for a bound left out. */
export const slice = (value: Obj, start: Obj, stop: Obj, step: Obj): Obj => {
  const text = textOf(value);
  const source = text !== null ? characters(text) : value instanceof Range ? rangeItems(value) : value;
  if (!isSequence(source)) throw new PyError("TypeError", `'${typeOf(value)}' object is not subscriptable`);
  const picked = pick(source, bound(start), bound(stop), bound(step) ?? 1);
  if (text !== null) return picked.join("");
  return like(source, picked);
};

const bound = (value: Obj): number | null => {
  if (value === null) return null;
  if (value instanceof Undefined) throw new UndefinedUse(value);
  if (isNumber(value) && !isFloat(value)) return Number(value);
  throw new PyError("TypeError", "slice indices must be integers or None or have an __index__ method");
};

const pick = (
  source: readonly Obj[],
  start: number | null,
  stop: number | null,
  step: number,
): readonly Obj[] => {
  if (step === 0) throw new PyError("ValueError", "slice step cannot be zero");
  const size = source.length;
  const clamp = (value: number, low: number, high: number): number =>
    Math.max(low, Math.min(high, value < 0 ? value + size : value));
  if (step === 1) {
    const from = start === null ? 0 : clamp(start, 0, size);
    return Array.from(source).slice(from, Math.max(from, stop === null ? size : clamp(stop, 0, size)));
  }
  const out: Obj[] = [];
  if (step > 0) {
    const until = stop === null ? size : clamp(stop, 0, size);
    for (let index = start === null ? 0 : clamp(start, 0, size); index < until; index += step)
      out.push(source[index] ?? null);
  } else {
    const until = stop === null ? -1 : clamp(stop, -1, size - 1);
    for (let index = start === null ? size - 1 : clamp(start, -1, size - 1); index > until; index += step) {
      out.push(source[index] ?? null);
    }
  }
  return out;
};

/** True for what can be called with parentheses. */
export const isCallable = (value: Obj): boolean =>
  value instanceof Callable || (value instanceof Instance && value.behaviour.call !== undefined);
