import { pythonRegExp, pythonReplacement } from "../../core/python-regexp.ts";
import { byteText } from "../file-content/edit-schema.ts";
import type { LineinfileParams } from "./schema.ts";

/**
 * The content with the line in it; null where it is there already or must not be added. Works on bytes, as Ansible
 * does, so that files of any encoding survive: every string here has one character per byte.
 */
export const withLine = (params: LineinfileParams, before: Buffer): Buffer | null => {
  const lines = split(before);
  const line = byteText(params.line ?? "");
  const found = findLine(params, lines);
  if (found !== null) {
    const wanted = found.match === null ? line : pythonReplacement(line)(found.match);
    return replaceLine(lines, found.index, wanted.endsWith("\n") ? wanted : `${wanted}\n`);
  }
  const { same, anchor } = findPlace(params, lines, line);
  if (same !== -1) return replaceLine(lines, same, line.endsWith("\n") ? line : `${line}\n`);
  if (params.backrefs) return null;
  const index = insertionIndex(params, lines, anchor);
  if (params.insertafter !== null && anchor !== -1 && bare(lines[index] ?? lines.at(-1)) === line)
    return null;
  return insertLine(lines, index, `${line}\n`);
};

/** The content without the lines that match. */
export const withoutLines = (params: LineinfileParams, before: Buffer): Buffer | null => {
  const { regexp, search_string, line } = params;
  const expression = regexp === null ? null : compiled(regexp);
  const searched = search_string === null ? null : byteText(search_string);
  const whole = byteText(line ?? "");
  const goes = (text: string): boolean => {
    if (expression !== null) return expression.test(text);
    return searched === null ? bare(text) === whole : text.includes(searched);
  };
  const lines = split(before);
  const kept = lines.filter((text) => !goes(text));
  return kept.length === lines.length ? null : join(kept);
};

const split = (content: Buffer): readonly string[] =>
  content.toString("latin1").match(/[^\n]*\n|[^\n]+$/g) ?? [];

const join = (lines: readonly string[]): Buffer => Buffer.from(lines.join(""), "latin1");

const bare = (line: string | undefined): string | undefined => line?.replace(/[\r\n]+$/, "");

const compiled = (pattern: string): RegExp => pythonRegExp(byteText(pattern), "a");

/** The line that regexp or search_string names, and the match if its groups are wanted. */
const findLine = (
  { regexp, search_string, firstmatch, backrefs }: LineinfileParams,
  lines: readonly string[],
): { index: number; match: RegExpExecArray | null } | null => {
  if (regexp === null && search_string === null) return null;
  const expression = regexp === null ? null : compiled(regexp);
  const searched = byteText(search_string ?? "");
  const matches = (text: string): boolean =>
    expression === null ? text.includes(searched) : expression.test(text);
  const index = firstmatch ? lines.findIndex(matches) : lines.findLastIndex(matches);
  if (index === -1) return null;
  return { index, match: backrefs && expression !== null ? expression.exec(lines[index] ?? "") : null };
};

/** Where the very line already is (the last one), and the line that insertafter or insertbefore names. */
const findPlace = (
  { insertafter, insertbefore, firstmatch }: LineinfileParams,
  lines: readonly string[],
  line: string,
): { same: number; anchor: number } => {
  const pattern = insertafter ?? insertbefore;
  const expression = pattern === null || pattern === "BOF" || pattern === "EOF" ? null : compiled(pattern);
  let same = -1;
  let anchor = -1;
  for (const [index, text] of lines.entries()) {
    if (bare(text) === line) same = index;
    else if (expression?.test(text) === true) {
      anchor = index;
      if (firstmatch) break;
    }
  }
  return { same, anchor };
};

const insertionIndex = (
  { insertafter, insertbefore }: LineinfileParams,
  lines: readonly string[],
  anchor: number,
): number => {
  if (insertafter === "BOF" || insertbefore === "BOF") return 0;
  if (anchor === -1) return lines.length;
  return insertbefore === null ? anchor + 1 : anchor;
};

const replaceLine = (lines: readonly string[], index: number, line: string): Buffer | null =>
  lines[index] === line ? null : join(lines.with(index, line));

/** A last line without a line feed gets one before another line follows it. */
const insertLine = (lines: readonly string[], index: number, line: string): Buffer => {
  const last = lines.at(-1);
  const closed =
    last !== undefined && index === lines.length && !/[\r\n]$/.test(last)
      ? lines.with(-1, `${last}\n`)
      : lines;
  return join(closed.toSpliced(index, 0, line));
};
