import type { Place } from "../core/error.ts";
import type { Palette } from "./palette.ts";

/** Lines of the source shown before and after the one that is meant. */
const CONTEXT = 2;

/** Longer lines of a source are cut around the place. */
const WIDEST_LINE = 120;

/** A line of a source as it is shown. */
export interface FrameLine {
  readonly number: number;
  /** It is the one that is meant. */
  readonly meant: boolean;
  readonly text: string;
  /** What stands below the text to underline the place; null but for the line that is meant. */
  readonly marks: string | null;
}

/** The lines around a place, numbered, the place underlined; none where the source has no such line. */
export const frameOf = (at: Place): readonly FrameLine[] => {
  const lines = at.source.text.split(/\r?\n/);
  if (at.line < 1 || at.line > lines.length) return [];
  const first = Math.max(1, at.line - CONTEXT);
  const last = Math.max(at.line, Math.min(lastShown(lines), at.line + CONTEXT));
  const start = cutStart(lines[at.line - 1] ?? "", at.column);
  return Array.from({ length: last - first + 1 }, (_, index) => {
    const number = first + index;
    const line = lines[number - 1] ?? "";
    const meant = number === at.line;
    return { number, meant, text: cut(line, start), marks: meant ? underline(line, at, start) : null };
  });
};

/** The lines around a place for a terminal. */
export const frameLines = (at: Place, palette: Palette): readonly string[] => {
  const frame = frameOf(at);
  const width = String(frame.at(-1)?.number ?? "").length;
  return frame.flatMap(({ number, meant, text, marks }) => {
    const gutter = `${meant ? ">" : " "} ${String(number).padStart(width)} |`;
    const line = `  ${palette.faint(gutter)}${text === "" ? "" : ` ${text}`}`;
    return marks === null
      ? [line]
      : [line, `  ${palette.faint(`  ${" ".repeat(width)} |`)} ${palette.failed(marks)}`];
  });
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
