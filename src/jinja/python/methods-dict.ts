import {
  DictView,
  isMapping,
  type Keywords,
  type MutableDict,
  type Obj,
  PyError,
  tuple,
  Undefined,
  UndefinedUse,
} from "../objects.ts";
import { lookup, plainKey, store } from "./compare.ts";
import { defineMethod, type MethodArguments } from "./method-arguments.ts";
import type { Method } from "./methods.ts";
import { iterate } from "./operators.ts";
import { repr } from "./print.ts";

/** Dicts that reach a method are the template's own: it was given copies. */
const selfDict = (value: Obj): MutableDict => (isMapping(value) ? (value as MutableDict) : new Map());

const dict = (
  name: string,
  parameters: readonly string[],
  body: (self: MutableDict, given: MethodArguments) => Obj,
): readonly [string, Method] => defineMethod(selfDict, name, parameters, body);

const pop = (self: MutableDict, given: MethodArguments): Obj => {
  const key = given[0] ?? null;
  const value = lookup(self, key);
  if (value === undefined) {
    if (given[1] !== undefined) return given[1];
    throw new PyError("KeyError", repr(key));
  }
  self.delete(plainKey(key));
  return value;
};

const popItem = (self: MutableDict): Obj => {
  const last = [...self].at(-1);
  if (last === undefined) throw new PyError("KeyError", "'popitem(): dictionary is empty'");
  self.delete(last[0]);
  return tuple(last);
};

const setDefault = (self: MutableDict, given: MethodArguments): Obj => {
  const key = given[0] ?? null;
  const present = lookup(self, key);
  if (present !== undefined) return present;
  store(self, key, given[1] ?? null);
  return given[1] ?? null;
};

const update: Method = {
  kind: "call",
  call: (value: Obj, args: readonly Obj[], keywords: Keywords): Obj => {
    const self = selfDict(value);
    const [source] = args;
    if (source instanceof Undefined) throw new UndefinedUse(source);
    if (source !== undefined) for (const [key, item] of pairs(source)) store(self, key, item);
    for (const [name, item] of keywords) self.set(name, item);
    return null;
  },
};

const pairs = (source: Obj): readonly (readonly [Obj, Obj])[] => {
  if (isMapping(source)) return [...source];
  return iterate(source).map((pair) => {
    const [key, value] = iterate(pair);
    if (key === undefined || value === undefined) {
      throw new PyError(
        "ValueError",
        "dictionary update sequence element has the wrong length; 2 is required",
      );
    }
    return [key, value];
  });
};

/** `get` with an undefined default gives that back, as Python does. */
const get: Method = {
  kind: "call",
  call: (self, args) => {
    const [key, otherwise] = args;
    if (key === undefined || args.length > 2) throw new PyError("TypeError", "get expected 1 or 2 arguments");
    const found = lookup(selfDict(self), key);
    return found === undefined ? (otherwise ?? null) : found;
  },
};

/** The methods of a Python dict. */
export const dictMethods: ReadonlyMap<string, Method> = new Map([
  dict("keys", [], (self) => new DictView("keys", self)),
  dict("values", [], (self) => new DictView("values", self)),
  dict("items", [], (self) => new DictView("items", self)),
  dict("copy", [], (self) => new Map(self)),
  dict("pop", ["key!", "default"], pop),
  dict("popitem", [], popItem),
  dict("setdefault", ["key!", "default"], setDefault),
  dict("clear", [], (self) => {
    self.clear();
    return null;
  }),
  dict("fromkeys", ["iterable!", "value"], (_, given) => {
    const made = new Map<Obj, Obj>();
    for (const key of iterate(given[0] ?? [])) store(made, key, given[1] ?? null);
    return made;
  }),
  ["get", get],
  ["update", update],
]);
