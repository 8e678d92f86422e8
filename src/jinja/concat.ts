import {
  DictView,
  Instance,
  isMapping,
  isSequence,
  type Obj,
  Range,
  Text,
  Undefined,
  UndefinedUse,
} from "./objects.ts";
import { literalEval } from "./python/literal.ts";
import { isFloat, isNumber, toNumber } from "./python/number.ts";
import { iterate } from "./python/operators.ts";
import { str } from "./python/print.ts";

/** A printed value as Ansible prints it: nothing for None, lists for iterators. */
export const finalize = (value: Obj, mode: "text" | "native"): Obj => {
  if (typeof value === "string") return value;
  if (value === null) return "";
  const seen = value instanceof Range || value instanceof DictView ? iterate(value) : value;
  return mode === "text" ? str(seen) : defined(seen);
};

/** Throws for an undefined value anywhere inside, here rather than where the output is put together. */
const defined = (value: Obj): Obj => {
  if (value instanceof Undefined && !value.lenient) throw new UndefinedUse(value);
  if (isSequence(value)) for (const item of value) defined(item);
  else if (isMapping(value)) for (const item of value.values()) defined(item);
  return value;
};

/** The pieces that were printed as one value: text, or for a playbook's string what that text reads as. */
export const concat = (parts: readonly Obj[], mode: "text" | "native"): Obj => {
  if (mode === "text") return parts.map(str).join("");
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) {
    if (only instanceof Text && only.flavour === "native") return only;
    if (isLiteral(only)) return copyLiteral(only);
  }
  const text = parts.map(str).join("");
  if (!text.startsWith("{") && !text.startsWith("[") && text !== "True" && text !== "False") return text;
  const literal = literalEval(text);
  return literal === undefined ? text : literal;
};

/** A list, dict or bool that Python would read back just as it was: no need to print and read it. */
const isLiteral = (value: Obj): boolean => {
  if (typeof value === "boolean") return true;
  return (isSequence(value) && !isTuple(value)) || isMapping(value) ? isPlain(value) : false;
};

const isTuple = (value: Obj): boolean => isSequence(value) && value.constructor !== Array;

const isPlain = (value: Obj): boolean => {
  if (value === null || typeof value === "string" || typeof value === "boolean") return true;
  if (isNumber(value)) return !isFloat(value) || Number.isFinite(toNumber(value));
  if (isSequence(value)) return value.every(isPlain);
  if (isMapping(value)) return [...value].every(([key, item]) => isPlain(key) && isPlain(item));
  return value instanceof Text && value.flavour === "native" && !(value instanceof Instance);
};

const copyLiteral = (value: Obj): Obj => {
  if (value instanceof Text) return value.text;
  if (isSequence(value) && !isTuple(value)) return value.map(copyLiteral);
  if (isMapping(value)) return new Map([...value].map(([key, item]) => [key, copyLiteral(item)]));
  return value;
};
