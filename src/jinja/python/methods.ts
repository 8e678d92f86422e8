import { GroupTuple, isMapping, isSequence, isText, type Keywords, type Obj, Tuple } from "../objects.ts";
import { dictMethods } from "./methods-dict.ts";
import { groupMethods, listMethods, tupleMethods } from "./methods-list.ts";
import { floatMethods, intMethods } from "./methods-number.ts";
import { textMethods } from "./methods-text.ts";
import { isFloat, isNumber } from "./number.ts";

/** An attribute of a Python type: a method, or a value (`(1).real`). */
export type Method =
  | { readonly kind: "call"; readonly call: (self: Obj, args: readonly Obj[], keywords: Keywords) => Obj }
  | { readonly kind: "value"; readonly of: (self: Obj) => Obj };

/** The attribute of a Python value, or null: the only way from a template to code. */
export const method = (self: Obj, name: string): Method | null => tableOf(self)?.get(name) ?? null;

const tableOf = (self: Obj): ReadonlyMap<string, Method> | null => {
  if (isText(self)) return textMethods;
  if (isMapping(self)) return dictMethods;
  if (self instanceof GroupTuple) return groupMethods;
  if (self instanceof Tuple) return tupleMethods;
  if (isSequence(self)) return listMethods;
  if (isFloat(self)) return floatMethods;
  return isNumber(self) ? intMethods : null;
};
