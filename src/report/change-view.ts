import { structuredPatch } from "diff";
import type { ChangeView } from "../core/task.ts";

/** Beyond this many milliseconds two texts are called too different to compare: a rewritten file of 2,000 lines takes 400. */
const COMPARE_TIMEOUT_MS = 2_000;

/** A change as it may be shown, whatever shows it: nothing of a secret is in it. */
export type ShownChange =
  | { readonly kind: "secret"; readonly field: string }
  | { readonly kind: "event"; readonly field: string; readonly text: string }
  /** null: absent. */
  | {
      readonly kind: "values";
      readonly field: string;
      readonly before: string | null;
      readonly after: string | null;
    }
  | {
      readonly kind: "texts";
      readonly field: string;
      /** The text was not there before. */
      readonly created: boolean;
      readonly removed: boolean;
      readonly lines: readonly DiffLine[];
    };

/** A line of a unified diff, with its sign. */
export interface DiffLine {
  readonly kind: "hunk" | "added" | "removed" | "same" | "remark";
  readonly text: string;
}

/** What of a change may be shown: a unified diff for texts of several lines, before and after for the rest. */
export const shownChange = (view: ChangeView): ShownChange => {
  const { field } = view;
  if (view.secret === true) return { kind: "secret", field };
  if (view.event === true) return { kind: "event", field, text: view.after ?? view.before ?? "" };
  if (!isLong(view.before) && !isLong(view.after))
    return { kind: "values", field, before: view.before, after: view.after };
  return {
    kind: "texts",
    field,
    created: view.before === null,
    removed: view.after === null,
    lines: diffLines(view),
  };
};

const isLong = (text: string | null): boolean => text?.includes("\n") === true;

const diffLines = (view: ChangeView): readonly DiffLine[] => {
  const before = view.before ?? "";
  const after = view.after ?? "";
  const patch = structuredPatch(view.field, view.field, before, after, "", "", {
    context: 3,
    timeout: COMPARE_TIMEOUT_MS,
  });
  if (patch === undefined) return [{ kind: "remark", text: tooDifferent(before, after) }];
  return patch.hunks.flatMap((hunk) => [
    {
      kind: "hunk" as const,
      text: `@@ -${range(hunk.oldStart, hunk.oldLines)} +${range(hunk.newStart, hunk.newLines)} @@`,
    },
    ...hunk.lines.map(
      (text) =>
        ({
          kind: text.startsWith("+") ? "added" : text.startsWith("-") ? "removed" : "same",
          text,
        }) as const,
    ),
  ]);
};

/** As GNU diff writes it: a count of one is left out, and an empty range names the line before it. */
const range = (start: number, lines: number): string =>
  lines === 1 ? `${start}` : `${lines === 0 ? start - 1 : start},${lines}`;

const tooDifferent = (before: string, after: string): string =>
  `the two texts differ too much to compare (${countLines(before)} lines before, ${countLines(after)} after)`;

const countLines = (text: string): number => (text === "" ? 0 : text.replace(/\n$/, "").split("\n").length);
