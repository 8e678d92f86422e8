import { readPythonLiteral } from "../python-literal.ts";
import { pythonFloat, pythonInt } from "../python-number.ts";
import { classOf, valueText } from "../python-text.ts";
import { fromJson, isDict, isList, type Json, PyFloat, type Value } from "../value.ts";
import { sizeOf } from "./sizes.ts";

/** A value read as a type: what it is then, or Ansible's words for why it cannot be. */
export type Typed =
  | { readonly kind: "value"; readonly value: Value }
  | { readonly kind: "refused"; readonly reason: string };

/** How a type of argument specs reads a value, and what it is called in messages. */
export interface ArgumentType {
  /** `an integer`, `a list` */
  readonly words: string;
  readonly read: (value: Value) => Typed;
}

const taken = (value: Value): Typed => ({ kind: "value", value });

const refused = (reason: string): Typed => ({ kind: "refused", reason });

const notA = (value: Value, what: string): Typed =>
  refused(`${pythonClass(value)} cannot be converted to ${what}`);

/** A value's Python class as Ansible's messages show it. */
export const pythonClass = (value: Value): string => `<class '${classOf(value)}'>`;

const readText = (value: Value): Typed => taken(valueText(value));

const readList = (value: Value): Typed => {
  if (isList<Value>(value)) return taken(value);
  if (typeof value === "string") return taken(value.split(","));
  if (value === null || isDict(value)) return notA(value, "a list");
  return taken([valueText(value)]);
};

const readDict = (value: Value): Typed => {
  if (isDict(value)) return taken(value);
  if (typeof value !== "string") return notA(value, "a dict");
  if (value.startsWith("{")) return readBraces(value);
  return value.includes("=")
    ? readPairs(value)
    : refused("dictionary requested, could not parse JSON or key=value");
};

/** JSON, or else a Python literal. */
const readBraces = (text: string): Typed => {
  try {
    return taken(fromJson(JSON.parse(text) as Json)); // JSON.parse gives JSON
  } catch {
    const literal = readPythonLiteral(text);
    return literal === undefined ? refused("unable to evaluate string as dictionary") : taken(literal);
  }
};

/** `a=1, b="two words"`: separated by commas and blanks. */
const readPairs = (text: string): Typed => {
  const fields: string[] = [];
  let field = "";
  let quote: string | null = null;
  let escaped = false;
  const end = (): void => {
    if (field !== "") fields.push(field);
    field = "";
  };
  for (const character of text.trim()) {
    if (escaped) {
      field += character;
      escaped = false;
    } else if (character === "\\") escaped = true;
    else if (quote === null && (character === "'" || character === '"')) quote = character;
    else if (quote === character) quote = null;
    else if (quote === null && (character === "," || character === " ")) end();
    else field += character;
  }
  end();
  const bare = fields.findIndex((one) => !one.includes("="));
  if (bare !== -1) return refused(`dictionary update sequence element #${bare} has length 1; 2 is required`);
  return taken(
    new Map(fields.map((one) => [one.slice(0, one.indexOf("=")), one.slice(one.indexOf("=") + 1)])),
  );
};

/** The words of truth, as Ansible's messages list them. */
export const BOOLEAN_WORDS = {
  true: ["y", "yes", "on", "1", "true", "t"],
  false: ["n", "no", "off", "0", "false", "f"],
} as const;

const readBoolean = (value: Value): Typed => {
  if (typeof value === "boolean") return taken(value);
  if (value === null || isList(value) || isDict(value)) return notA(value, "a bool");
  const word = value instanceof PyFloat ? String(value.value) : String(value).toLowerCase().trim();
  if (BOOLEAN_WORDS.true.some((one) => one === word)) return taken(true);
  if (BOOLEAN_WORDS.false.some((one) => one === word)) return taken(false);
  const known = [...BOOLEAN_WORDS.true, ...BOOLEAN_WORDS.false].map((one) => `'${one}'`);
  return refused(
    `The value '${valueText(value)}' is not a valid boolean.  Valid booleans include: ${[...known, "0", "1"].join(", ")}`,
  );
};

const readInteger = (value: Value): Typed => {
  if (typeof value === "boolean" || typeof value === "bigint") return taken(value);
  if (typeof value === "number" && Number.isInteger(value)) return taken(value);
  if (typeof value === "string" && /^\s*[-+]?\d+(?:_\d+)*\s*$/.test(value)) {
    const digits = value.trim().replaceAll("_", "");
    const magnitude = BigInt(digits.replace(/^[-+]/, ""));
    return taken(pythonInt(digits.startsWith("-") ? -magnitude : magnitude));
  }
  return notA(value, "an int");
};

const FLOAT = /^[-+]?(?:\d+(?:_\d+)*\.?(?:\d+(?:_\d+)*)?|\.\d+(?:_\d+)*)(?:e[-+]?\d+(?:_\d+)*)?$/i;
const NOT_FINITE = /^[-+]?(?:inf|infinity|nan)$/i;

const readFloat = (value: Value): Typed => {
  if (value instanceof PyFloat) return taken(value);
  if (typeof value === "number" || typeof value === "boolean" || typeof value === "bigint")
    return taken(pythonFloat(Number(value)));
  const text = typeof value === "string" ? value.trim() : "";
  if (FLOAT.test(text)) return taken(pythonFloat(Number(text.replaceAll("_", ""))));
  if (NOT_FINITE.test(text))
    return taken(/nan/i.test(text) ? Number.NaN : text.startsWith("-") ? -Infinity : Infinity);
  return notA(value, "a float");
};

const readJson = (value: Value): Typed => {
  if (typeof value === "string") return taken(value.trim());
  return isList(value) || isDict(value) ? taken(value) : notA(value, "a json string");
};

const readSize =
  (unit: "byte" | "bit", what: string) =>
  (value: Value): Typed => {
    const size = sizeOf(valueText(value), unit);
    return size === null ? notA(value, what) : taken(size);
  };

const JSON_TYPE: ArgumentType = { words: "JSON text, a list or a mapping", read: readJson };

/** The types that an argument spec may ask for, by Ansible's names. */
export const ARGUMENT_TYPES: ReadonlyMap<string, ArgumentType> = new Map<string, ArgumentType>([
  ["str", { words: "a text", read: readText }],
  ["list", { words: "a list", read: readList }],
  ["dict", { words: "a mapping", read: readDict }],
  ["bool", { words: "a boolean", read: readBoolean }],
  ["int", { words: "an integer", read: readInteger }],
  ["float", { words: "a number", read: readFloat }],
  ["path", { words: "a path", read: readText }],
  ["raw", { words: "anything", read: taken }],
  ["jsonarg", JSON_TYPE],
  ["json", JSON_TYPE],
  ["bytes", { words: "a size in bytes, such as 10M", read: readSize("byte", "a Byte value") }],
  ["bits", { words: "a size in bits, such as 10Mb", read: readSize("bit", "a Bit value") }],
]);
