import { floatText, textRepr } from "../../core/python-text.ts";
import { PyFloat } from "../../core/value.ts";
import {
  Callable,
  DictView,
  Instance,
  isMapping,
  isSequence,
  type Obj,
  Range,
  Text,
  Tuple,
  tuple,
  Undefined,
  UndefinedUse,
} from "../objects.ts";

/** Python's str(): what a value looks like in a template's output. */
export const str = (value: Obj): string => {
  if (typeof value === "string") return value;
  if (value instanceof Text) return value.text;
  if (value instanceof Undefined) return lenientText(value, "");
  if (value instanceof Instance) return value.behaviour.print();
  return repr(value);
};

/** Python's repr(): how a value is written inside a list or dict. */
export const repr = (value: Obj): string => {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "number") return numberText(value);
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "string") return textRepr(value);
  if (value instanceof PyFloat) return floatText(value.value);
  if (value instanceof Text)
    return value.flavour === "markup" ? `Markup(${textRepr(value.text)})` : textRepr(value.text);
  if (value instanceof Tuple) return value.length === 1 ? `(${items(value)},)` : `(${items(value)})`;
  if (isSequence(value)) return `[${items(value)}]`;
  if (isMapping(value)) return `{${pairs(value)}}`;
  if (value instanceof Range) return rangeText(value);
  if (value instanceof DictView) return `dict_${value.of}([${viewItems(value).map(repr).join(", ")}])`;
  if (value instanceof Callable) return `<function ${value.name}>`;
  if (value instanceof Instance) return value.behaviour.print();
  if (value instanceof Undefined) return lenientText(value, "Undefined");
  throw new Error("a value of no known type was printed");
};

const lenientText = (missing: Undefined, text: string): string => {
  if (!missing.lenient) throw new UndefinedUse(missing);
  return text;
};

const items = (list: readonly Obj[]): string => list.map(repr).join(", ");

const pairs = (dict: ReadonlyMap<Obj, Obj>): string =>
  [...dict].map(([key, value]) => `${repr(key)}: ${repr(value)}`).join(", ");

const rangeText = ({ start, stop, step }: Range): string =>
  step === 1 ? `range(${start}, ${stop})` : `range(${start}, ${stop}, ${step})`;

const numberText = (value: number): string => {
  if (!Number.isInteger(value)) return floatText(value);
  return Number.isSafeInteger(value) ? String(value + 0) : BigInt(value).toString();
};

/** The items of a dict view as a list. */
export const viewItems = (view: DictView): Obj[] => {
  switch (view.of) {
    case "keys":
      return [...view.dict.keys()];
    case "values":
      return [...view.dict.values()];
    case "items":
      return [...view.dict].map(([key, value]) => tuple([key, value]));
  }
};
