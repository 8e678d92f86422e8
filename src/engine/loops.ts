import { LbplayError } from "../core/error.ts";
import type { Loop } from "../core/play.ts";
import { dict, isDict, isList, type Value } from "../core/value.ts";
import type { TaskScope, Templar } from "./templar.ts";

/** One turn of a loop: the variables that it adds, and what it is called in the output. */
export interface Turn {
  readonly variables: ReadonlyMap<string, Value>;
  readonly item: Value;
  /** What its result says of the turn: the item and its index under their names. */
  readonly shown: Readonly<Record<string, Value>>;
}

/** The turns of a task's loop. Throws LbplayError where the loop is not a list. */
export const turnsOf = (loop: Loop, scope: TaskScope, templar: Templar): readonly Turn[] => {
  const items = itemsOf(loop, scope, templar);
  return items.map((item, index) => {
    const variables = turnVariables(loop, items, item, index);
    return { item, variables, shown: Object.fromEntries(variables) };
  });
};

const itemsOf = (loop: Loop, scope: TaskScope, templar: Templar): readonly Value[] => {
  const value = templar.resolve(loop.items, scope);
  if (loop.lookup === null) {
    if (isList<Value>(value)) return value;
    throw new LbplayError({
      code: "E_LOOP",
      message: `loop: expected a list, found ${value === null ? "nothing" : isDict(value) ? "a mapping" : `the text ${JSON.stringify(value)}`}`,
      at: loop.at,
      hint: isDict(value) ? "turn the mapping into a list with the filter dict2items" : null,
    });
  }
  if (scope.host.lookup === null) return [];
  return scope.host.lookup(loop.lookup, termsOf(loop.lookup, value), new Map());
};

/** `with_x: [a, b]` gives the terms a and b; a lookup that works on one list (items) sees it as its terms too. */
const termsOf = (lookup: string, value: Value): readonly Value[] => {
  if (lookup === "dict" || !isList<Value>(value)) return [value];
  return value;
};

const turnVariables = (
  loop: Loop,
  items: readonly Value[],
  item: Value,
  index: number,
): ReadonlyMap<string, Value> => {
  const variables = new Map<string, Value>([
    [loop.loopVar, item],
    ["ansible_loop_var", loop.loopVar],
  ]);
  if (loop.indexVar !== null) variables.set(loop.indexVar, index).set("ansible_index_var", loop.indexVar);
  if (loop.extended) variables.set("ansible_loop", extended(items, index, loop.extendedAllItems));
  return variables;
};

const extended = (items: readonly Value[], index: number, allItems: boolean): Value =>
  dict({
    ...(allItems ? { allitems: items } : {}),
    index: index + 1,
    index0: index,
    revindex: items.length - index,
    revindex0: items.length - index - 1,
    first: index === 0,
    last: index === items.length - 1,
    length: items.length,
    ...(index > 0 ? { previtem: items[index - 1] ?? null } : {}),
    ...(index + 1 < items.length ? { nextitem: items[index + 1] ?? null } : {}),
  });
