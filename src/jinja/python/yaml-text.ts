import { isBreak } from "./yaml-scalar.ts";
import type { YamlWriter } from "./yaml-writer.ts";

/** Breaks the line instead of a lone space beyond the width. */
const writeSpaces = (writer: YamlWriter, spaces: string, mayBreak: boolean): boolean => {
  if (spaces.length === 1 && mayBreak && writer.column > writer.style.width) {
    writer.toIndent();
    return true;
  }
  writer.put(spaces);
  return false;
};

/** Runs of spaces, of breaks and of anything else. */
const runs = (text: string): readonly string[] =>
  text.match(/ +|[\n\x85\u2028\u2029]+|[^ \n\x85\u2028\u2029]+/g) ?? [];

const writeBreaks = (writer: YamlWriter, breaks: string): void => {
  if (breaks.startsWith("\n")) writer.newline();
  for (const character of breaks) writer.newline(character === "\n" ? "\n" : character);
};

/** A scalar as it is. */
export const writePlain = (writer: YamlWriter, text: string, split: boolean): void => {
  if (text === "") return;
  if (!writer.whitespace) writer.put(" ");
  writer.whitespace = false;
  writer.indention = false;
  const parts = runs(text);
  for (const part of parts) {
    if (part.startsWith(" ")) writeSpaces(writer, part, split);
    else writer.put(part);
    writer.whitespace = false;
    writer.indention = false;
  }
};

/** A scalar in single quotes. */
export const writeSingleQuoted = (writer: YamlWriter, text: string, split: boolean): void => {
  writer.indicator("'", true);
  const parts = runs(text);
  for (const [index, part] of parts.entries()) {
    const inner = index > 0 && index < parts.length - 1;
    if (part.startsWith(" ")) writeSpaces(writer, part, split && inner);
    else if (isBreak(part[0])) {
      writeBreaks(writer, part);
      writer.toIndent();
    } else {
      writer.put(part.replaceAll("'", "''"));
      writer.indention = false;
    }
  }
  writer.whitespace = false;
  writer.indention = false;
  writer.indicator("'", false);
};

const ESCAPES: Readonly<Record<string, string>> = {
  "\0": "0",
  "\x07": "a",
  "\b": "b",
  "\t": "t",
  "\n": "n",
  "\v": "v",
  "\f": "f",
  "\r": "r",
  "\x1b": "e",
  '"': '"',
  "\\": "\\",
  "\x85": "N",
  "\xa0": "_",
  "\u2028": "L",
  "\u2029": "P",
};

const isShown = (character: string): boolean => {
  if ('"\\\x85\u2028\u2029\ufeff'.includes(character)) return false;
  const code = character.codePointAt(0) ?? 0;
  return (
    (code >= 0x20 && code <= 0x7e) || (code >= 0xa0 && code <= 0xd7ff) || (code >= 0xe000 && code <= 0xfffd)
  );
};

const escapeOf = (character: string): string => {
  const short = ESCAPES[character];
  if (short !== undefined) return `\\${short}`;
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16).toUpperCase();
  if (code <= 0xff) return `\\x${hex.padStart(2, "0")}`;
  return code <= 0xffff ? `\\u${hex.padStart(4, "0")}` : `\\U${hex.padStart(8, "0")}`;
};

/** A scalar in double quotes, with escapes. */
export const writeDoubleQuoted = (writer: YamlWriter, text: string, split: boolean): void => {
  writer.indicator('"', true);
  const characters = Array.from(text);
  let afterSpace = false;
  for (const [index, character] of characters.entries()) {
    const inner = index > 0 && index < characters.length - 1;
    if (!isShown(character)) {
      writer.put(escapeOf(character));
      afterSpace = false;
    } else if (character === " ") {
      if (split && !afterSpace && inner && writer.column > writer.style.width) {
        writer.toIndent();
        if (characters[index + 1] === " ") writer.put("\\");
      } else {
        writer.put(character);
      }
      afterSpace = true;
    } else {
      writer.put(character);
      afterSpace = false;
    }
    writer.whitespace = false;
    writer.indention = false;
  }
  writer.indicator('"', false);
};

const blockHints = (writer: YamlWriter, text: string): string => {
  const indent = text.startsWith(" ") || isBreak(text[0]) ? String(writer.style.indent) : "";
  if (!isBreak(text.at(-1))) return `${indent}-`;
  return text.length === 1 || isBreak(text.at(-2)) ? `${indent}+` : indent;
};

const writeBlockStart = (writer: YamlWriter, indicator: string, text: string): void => {
  const hints = blockHints(writer, text);
  writer.indicator(indicator + hints, true);
  writer.newline();
  writer.openEnded = hints.endsWith("+");
  writer.indention = true;
  writer.whitespace = true;
};

/** A scalar as a block that keeps its lines (`|`). */
export const writeLiteral = (writer: YamlWriter, text: string): void => {
  writeBlockStart(writer, "|", text);
  let breaks = true;
  for (const part of text.match(/[\n\x85\u2028\u2029]|[^\n\x85\u2028\u2029]+/g) ?? []) {
    if (isBreak(part)) {
      writer.newline(part);
      breaks = true;
    } else {
      if (breaks) writer.toIndent();
      writer.put(part);
      writer.indention = false;
      breaks = false;
    }
  }
};

/** A scalar as a block whose lines may be folded (`>`). */
export const writeFolded = (writer: YamlWriter, text: string): void => {
  writeBlockStart(writer, ">", text);
  let breaks = true;
  let leadingSpaces = true;
  const parts = runs(text);
  for (const [index, part] of parts.entries()) {
    if (isBreak(part[0])) {
      const next = parts[index + 1];
      if (!breaks && !leadingSpaces && part.startsWith("\n") && next !== undefined && !next.startsWith(" "))
        writer.newline();
      for (const character of part) writer.newline(character);
      breaks = true;
    } else if (part.startsWith(" ") && !breaks) {
      writeSpaces(writer, part, index < parts.length - 1);
    } else {
      if (breaks) {
        writer.toIndent();
        leadingSpaces = part.startsWith(" ");
      }
      writer.put(part);
      writer.indention = false;
      breaks = false;
    }
  }
};
