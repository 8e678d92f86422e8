import { REDACTED } from "../core/secret.ts";
import type { ChangeView } from "../core/task.ts";
import { type DiffLine, shownChange } from "./change-view.ts";
import type { Palette } from "./palette.ts";

/** One change as lines for a person: a unified diff for texts of several lines, `field: before -> after` for the rest. */
export const changeLines = (view: ChangeView, palette: Palette): readonly string[] => {
  const shown = shownChange(view);
  switch (shown.kind) {
    case "secret":
      return [`    ${shown.field}: ${REDACTED}`];
    case "event":
      return [`    ${shown.field}: ${shown.text}`];
    case "values": {
      const before = shown.before === null ? palette.faint("(absent)") : palette.removed(shown.before);
      const after = shown.after === null ? palette.faint("(absent)") : palette.added(shown.after);
      return [`    ${shown.field}: ${before} -> ${after}`];
    }
    case "texts":
      return [
        palette.heading(`--- before: ${shown.field}${shown.created ? " (absent)" : ""}`),
        palette.heading(`+++ after: ${shown.field}${shown.removed ? " (absent)" : ""}`),
        ...shown.lines.map((line) => painted(line, palette)),
      ];
  }
};

const painted = ({ kind, text }: DiffLine, palette: Palette): string => {
  switch (kind) {
    case "hunk":
      return palette.skipped(text);
    case "added":
      return palette.added(text);
    case "removed":
      return palette.removed(text);
    case "same":
      return text;
    case "remark":
      return `    ${text}`;
  }
};
