import type { Value } from "../core/value.ts";
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
  tuple,
  Undefined,
  UndefinedUse,
} from "./objects.ts";
import { iterate } from "./python/operators.ts";
import { typeOf } from "./python/type.ts";

/** A template's value as plain data for the rest of lbplay: a copy, so that nothing of the template's stays shared. */
export const toPlain = (value: Obj): Value => {
  if (value instanceof Undefined) {
    if (value.lenient) return "";
    throw new UndefinedUse(value);
  }
  if (value instanceof Text) return value.text;
  if (value instanceof Tuple) return tuple(value.map(toPlain)) as unknown as Value; // a tuple of plain values
  if (isSequence(value)) return value.map(toPlain);
  if (isMapping(value)) return new Map([...value].map(([key, item]) => [toPlain(key), toPlain(item)]));
  if (value instanceof Range || value instanceof DictView) return iterate(value).map(toPlain);
  if (value instanceof Instance) return value.behaviour.print();
  if (value instanceof Callable) {
    throw new PyError("TypeError", `a ${typeOf(value)} (${value.name}) is no value that a task can use`);
  }
  return value;
};

const CHANGING = "append|extend|insert|pop|popitem|remove|clear|sort|reverse|update|setdefault";

/** A method that changes a list or dict, by its name, by `attr` or by a computed name; or YAML, which shows sharing. */
const MAY_CHANGE = new RegExp(`[.'"]\\s*(?:${CHANGING})\\b|\\battr\\b|\\]\\s*\\(|\\bto_(?:nice_)?yaml\\b`);

/** True for code that might change the values it is given, or tell a copy from the original. */
export const changesValues = (code: string): boolean => MAY_CHANGE.test(code);

/** A copy of plain data that a template may change without anyone noticing. */
export const copyPlain = (value: Obj): Obj => {
  // hostvars works its values out when they are looked at; a copy would look at all of them.
  if (value instanceof Map && value.constructor !== Map) return value;
  if (value instanceof Tuple) return tuple(value.map(copyPlain));
  if (isSequence(value)) return value.map(copyPlain);
  if (isMapping(value)) return new Map([...value].map(([key, item]) => [key, copyPlain(item)]));
  return value;
};
