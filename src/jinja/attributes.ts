import {
  Callable,
  type Instance,
  Instance as InstanceClass,
  isMapping,
  isSequence,
  type Obj,
  PyError,
  Tuple,
  textOf,
  Undefined,
  UndefinedUse,
} from "./objects.ts";
import { lookup } from "./python/compare.ts";
import { method } from "./python/methods.ts";
import { isFloat, isNumber } from "./python/number.ts";
import { at } from "./python/operators.ts";
import { repr } from "./python/print.ts";
import { typeOf } from "./python/type.ts";

/** `object.name` as Jinja2 reads it: a method first, then an item. */
export const getAttribute = (object: Obj, name: string): Obj => {
  if (object instanceof Undefined) return stillMissing(object);
  refuseInternals(object, name);
  // None is a value as any other: only undefined is nothing.
  const found = attributeOf(object, name);
  if (found !== undefined) return found;
  return orMissing(itemOf(object, name), object, name);
};

/** `object[key]` as Jinja2 reads it: an item first, then, for a text, a method. */
export const getItem = (object: Obj, key: Obj): Obj => {
  if (object instanceof Undefined) return stillMissing(object);
  if (key instanceof Undefined) throw new UndefinedUse(key);
  const found = itemOf(object, key);
  if (found !== undefined) return found;
  const name = textOf(key);
  if (name === null) {
    return new Undefined({ message: `${objectName(object)} has no element ${repr(key)}` });
  }
  refuseInternals(object, name);
  return orMissing(attributeOf(object, name), object, name);
};

/** An attribute alone, no item: what the filter `attr` sees. */
export const onlyAttribute = (object: Obj, name: string): Obj => {
  if (object instanceof Undefined) return object;
  refuseInternals(object, name);
  return orMissing(attributeOf(object, name), object, name);
};

const orMissing = (found: Obj | undefined, object: Obj, name: string): Obj =>
  found === undefined ? missingAttribute(object, name) : found;

/** What is missing has only missing attributes; what an `if` without `else` gave has none at all. */
const stillMissing = (object: Undefined): Undefined => {
  if (object.lenient) throw new UndefinedUse(object);
  return object;
};

/** Python's inner workings (`__class__` and its kind) are out of reach, unless a dict has such a key. */
const refuseInternals = (object: Obj, name: string): void => {
  if (!/^__.*__$/.test(name)) return;
  if (isMapping(object) && object.has(name)) return;
  throw new PyError("Refused", `a template cannot reach '${name}'`);
};

const attributeOf = (object: Obj, name: string): Obj | undefined => {
  if (object instanceof InstanceClass) return object.behaviour.attribute(name);
  const found = method(object, name);
  if (found === null) return undefined;
  if (found.kind === "value") return found.of(object);
  return new Callable(name, (args, keywords) => found.call(object, args, keywords));
};

const itemOf = (object: Obj, key: Obj): Obj | undefined => {
  if (isMapping(object)) return isHashable(key) ? lookup(object, key) : undefined;
  if (object instanceof InstanceClass) return instanceItem(object, key);
  if (isNumber(key) && !isFloat(key)) return at(object, Number(key));
  return undefined;
};

const instanceItem = (object: Instance, key: Obj): Obj | undefined => object.behaviour.item?.(key);

const isHashable = (key: Obj): boolean => !isMapping(key) && (!isSequence(key) || key instanceof Tuple);

const objectName = (object: Obj): string => (object === null ? "None" : `${typeOf(object)} object`);

const missingAttribute = (object: Obj, name: string): Undefined =>
  new Undefined({
    message: `'${objectName(object)}' has no attribute '${name}'`,
    candidates: () => (isMapping(object) ? [...object.keys()].filter((key) => typeof key === "string") : []),
  });
