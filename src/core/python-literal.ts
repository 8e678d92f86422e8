import { pythonFloat, pythonInt } from "./python-number.ts";
import type { Value } from "./value.ts";

/**
 * The value of a Python literal as `ast.literal_eval` reads it, or undefined where the text is none:
 * the way Ansible reads the values of INI inventories. Tuples and sets become lists.
 */
export const readPythonLiteral = (text: string): Value | undefined => {
  const reader: Reader = { text: text.replace(/^[ \t]+/, ""), at: 0, depth: 0 };
  try {
    const value = readTop(reader);
    skipBlank(reader);
    return reader.at === reader.text.length ? value : undefined;
  } catch (error) {
    if (error instanceof NotALiteral) return undefined;
    throw error;
  }
};

/** Leaves the recursion: the text is no literal. */
class NotALiteral extends Error {}

interface Reader {
  readonly text: string;
  at: number;
  /** Inside brackets line feeds are blanks too. */
  depth: number;
}

const fail = (): never => {
  throw new NotALiteral();
};

const skipBlank = (reader: Reader): void => {
  const blank = reader.depth > 0 ? /(?:\s|#[^\n]*)*/y : /[ \t]*(?:#[^\n]*)?/y;
  blank.lastIndex = reader.at;
  reader.at += blank.exec(reader.text)?.[0].length ?? 0;
};

/** At the top `1, 2` is a tuple without parentheses. */
const readTop = (reader: Reader): Value => {
  const first = readValue(reader);
  skipBlank(reader);
  if (reader.text[reader.at] !== ",") return first;
  const items = [first];
  while (reader.text[reader.at] === ",") {
    reader.at += 1;
    skipBlank(reader);
    if (reader.at === reader.text.length) break;
    items.push(readValue(reader));
    skipBlank(reader);
  }
  return items;
};

const readValue = (reader: Reader): Value => {
  skipBlank(reader);
  const char = reader.text[reader.at] ?? fail();
  if (char === "[") return readItems(reader, "]").items;
  if (char === "(") {
    const { items, commas } = readItems(reader, ")");
    return items.length === 1 && commas === 0 ? (items[0] ?? null) : items;
  }
  if (char === "{") return readBraces(reader);
  const string = readStrings(reader);
  if (string !== null) return string;
  return readWord(reader);
};

const readItems = (reader: Reader, close: string): { readonly items: Value[]; readonly commas: number } => {
  reader.at += 1;
  reader.depth += 1;
  const items: Value[] = [];
  let commas = 0;
  for (;;) {
    skipBlank(reader);
    if (reader.text[reader.at] === close) break;
    if (items.length > commas) fail();
    items.push(readValue(reader));
    skipBlank(reader);
    if (reader.text[reader.at] === ",") {
      commas += 1;
      reader.at += 1;
    }
  }
  reader.at += 1;
  reader.depth -= 1;
  return { items, commas };
};

/** A dict, or a set, which becomes a list. */
const readBraces = (reader: Reader): Value => {
  reader.at += 1;
  reader.depth += 1;
  const entries = new Map<Value, Value>();
  const items: Value[] = [];
  for (;;) {
    skipBlank(reader);
    if (reader.text[reader.at] === "}") break;
    const key = readValue(reader);
    skipBlank(reader);
    if (reader.text[reader.at] === ":") {
      if (items.length > 0 || (typeof key === "object" && key !== null)) fail();
      reader.at += 1;
      entries.set(key, readValue(reader));
    } else if (entries.size > 0) fail();
    else items.push(key);
    skipBlank(reader);
    if (reader.text[reader.at] === ",") reader.at += 1;
    else if (reader.text[reader.at] !== "}") fail();
  }
  reader.at += 1;
  reader.depth -= 1;
  return items.length > 0 ? [...new Set(items)] : entries;
};

/** Adjacent string literals are one text. */
const readStrings = (reader: Reader): string | null => {
  let text: string | null = null;
  for (;;) {
    const start = /([rRbBuU]|[rR][bB]|[bB][rR])?("""|'''|"|')/y;
    start.lastIndex = reader.at;
    const match = start.exec(reader.text);
    if (match === null) return text;
    reader.at += match[0].length;
    text = (text ?? "") + readString(reader, match[2] ?? "", /r/i.test(match[1] ?? ""));
    skipBlank(reader);
  }
};

const readString = (reader: Reader, quote: string, rawText: boolean): string => {
  let text = "";
  while (!reader.text.startsWith(quote, reader.at)) {
    const char = reader.text[reader.at] ?? fail();
    if (char === "\n" && quote.length === 1) fail();
    if (char === "\\" && rawText) {
      text += char + (reader.text[reader.at + 1] ?? fail());
      reader.at += 2;
    } else if (char === "\\") text += readEscape(reader);
    else {
      text += char;
      reader.at += 1;
    }
  }
  reader.at += quote.length;
  return text;
};

/** What stands for which character behind a backslash, of those that are not numbers. */
export const SIMPLE_ESCAPES: Readonly<Record<string, string>> = {
  "\n": "",
  "\\": "\\",
  "'": "'",
  '"': '"',
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

const readEscape = (reader: Reader): string => {
  const coded = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{1,3}))/y;
  coded.lastIndex = reader.at;
  const match = coded.exec(reader.text);
  if (match !== null) {
    reader.at += match[0].length;
    const code =
      match[4] === undefined
        ? Number.parseInt(match[1] ?? match[2] ?? match[3] ?? "0", 16)
        : Number.parseInt(match[4], 8);
    return code > 0x10ffff ? fail() : String.fromCodePoint(code);
  }
  const char = reader.text[reader.at + 1] ?? fail();
  if ("xuUN".includes(char)) fail();
  reader.at += 2;
  return SIMPLE_ESCAPES[char] ?? `\\${char}`;
};

const NUMBER =
  /([-+]?\s*)(0[xX](?:_?[0-9a-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|(?:[0-9](?:_?[0-9])*)?\.[0-9](?:_?[0-9])*(?:[eE][-+]?[0-9]+)?|[0-9](?:_?[0-9])*\.?(?:[eE][-+]?[0-9]+)?)(?![\w.])/y;

const readWord = (reader: Reader): Value => {
  const word = /(?:None|True|False)(?!\w)/y;
  word.lastIndex = reader.at;
  const match = word.exec(reader.text);
  if (match !== null) {
    reader.at += match[0].length;
    return match[0] === "None" ? null : match[0] === "True";
  }
  NUMBER.lastIndex = reader.at;
  const number = NUMBER.exec(reader.text) ?? fail();
  reader.at += number[0].length;
  const negative = ((number[1] ?? "").match(/-/g) ?? []).length % 2 === 1;
  return numberValue((number[2] ?? "").replaceAll("_", ""), negative);
};

const numberValue = (digits: string, negative: boolean): Value => {
  const based = /^0[xXoObB]/.test(digits);
  if (!based && /[.eE]/.test(digits)) return pythonFloat(negative ? -Number(digits) : Number(digits));
  if (/^0[0-9]*[1-9]/.test(digits)) return fail();
  const magnitude = BigInt(digits.toLowerCase());
  return pythonInt(negative ? -magnitude : magnitude);
};
