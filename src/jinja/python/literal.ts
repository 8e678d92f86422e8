import { stringValue } from "../literal-text.ts";
import { type Obj, tuple } from "../objects.ts";
import { negate, positive } from "./arithmetic.ts";
import { store } from "./compare.ts";
import { float, isNumber, readInt } from "./number.ts";

/**
 * Reads a Python literal as ast.literal_eval does, with JSON's true, false and null besides, as Ansible has it.
 * Gives undefined for text that is none.
 */
export const literalEval = (text: string): Obj | undefined => {
  const reading: Reading = { text, position: 0 };
  try {
    const value = expression(reading);
    skipSpace(reading);
    if (reading.position < text.length) return undefined;
    return value;
  } catch (error) {
    if (error instanceof NotALiteral || error instanceof RangeError) return undefined;
    throw error;
  }
};

interface Reading {
  readonly text: string;
  position: number;
}

class NotALiteral extends Error {}

const NUMBER =
  /(?:0[xX](?:_?[\da-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|(?:\d(?:_?\d)*)?\.\d(?:_?\d)*(?:[eE][+-]?\d(?:_?\d)*)?|\d(?:_?\d)*\.?(?:[eE][+-]?\d(?:_?\d)*)?)/y;
const STRING =
  /(?:([uU]|[rR]?)('''(?:[^\\]|\\[\s\S])*?'''|"""(?:[^\\]|\\[\s\S])*?"""|'(?:[^'\\\n]|\\[\s\S])*'|"(?:[^"\\\n]|\\[\s\S])*"))/y;
const NAME = /[A-Za-z_][A-Za-z_0-9]*/y;

const NAMES: ReadonlyMap<string, Obj> = new Map<string, Obj>([
  ["True", true],
  ["False", false],
  ["None", null],
  ["true", true],
  ["false", false],
  ["null", null],
]);

const SPACE = /(?:[ \t\f\n\r]|\\\n|#[^\n]*)*/y;

const skipSpace = (reading: Reading): void => {
  take(reading, SPACE);
};

const take = (reading: Reading, pattern: RegExp): RegExpExecArray | null => {
  pattern.lastIndex = reading.position;
  const match = pattern.exec(reading.text);
  if (match !== null) reading.position += match[0].length;
  return match;
};

const expression = (reading: Reading): Obj => {
  skipSpace(reading);
  const character = reading.text[reading.position];
  if (character === undefined) throw new NotALiteral();
  if (character === "-" || character === "+") {
    reading.position += 1;
    const value = expression(reading);
    if (!isNumber(value) || typeof value === "boolean") throw new NotALiteral();
    return character === "-" ? negate(value) : positive(value);
  }
  if (character === "[") return items(reading, "]").values;
  if (character === "(") {
    const { values, commas } = items(reading, ")");
    const [only] = values;
    return values.length === 1 && commas === 0 && only !== undefined ? only : tuple(values);
  }
  if (character === "{") return dictOrSet(reading);
  return atom(reading);
};

const atom = (reading: Reading): Obj => {
  const text = take(reading, STRING);
  if (text !== null) return adjacent(reading, unquoted(text));
  const number = take(reading, NUMBER);
  if (number !== null && number[0] !== "") return numberValue(number[0]);
  const name = take(reading, NAME);
  const known = name === null ? undefined : NAMES.get(name[0]);
  if (known === undefined) throw new NotALiteral();
  return known;
};

const unquoted = (match: RegExpExecArray): string => {
  const [, prefix = "", quoted = ""] = match;
  const triple = quoted.startsWith("'''") || quoted.startsWith('"""');
  return stringValue(triple ? quoted.slice(2, -2) : quoted, prefix.toLowerCase() === "r");
};

const adjacent = (reading: Reading, first: string): string => {
  let value = first;
  for (;;) {
    const before = reading.position;
    skipSpace(reading);
    const match = take(reading, STRING);
    if (match === null) {
      reading.position = before;
      return value;
    }
    value += unquoted(match);
  }
};

const numberValue = (text: string): Obj => {
  if (/^0[0_]*[1-9]/.test(text) && !/[.eE]/.test(text)) throw new NotALiteral();
  if (/^0[xXoObB]/.test(text) || !/[.eE]/.test(text)) {
    const value = readInt(text, 0);
    if (value === null) throw new NotALiteral();
    return value;
  }
  return float(Number(text.replaceAll("_", "")));
};

const items = (reading: Reading, closing: string): { values: Obj[]; commas: number } => {
  reading.position += 1;
  const values: Obj[] = [];
  let commas = 0;
  for (;;) {
    skipSpace(reading);
    if (reading.text[reading.position] === closing) {
      reading.position += 1;
      return { values, commas };
    }
    if (values.length > commas) throw new NotALiteral();
    values.push(expression(reading));
    skipSpace(reading);
    if (reading.text[reading.position] === ",") {
      reading.position += 1;
      commas += 1;
    }
  }
};

/** Sets come as lists: there is no set among the values of a playbook. */
const dictOrSet = (reading: Reading): Obj => {
  const start = reading.position;
  reading.position += 1;
  const made = new Map<Obj, Obj>();
  for (;;) {
    skipSpace(reading);
    if (reading.text[reading.position] === "}") {
      reading.position += 1;
      return made;
    }
    const key = expression(reading);
    skipSpace(reading);
    if (reading.text[reading.position] !== ":") {
      if (made.size > 0) throw new NotALiteral();
      reading.position = start;
      return items(reading, "}").values;
    }
    reading.position += 1;
    if (Array.isArray(key) || key instanceof Map) throw new NotALiteral();
    store(made, key, expression(reading));
    skipSpace(reading);
    if (reading.text[reading.position] === ",") reading.position += 1;
    else if (reading.text[reading.position] !== "}") throw new NotALiteral();
  }
};
