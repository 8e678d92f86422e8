import { textRepr } from "../../core/python-text.ts";
import { isMapping, isSequence, type Obj, Tuple, textOf } from "../objects.ts";
import { compare } from "../python/compare.ts";
import { repr } from "../python/print.ts";
import { splitLines, textLength } from "../python/text.ts";
import { typeOf } from "../python/type.ts";
import { type Definition, define } from "./define.ts";

const WIDTH = 80;

/** repr with the keys of dicts sorted, as pprint shows them. */
const sortedRepr = (value: Obj): string => {
  if (isMapping(value)) {
    return `{${sortedItems(value)
      .map(([key, item]) => `${sortedRepr(key)}: ${sortedRepr(item)}`)
      .join(", ")}}`;
  }
  if (!isSequence(value)) return repr(value);
  const items = value.map(sortedRepr).join(", ");
  if (!(value instanceof Tuple)) return `[${items}]`;
  return value.length === 1 ? `(${items},)` : `(${items})`;
};

/** By key; keys that Python cannot order go by their type's name. */
const sortedItems = (dict: ReadonlyMap<Obj, Obj>): readonly (readonly [Obj, Obj])[] =>
  [...dict].sort(([a], [b]) => {
    try {
      return compare(a, b);
    } catch {
      return typeOf(a) < typeOf(b) ? -1 : 1;
    }
  });

/** A value over several lines where it is wider than 80 columns; `allowance` columns are taken after it. */
const pretty = (value: Obj, indent: number, allowance: number, level: number): string => {
  const flat = sortedRepr(value);
  if (textLength(flat) <= WIDTH - indent - allowance) return flat;
  if (isMapping(value)) return `{${dictLines(value, indent, allowance + 1, level + 1)}}`;
  if (isSequence(value)) {
    const [open, close] = value instanceof Tuple ? ["(", value.length === 1 ? ",)" : ")"] : ["[", "]"];
    return `${open}${listLines(value, indent, allowance + close.length, level + 1)}${close}`;
  }
  const text = textOf(value);
  return text === null || text === "" ? flat : textLines(text, indent, allowance, level + 1);
};

const dictLines = (dict: ReadonlyMap<Obj, Obj>, indent: number, allowance: number, level: number): string => {
  const inner = indent + 1;
  return sortedItems(dict)
    .map(([key, item], index) => {
      const shown = sortedRepr(key);
      const isLast = index === dict.size - 1;
      return `${shown}: ${pretty(item, inner + textLength(shown) + 2, isLast ? allowance : 1, level)}`;
    })
    .join(`,\n${" ".repeat(inner)}`);
};

const listLines = (list: readonly Obj[], indent: number, allowance: number, level: number): string => {
  const inner = indent + 1;
  return list
    .map((item, index) => pretty(item, inner, index === list.length - 1 ? allowance : 1, level))
    .join(`,\n${" ".repeat(inner)}`);
};

/** A long string in pieces of whole words, one on each line. */
const textLines = (text: string, outerIndent: number, outerAllowance: number, level: number): string => {
  const indent = outerIndent + (level === 1 ? 1 : 0);
  const allowance = outerAllowance + (level === 1 ? 1 : 0);
  const lines = splitLines(text, true);
  const width = WIDTH - indent;
  const chunks: string[] = [];
  for (const [index, line] of lines.entries()) {
    const isLast = index === lines.length - 1;
    const shown = textRepr(line);
    if (textLength(shown) <= width - (isLast ? allowance : 0)) chunks.push(shown);
    else chunks.push(...wordChunks(line, width, isLast ? allowance : 0));
  }
  const [only] = chunks;
  if (chunks.length === 1 && only !== undefined) return textRepr(text);
  const body = chunks.join(`\n${" ".repeat(indent)}`);
  return level === 1 ? `(${body})` : body;
};

const wordChunks = (line: string, width: number, allowance: number): readonly string[] => {
  const parts = line.match(/\S+\s*|\s+/gu) ?? [];
  const chunks: string[] = [];
  let current = "";
  for (const [index, part] of parts.entries()) {
    const room = width - (index === parts.length - 1 ? allowance : 0);
    if (textLength(textRepr(current + part)) > room) {
      if (current !== "") chunks.push(textRepr(current));
      current = part;
    } else {
      current += part;
    }
  }
  if (current !== "") chunks.push(textRepr(current));
  return chunks;
};

/** Python's pprint. */
export const prettyFilters: readonly Definition[] = [define("pprint", [], (value) => pretty(value, 0, 0, 0))];
