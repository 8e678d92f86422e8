import { PyFloat } from "../../core/value.ts";
import {
  DictView,
  Instance,
  isMapping,
  isSequence,
  isText,
  type Obj,
  PyError,
  Range,
  Tuple,
  textOf,
  Undefined,
  UndefinedUse,
} from "../objects.ts";
import { isFloat, isNumber, toBigInt, toNumber } from "./number.ts";
import { viewItems } from "./print.ts";
import { compareText } from "./text.ts";
import { typeOf } from "./type.ts";

/** Python's ==. */
export const equal = (a: Obj, b: Obj): boolean => {
  if (a instanceof Undefined) throw new UndefinedUse(a);
  if (b instanceof Undefined) throw new UndefinedUse(b);
  if (a === b) return true;
  if (isNumber(a)) return isNumber(b) && compareNumbers(a, b) === 0;
  if (isText(a)) return textOf(a) === textOf(b);
  if (isSequence(a)) return isSequence(b) && a instanceof Tuple === b instanceof Tuple && equalLists(a, b);
  if (isMapping(a)) return isMapping(b) && equalDicts(a, b);
  if (a instanceof Range && b instanceof Range)
    return a.start === b.start && a.length === b.length && a.step === b.step;
  if (a instanceof DictView && b instanceof DictView) return equalLists(viewItems(a), viewItems(b));
  if (a instanceof Instance && b instanceof Instance && a.behaviour.order !== undefined) {
    return a.behaviour.type === b.behaviour.type && a.behaviour.order === b.behaviour.order;
  }
  return false;
};

const equalLists = (a: readonly Obj[], b: readonly Obj[]): boolean =>
  a.length === b.length && a.every((item, index) => equal(item, b[index] ?? null));

const equalDicts = (a: ReadonlyMap<Obj, Obj>, b: ReadonlyMap<Obj, Obj>): boolean => {
  if (a.size !== b.size) return false;
  for (const [key, value] of a) {
    const other = lookup(b, key);
    if (other === undefined || !equal(value, other)) return false;
  }
  return true;
};

/** -1, 0, 1 or NaN, exact also for ints beyond 2^53. */
const compareNumbers = (a: Parameters<typeof toNumber>[0], b: Parameters<typeof toNumber>[0]): number => {
  if (typeof a === "bigint" || typeof b === "bigint") {
    const left = isFloat(a) ? toNumber(a) : toBigInt(a as bigint | number | boolean); // floats are taken out
    const right = isFloat(b) ? toNumber(b) : toBigInt(b as bigint | number | boolean);
    return left < right ? -1 : left > right ? 1 : 0;
  }
  const left = toNumber(a);
  const right = toNumber(b);
  if (Number.isNaN(left) || Number.isNaN(right)) return Number.NaN;
  return left < right ? -1 : left > right ? 1 : 0;
};

/** Orders two values as `<` and `>` do; a TypeError where Python has no order. */
export const compare = (a: Obj, b: Obj, operator = "<"): number => {
  if (a instanceof Undefined) throw new UndefinedUse(a);
  if (b instanceof Undefined) throw new UndefinedUse(b);
  if (isNumber(a) && isNumber(b)) return compareNumbers(a, b);
  const left = textOf(a);
  const right = textOf(b);
  if (left !== null && right !== null) return compareText(left, right);
  if (isSequence(a) && isSequence(b) && a instanceof Tuple === b instanceof Tuple) {
    const until = Math.min(a.length, b.length);
    for (let index = 0; index < until; index += 1) {
      const x = a[index] ?? null;
      const y = b[index] ?? null;
      if (!equal(x, y)) return compare(x, y, operator);
    }
    return a.length - b.length;
  }
  if (a instanceof Instance && b instanceof Instance && a.behaviour.type === b.behaviour.type) {
    if (a.behaviour.order !== undefined && b.behaviour.order !== undefined)
      return a.behaviour.order - b.behaviour.order;
  }
  throw new PyError(
    "TypeError",
    `'${operator}' not supported between instances of '${typeOf(a)}' and '${typeOf(b)}'`,
  );
};

/** The value under a key, found as Python finds it (1, 1.0 and True are one key); undefined where there is none. */
export const lookup = (dict: ReadonlyMap<Obj, Obj>, key: Obj): Obj | undefined => {
  const plain = plainKey(key);
  const found = dict.get(plain);
  if (found !== undefined || !mayHide(dict, plain)) return found;
  for (const [candidate, value] of dict) {
    if (typeof candidate !== "string" && equal(candidate, key)) return value;
  }
  return undefined;
};

/** True where a key may be stored under another JavaScript value than it is looked up by. */
const mayHide = (dict: ReadonlyMap<Obj, Obj>, key: Obj): boolean =>
  typeof key !== "string" && dict.size > 0 && !dict.has(key);

/** A key as it is stored: marked strings as strings, integral floats as ints. */
export const plainKey = (key: Obj): Obj => {
  if (key instanceof Undefined) throw new UndefinedUse(key);
  if (typeof key === "object" && key !== null) {
    const text = textOf(key);
    if (text !== null) return text;
    if (key instanceof PyFloat) return Number.isSafeInteger(key.value) ? key.value : key;
    if (isMapping(key) || (isSequence(key) && !(key instanceof Tuple))) {
      throw new PyError("TypeError", `unhashable type: '${typeOf(key)}'`);
    }
  }
  return key;
};

/** Sets a key of a dict under construction; an equal key that is there keeps its place and its form. */
export const store = (dict: Map<Obj, Obj>, key: Obj, value: Obj): void => {
  const plain = plainKey(key);
  if (typeof plain !== "string" && !dict.has(plain)) {
    for (const candidate of dict.keys()) {
      if (typeof candidate !== "string" && equal(candidate, plain)) {
        dict.set(candidate, value);
        return;
      }
    }
  }
  dict.set(plain, value);
};

/** A set by Python's equality: linear for what hashes in JavaScript too. */
export const createSeen = (): {
  readonly add: (value: Obj) => boolean;
  readonly has: (value: Obj) => boolean;
} => {
  const plain = new Set<Obj>();
  const others: Obj[] = [];
  const has = (value: Obj): boolean => {
    const key = hashable(value);
    if (key !== null) return plain.has(key);
    return others.some((other) => equal(other, value));
  };
  const add = (value: Obj): boolean => {
    if (has(value)) return false;
    const key = hashable(value);
    if (key === null) others.push(value);
    else plain.add(key);
    return true;
  };
  return { add, has };
};

/** A JavaScript value that stands for a Python one of equal hash, or null where there is none. */
const hashable = (value: Obj): string | number | bigint | null => {
  const text = textOf(value);
  if (text !== null) return `s${text}`;
  if (typeof value === "boolean") return Number(value);
  if (value === null) return "n";
  if (typeof value === "number" || typeof value === "bigint") return value;
  if (value instanceof PyFloat) return Number.isSafeInteger(value.value) ? value.value : `f${value.value}`;
  return null;
};
