import { type Place, placeAt } from "../core/error.ts";
import type { TemplateSource } from "./environment.ts";
import type { Locate } from "./lexer.ts";

/** Finds the place in the user's file of an offset in a template's text. */
export const createLocate = (source: TemplateSource): Locate => {
  const { at } = source;
  if (at === null)
    return (offset, length) => placeAt({ path: source.path, text: source.text }, offset, length);
  return (offset, length) => placeInString(source.text, at, offset, length);
};

/**
 * The place inside a string that stands in a YAML file at `at`. YAML may fold, indent and escape the string, so the
 * template's line is searched for from there on; where it cannot be found, the string's own place is the answer.
 */
const placeInString = (text: string, at: Place, offset: number, length: number): Place => {
  const start = offsetOf(at);
  const lineStart = text.lastIndexOf("\n", offset - 1) + 1;
  const lineEnd = text.indexOf("\n", offset);
  const line = text.slice(lineStart, lineEnd === -1 ? text.length : lineEnd);
  const bare = line.trim();
  let from = start;
  for (const earlier of text.slice(0, lineStart).split("\n").slice(0, -1)) {
    const found = at.source.text.indexOf(earlier.trim(), from);
    if (found !== -1) from = found + earlier.trim().length;
  }
  const found = bare === "" ? -1 : at.source.text.indexOf(bare, from);
  if (found !== -1) {
    const inBare = Math.max(0, offset - lineStart - (line.length - line.trimStart().length));
    return placeAt(at.source, found + inBare, length);
  }
  const word = text.slice(offset, offset + length).split("\n")[0] ?? "";
  const near = word.length < 3 ? -1 : at.source.text.indexOf(word, start);
  return near === -1 ? at : placeAt(at.source, near, word.length);
};

const offsetOf = (at: Place): number => {
  let offset = 0;
  for (let line = 1; line < at.line; line += 1) {
    const end = at.source.text.indexOf("\n", offset);
    if (end === -1) return offset;
    offset = end + 1;
  }
  return offset + at.column - 1;
};
