import { pythonRegExp } from "../../core/python-regexp.ts";
import { byteText } from "../file-content/edit-schema.ts";
import type { BlockinfileParams } from "./schema.ts";

/** The content with the block in it, or without it where it shall be absent or is empty. Works on bytes. */
export const withBlock = (params: BlockinfileParams, before: Buffer): Buffer => {
  const lines = split(before.toString("latin1"));
  const begin = markerLine(params, params.marker_begin);
  const end = markerLine(params, params.marker_end);
  const first = lines.findLastIndex((line) => closed(line) === begin);
  const last = lines.findLastIndex((line) => closed(line) === end);
  const present = first !== -1 && last !== -1;
  const at = present ? Math.min(first, last) : placeFor(params, lines);
  const rest = present ? lines.toSpliced(at, Math.abs(last - first) + 1) : lines;
  return Buffer.from(insertBlock(params, rest, at, blockLines(params, begin, end)).join(""), "latin1");
};

/** As bytes.splitlines does: line feed, carriage return, or both. */
const split = (text: string): readonly string[] => text.match(/[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+$/g) ?? [];

const closed = (line: string): string => (/[\r\n]$/.test(line) ? line : `${line}\n`);

const markerLine = ({ marker }: BlockinfileParams, word: string): string =>
  `${byteText(marker.replaceAll("{mark}", word))}\n`;

const blockLines = ({ state, block }: BlockinfileParams, begin: string, end: string): readonly string[] => {
  if (state === "absent" || block === "") return [];
  return [begin, ...split(byteText(block.endsWith("\n") ? block : `${block}\n`)), end];
};

const placeFor = (params: BlockinfileParams, lines: readonly string[]): number => {
  const { insertafter, insertbefore } = params;
  const pattern = insertafter ?? insertbefore;
  if (insertbefore === "BOF") return 0;
  if (pattern === null || pattern === "EOF") return lines.length;
  const found = lastMatch(byteText(pattern), lines, insertafter !== null);
  return found === -1 ? lines.length : insertafter === null ? found : found + 1;
};

/** A pattern with the m flag is searched in the whole text, others line by line. */
const lastMatch = (pattern: string, lines: readonly string[], after: boolean): number => {
  const expression = pythonRegExp(pattern, "a");
  if (!/^\(\?[a-zL]*m/.test(pattern)) return lines.findLastIndex((line) => expression.test(line));
  const text = lines.join("");
  const match = expression.exec(text);
  if (match === null) return -1;
  const position = after ? match.index + match[0].length : match.index;
  return text.slice(0, position).split("\n").length - 1;
};

const insertBlock = (
  params: BlockinfileParams,
  lines: readonly string[],
  at: number,
  block: readonly string[],
): readonly string[] => {
  const head = lines.slice(0, at).map((line, index) => (index === at - 1 ? closed(line) : line));
  const tail = lines.slice(at);
  const present = params.state === "present";
  const blankBefore = params.prepend_newline && present && at > 0 && head.at(-1) !== "\n";
  const blankAfter = params.append_newline && present && tail[0] !== undefined && tail[0] !== "\n";
  return [...head, ...(blankBefore ? ["\n"] : []), ...block, ...(blankAfter ? ["\n"] : []), ...tail];
};
