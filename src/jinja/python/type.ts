import {
  Callable,
  DictView,
  GroupTuple,
  Instance,
  isMapping,
  isSequence,
  type Obj,
  Range,
  Text,
  Tuple,
  Undefined,
} from "../objects.ts";
import { isFloat } from "./number.ts";

/** Python's name of a value's type, as its messages show it. */
export const typeOf = (value: Obj): string => {
  if (value === null) return "NoneType";
  if (typeof value === "boolean") return "bool";
  if (isFloat(value)) return "float";
  if (typeof value === "number" || typeof value === "bigint") return "int";
  if (typeof value === "string") return "str";
  if (value instanceof Text) return value.flavour === "markup" ? "Markup" : "str";
  if (value instanceof GroupTuple) return "_GroupTuple";
  if (value instanceof Tuple) return "tuple";
  if (isSequence(value)) return "list";
  if (isMapping(value)) return "dict";
  if (value instanceof Undefined) return "AnsibleUndefined";
  if (value instanceof Range) return "range";
  if (value instanceof DictView) return `dict_${value.of}`;
  if (value instanceof Callable) return "function";
  if (value instanceof Instance) return value.behaviour.type;
  return "object";
};
