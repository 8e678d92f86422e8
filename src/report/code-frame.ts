import type { Place } from "../core/error.ts";
import type { Palette } from "./palette.ts";

/** Lines of the source shown before and after the one that is meant. */
const CONTEXT = 2;

/** Longer lines of a source are cut around the place. */
const WIDEST_LINE = 120;

/** The lines around a place, numbered, the place underlined. */
export const frameLines = (at: Place, palette: Palette): readonly string[] => {
  const lines = at.source.text.split(/\r?\n/);
  if (at.line < 1 || at.line > lines.length) return [];
  const first = Math.max(1, at.line - CONTEXT);
  const last = Math.min(lastShown(lines), Math.max(at.line, at.line + CONTEXT));
  const width = String(last).length;
  const start = cutStart(lines[at.line - 1] ?? "", at.column);
  const framed: string[] = [];
  for (let number = first; number <= Math.max(last, at.line); number += 1) {
    const meant = number === at.line;
    const text = cut(lines[number - 1] ?? "", start);
    const gutter = `${meant ? ">" : " "} ${String(number).padStart(width)} |`;
    framed.push(`  ${palette.faint(gutter)}${text === "" ? "" : ` ${text}`}`);
    if (meant) {
      const marks = palette.failed(underline(lines[number - 1] ?? "", at, start));
      framed.push(`  ${palette.faint(`  ${" ".repeat(width)} |`)} ${marks}`);
    }
  }
  return framed;
};

/** A file that ends in a line feed has no last empty line worth showing. */
const lastShown = (lines: readonly string[]): number =>
  lines.at(-1) === "" ? lines.length - 1 : lines.length;

const cutStart = (line: string, column: number): number =>
  line.length <= WIDEST_LINE ? 0 : Math.max(0, column - 1 - WIDEST_LINE / 2);

const cut = (line: string, start: number): string => {
  const visible = line.slice(start, start + WIDEST_LINE);
  return `${start > 0 && visible !== "" ? "…" : ""}${visible}${start + WIDEST_LINE < line.length ? "…" : ""}`;
};

/** Tabs before the place are kept, so that the marks stand under it whatever a tab's width is. */
const underline = (line: string, at: Place, start: number): string => {
  const before = `${start > 0 ? " " : ""}${line.slice(start, at.column - 1).replaceAll(/[^\t]/g, " ")}`;
  const room = Math.max(1, Math.min(line.length, start + WIDEST_LINE) - at.column + 1);
  return `${before}${"^".repeat(Math.max(1, Math.min(at.length, room)))}`;
};
