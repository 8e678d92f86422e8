import { structuredPatch } from "diff";
import { REDACTED } from "../core/secret.ts";
import type { ChangeView } from "../core/task.ts";
import type { Palette } from "./palette.ts";

/** Beyond this many milliseconds two texts are called too different to compare: a rewritten file of 2,000 lines takes 400. */
const COMPARE_TIMEOUT_MS = 2_000;

/** One change as lines for a person: a unified diff for texts of several lines, `field: before -> after` for the rest. */
export const changeLines = (view: ChangeView, palette: Palette): readonly string[] => {
  if (view.secret === true) return [`    ${view.field}: ${REDACTED}`];
  if (view.event === true) return [`    ${view.field}: ${view.after ?? view.before ?? ""}`];
  if (isLong(view.before) || isLong(view.after)) return diffLines(view, palette);
  const before = view.before === null ? palette.faint("(absent)") : palette.removed(view.before);
  const after = view.after === null ? palette.faint("(absent)") : palette.added(view.after);
  return [`    ${view.field}: ${before} -> ${after}`];
};

const isLong = (text: string | null): boolean => text?.includes("\n") === true;

const diffLines = (view: ChangeView, palette: Palette): readonly string[] => {
  const before = view.before ?? "";
  const after = view.after ?? "";
  const patch = structuredPatch(view.field, view.field, before, after, "", "", {
    context: 3,
    timeout: COMPARE_TIMEOUT_MS,
  });
  const heading = [
    palette.heading(`--- before: ${view.field}${view.before === null ? " (absent)" : ""}`),
    palette.heading(`+++ after: ${view.field}${view.after === null ? " (absent)" : ""}`),
  ];
  if (patch === undefined) return [...heading, `    ${tooDifferent(before, after)}`];
  return [
    ...heading,
    ...patch.hunks.flatMap((hunk) => [
      palette.skipped(
        `@@ -${range(hunk.oldStart, hunk.oldLines)} +${range(hunk.newStart, hunk.newLines)} @@`,
      ),
      ...hunk.lines.map((line) => painted(line, palette)),
    ]),
  ];
};

/** As GNU diff writes it: a count of one is left out, and an empty range names the line before it. */
const range = (start: number, lines: number): string =>
  lines === 1 ? `${start}` : `${lines === 0 ? start - 1 : start},${lines}`;

const painted = (line: string, palette: Palette): string =>
  line.startsWith("+") ? palette.added(line) : line.startsWith("-") ? palette.removed(line) : line;

const tooDifferent = (before: string, after: string): string =>
  `the two texts differ too much to compare (${countLines(before)} lines before, ${countLines(after)} after)`;

const countLines = (text: string): number => (text === "" ? 0 : text.replace(/\n$/, "").split("\n").length);
