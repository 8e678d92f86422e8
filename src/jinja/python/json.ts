import { floatText } from "../../core/python-text.ts";
import {
  DictView,
  Instance,
  isMapping,
  isSequence,
  type Obj,
  PyError,
  Range,
  textOf,
  Undefined,
  UndefinedUse,
} from "../objects.ts";
import { compare, store } from "./compare.ts";
import { float, isFloat, isNumber, readInt, toBigInt, toNumber } from "./number.ts";
import { iterate } from "./operators.ts";
import { typeOf } from "./type.ts";

/** How json.dumps writes. */
export interface JsonStyle {
  /** Spaces of one level, or the text of one level; null for everything on one line. */
  readonly indent: number | string | null;
  readonly sortKeys: boolean;
  /** Writes everything beyond ASCII as escapes; on by default. */
  readonly asciiOnly?: boolean;
  /** Between items, and between key and value. */
  readonly separators?: readonly [string, string] | null;
}

/** Python's json.dumps. */
export const toJsonText = (value: Obj, style: JsonStyle): string => {
  const indent = typeof style.indent === "number" ? " ".repeat(Math.max(0, style.indent)) : style.indent;
  const [item, key] = style.separators ?? [indent === null ? ", " : ",", ": "];
  return write(value, { indent, item, key, sortKeys: style.sortKeys, ascii: style.asciiOnly ?? true }, "\n");
};

interface Writing {
  readonly indent: string | null;
  readonly item: string;
  readonly key: string;
  readonly sortKeys: boolean;
  readonly ascii: boolean;
}

const write = (value: Obj, style: Writing, newline: string): string => {
  if (value === null) return "null";
  if (typeof value === "boolean") return String(value);
  if (value instanceof Undefined) throw new UndefinedUse(value);
  const text = textOf(value);
  if (text !== null) return quoted(text, style.ascii);
  if (isNumber(value)) return numberText(value);
  if (isMapping(value)) return writeDict(value, style, newline);
  if (isSequence(value) || value instanceof Range || value instanceof DictView) {
    return writeList(iterate(value), style, newline);
  }
  if (value instanceof Instance && value.behaviour.type === "datetime") {
    return quoted(value.behaviour.print().replace(" ", "T"), style.ascii);
  }
  throw new PyError("TypeError", `Object of type ${typeOf(value)} is not JSON serializable`);
};

const numberText = (value: Parameters<typeof toNumber>[0]): string => {
  if (!isFloat(value)) return toBigInt(value as number | bigint).toString(); // bools and floats are out
  const plain = toNumber(value);
  if (Number.isNaN(plain)) return "NaN";
  if (!Number.isFinite(plain)) return plain > 0 ? "Infinity" : "-Infinity";
  return floatText(plain);
};

const writeList = (items: readonly Obj[], style: Writing, newline: string): string => {
  if (items.length === 0) return "[]";
  const inner = newline + (style.indent ?? "");
  const parts = items.map((item) => write(item, style, inner));
  return bracketed("[", "]", parts, style, newline);
};

const writeDict = (dict: ReadonlyMap<Obj, Obj>, style: Writing, newline: string): string => {
  if (dict.size === 0) return "{}";
  const entries = [...dict];
  if (style.sortKeys) entries.sort(([a], [b]) => compare(a, b));
  const inner = newline + (style.indent ?? "");
  const parts = entries.map(
    ([key, value]) => `${quoted(keyText(key), style.ascii)}${style.key}${write(value, style, inner)}`,
  );
  return bracketed("{", "}", parts, style, newline);
};

const bracketed = (
  open: string,
  close: string,
  parts: readonly string[],
  style: Writing,
  newline: string,
): string => {
  if (style.indent === null) return open + parts.join(style.item) + close;
  const inner = newline + style.indent;
  return open + inner + parts.join(style.item + inner) + newline + close;
};

const keyText = (key: Obj): string => {
  const text = textOf(key);
  if (text !== null) return text;
  if (key === null) return "null";
  if (typeof key === "boolean") return String(key);
  if (isNumber(key)) return numberText(key);
  throw new PyError("TypeError", `keys must be str, int, float, bool or None, not ${typeOf(key)}`);
};

const SHORT: Readonly<Record<string, string>> = {
  '"': '\\"',
  "\\": "\\\\",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\b": "\\b",
  "\f": "\\f",
};

const quoted = (text: string, ascii: boolean): string => {
  const special = ascii ? /["\\]|[^ -~]/g : /["\\\x00-\x1f]/g;
  const body = text.replace(
    special,
    (unit) => SHORT[unit] ?? `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return `"${body}"`;
};

/** Python's json.loads: ints and floats stay apart, keys keep their order. */
export const fromJsonText = (text: string): Obj => {
  const reading = { text, position: 0 };
  skip(reading);
  const value = readValue(reading);
  skip(reading);
  if (reading.position < text.length) throw fault("Extra data", reading);
  return value;
};

interface Reading {
  readonly text: string;
  position: number;
}

const fault = (what: string, { text, position }: Reading): PyError => {
  const before = text.slice(0, position);
  const line = before.split("\n").length;
  const column = position - before.lastIndexOf("\n");
  return new PyError("ValueError", `${what}: line ${line} column ${column} (char ${position})`);
};

const skip = (reading: Reading): void => {
  while (/[ \t\n\r]/.test(reading.text[reading.position] ?? "")) reading.position += 1;
};

const NUMBER = /(-?(?:0|[1-9]\d*))(\.\d+)?([eE][-+]?\d+)?/y;

const WORDS: readonly (readonly [string, Obj])[] = [
  ["null", null],
  ["true", true],
  ["false", false],
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["-Infinity", Number.NEGATIVE_INFINITY],
];

const readValue = (reading: Reading): Obj => {
  const { text, position } = reading;
  const character = text[position];
  if (character === '"') return readString(reading);
  if (character === "{") return readDict(reading);
  if (character === "[") return readList(reading);
  for (const [word, value] of WORDS) {
    if (text.startsWith(word, position)) {
      reading.position += word.length;
      return value;
    }
  }
  NUMBER.lastIndex = position;
  const match = NUMBER.exec(text);
  if (match === null) throw fault("Expecting value", reading);
  reading.position += match[0].length;
  const isWhole = match[2] === undefined && match[3] === undefined;
  return isWhole ? (readInt(match[0], 10) ?? 0) : float(Number(match[0]));
};

const STRING = /"((?:[^"\\\x00-\x1f]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*)"/y;

const readString = (reading: Reading): string => {
  STRING.lastIndex = reading.position;
  const match = STRING.exec(reading.text);
  if (match === null) throw fault("Unterminated string starting at", reading);
  reading.position += match[0].length;
  const parsed: unknown = JSON.parse(match[0]);
  return String(parsed);
};

const readList = (reading: Reading): Obj => {
  const items: Obj[] = [];
  reading.position += 1;
  skip(reading);
  if (reading.text[reading.position] === "]") {
    reading.position += 1;
    return items;
  }
  for (;;) {
    skip(reading);
    items.push(readValue(reading));
    if (endsWith(reading, "]")) return items;
  }
};

const readDict = (reading: Reading): Obj => {
  const made = new Map<Obj, Obj>();
  reading.position += 1;
  skip(reading);
  if (reading.text[reading.position] === "}") {
    reading.position += 1;
    return made;
  }
  for (;;) {
    skip(reading);
    if (reading.text[reading.position] !== '"') {
      throw fault("Expecting property name enclosed in double quotes", reading);
    }
    const key = readString(reading);
    skip(reading);
    if (reading.text[reading.position] !== ":") throw fault("Expecting ':' delimiter", reading);
    reading.position += 1;
    skip(reading);
    store(made, key, readValue(reading));
    if (endsWith(reading, "}")) return made;
  }
};

/** True after the last item, false after a comma. */
const endsWith = (reading: Reading, closing: string): boolean => {
  skip(reading);
  const character = reading.text[reading.position];
  if (character !== closing && character !== ",") throw fault("Expecting ',' delimiter", reading);
  reading.position += 1;
  return character === closing;
};
