import { isSequence, type MutableList, type Obj, PyError } from "../objects.ts";
import { compare, equal } from "./compare.ts";
import { defineMethod, type MethodArguments, optionalInt } from "./method-arguments.ts";
import type { Method } from "./methods.ts";
import { toIndex } from "./number.ts";
import { iterate, truth } from "./operators.ts";

/** Lists that reach a method are the template's own: it was given copies. */
const selfList = (value: Obj): MutableList => (isSequence(value) ? (value as MutableList) : []);

const list = (
  name: string,
  parameters: readonly string[],
  body: (self: MutableList, given: MethodArguments) => Obj,
): readonly [string, Method] => defineMethod(selfList, name, parameters, body);

const position = (self: readonly Obj[], given: MethodArguments): number => {
  const wanted = given[0] ?? null;
  const from = optionalInt(given[1], 0);
  const to = optionalInt(given[2], self.length);
  const start = from < 0 ? Math.max(0, from + self.length) : from;
  const end = to < 0 ? to + self.length : to;
  return self.findIndex((item, index) => index >= start && index < end && equal(item, wanted));
};

const index = list("index", ["value!", "start", "stop"], (self, given) => {
  const at = position(self, given);
  if (at === -1) throw new PyError("ValueError", "the value is not in the list");
  return at;
});

const count = list(
  "count",
  ["value!"],
  (self, given) => self.filter((item) => equal(item, given[0] ?? null)).length,
);

const pop = (self: MutableList, given: MethodArguments): Obj => {
  if (self.length === 0) throw new PyError("IndexError", "pop from empty list");
  const [removed] = self.splice(optionalInt(given[0], -1), 1);
  if (removed === undefined) throw new PyError("IndexError", "pop index out of range");
  return removed;
};

const remove = (self: MutableList, given: MethodArguments): Obj => {
  const at = position(self, [given[0]]);
  if (at === -1) throw new PyError("ValueError", "list.remove(x): x not in list");
  self.splice(at, 1);
  return null;
};

const sort = (self: MutableList, given: MethodArguments): Obj => {
  const down = given[1] !== undefined && truth(given[1]);
  if (given[0] !== undefined && given[0] !== null)
    throw new PyError("Refused", "sort(key=…) takes a function, which a template does not have");
  self.sort((a, b) => (down ? compare(b, a) : compare(a, b)));
  return null;
};

/** The methods of a Python tuple. */
export const tupleMethods: ReadonlyMap<string, Method> = new Map([index, count]);

/** The attributes of a pair that groupby gives. */
export const groupMethods: ReadonlyMap<string, Method> = new Map<string, Method>([
  index,
  count,
  ["grouper", { kind: "value", of: (self) => selfList(self)[0] ?? null }],
  ["list", { kind: "value", of: (self) => selfList(self)[1] ?? null }],
]);

/** The methods of a Python list. */
export const listMethods: ReadonlyMap<string, Method> = new Map([
  index,
  count,
  list("append", ["object!"], (self, given) => {
    self.push(given[0] ?? null);
    return null;
  }),
  list("extend", ["iterable!"], (self, given) => {
    for (const item of [...iterate(given[0] ?? [])]) self.push(item);
    return null;
  }),
  list("insert", ["index!", "object!"], (self, given) => {
    self.splice(toIndex(given[0] ?? 0), 0, given[1] ?? null);
    return null;
  }),
  list("pop", ["index"], pop),
  list("remove", ["value!"], remove),
  list("clear", [], (self) => {
    self.length = 0;
    return null;
  }),
  list("reverse", [], (self) => {
    self.reverse();
    return null;
  }),
  list("sort", ["key", "reverse"], sort),
  list("copy", [], (self) => [...self]),
]);
