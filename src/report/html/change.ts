import { REDACTED } from "../../core/secret.ts";
import type { ChangeView } from "../../core/task.ts";
import { type DiffLine, shownChange } from "../change-view.ts";
import { el, type Markup } from "./markup.ts";
import { clipped } from "./parts.ts";

/** How much of changed texts a page may still show; what is beyond it is counted. */
export interface DiffRoom {
  lines: number;
}

/** Of one change, lines that are shown; a file that was written anew is not read to its end. */
const MOST_LINES = 300;

const WIDEST = 1_000;

/** One change as it is shown: a diff for texts of several lines, before and after for the rest. */
export const changeMarkup = (view: ChangeView, room: DiffRoom): Markup => {
  if (room.lines <= 0) return named(view, "left out: there are more changes than a page can show");
  const shown = shownChange(view);
  switch (shown.kind) {
    case "secret":
      return line(shown.field, el("span", { class: "muted" }, REDACTED));
    case "event":
      return line(shown.field, clipped(shown.text, WIDEST));
    case "values":
      room.lines -= 1;
      return line(
        shown.field,
        value(shown.before, "was"),
        el("span", { class: "muted", "aria-label": "becomes" }, "→"),
        value(shown.after, "is"),
      );
    case "texts": {
      const lines = shown.lines.slice(0, Math.min(MOST_LINES, room.lines));
      room.lines -= lines.length;
      const left = shown.lines.length - lines.length;
      return el(
        "div",
        {},
        line(shown.field, shown.created ? note("new") : shown.removed ? note("removed") : null),
        el(
          "pre",
          { tabindex: 0, role: "group", "aria-label": `Difference of ${shown.field}` },
          ...lines.map(diffLine),
        ),
        left === 0 ? null : el("p", { class: "muted small" }, `and ${left} more lines`),
      );
    }
  }
};

/** A change of which only the name is told. */
export const named = ({ field }: Pick<ChangeView, "field">, why: string): Markup =>
  line(field, el("span", { class: "muted small" }, why));

const line = (field: string, ...rest: readonly Markup[]): Markup =>
  el("div", { class: "change" }, el("span", { class: "field" }, `${field}`), ...rest);

const note = (word: string): Markup => el("span", { class: "muted small" }, `(${word})`);

const value = (text: string | null, look: "was" | "is"): Markup =>
  text === null
    ? el("span", { class: "absent" }, "absent")
    : el("code", { class: look }, text === "" ? "(empty)" : clipped(text, WIDEST));

const diffLine = ({ kind, text }: DiffLine): Markup =>
  el("span", { class: LOOK[kind] }, text === "" ? " " : clipped(text, WIDEST));

const LOOK: Readonly<Record<DiffLine["kind"], string | null>> = {
  hunk: "hunk",
  added: "added",
  removed: "removed",
  same: null,
  remark: "hunk",
};
