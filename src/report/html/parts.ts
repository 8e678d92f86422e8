import { el, type Markup } from "./markup.ts";
import { SIGN, type Tone } from "./tone.ts";

/** A word with its sign, in the colour of what it means. */
export const badge = (tone: Tone, ...words: readonly Markup[]): Markup =>
  el(
    "span",
    { class: `badge ${tone}` },
    el("span", { "aria-hidden": "true" }, SIGN[tone]),
    el("span", {}, ...words),
  );

/** A figure in large print, with what it counts. */
export interface Tile {
  readonly value: string | number;
  readonly name: string;
  readonly tone?: Tone;
}

/** The few figures that everybody looks for first. */
export const tiles = (all: readonly Tile[]): Markup =>
  el(
    "ul",
    { class: "tiles" },
    ...all.map(({ value, name, tone }) =>
      el(
        "li",
        {},
        el("span", { class: tone === undefined ? "value" : `value ${tone}` }, value),
        el("span", { class: "name" }, name),
      ),
    ),
  );

/** Names and values, one below the other; without a value, nothing is said. */
export const facts = (all: readonly (readonly [name: string, value: Markup])[]): Markup =>
  el(
    "dl",
    { class: "facts" },
    ...all
      .filter(([, value]) => value !== null && value !== "")
      .map(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]),
  );

/** A part of a page under its heading. */
export const section = (heading: string, ...content: readonly Markup[]): Markup =>
  el("section", {}, el("h2", {}, heading), ...content);

/** Something that is folded away until somebody asks for it. */
export const folded = (summary: Markup, ...content: readonly Markup[]): Markup =>
  el("details", { class: "more" }, el("summary", {}, el("span", {}, summary)), ...content);

/** A column of a table. */
export interface Column {
  readonly name: string;
  /** Figures stand at the right. */
  readonly number?: boolean;
}

/** A table whose rows become cards where there is no room for columns; the first cell names its row. */
export const table = (
  columns: readonly Column[],
  rows: readonly (readonly Markup[])[],
  caption: string,
): Markup =>
  el(
    "table",
    { class: `fold ${widthOf(columns)}`, "aria-label": caption },
    el(
      "thead",
      {},
      el(
        "tr",
        {},
        ...columns.map(({ name, number }) =>
          el("th", { scope: "col", class: number === true ? "number" : null }, name),
        ),
      ),
    ),
    el(
      "tbody",
      {},
      ...rows.map((cells) =>
        el(
          "tr",
          {},
          ...cells.map((cell, index) =>
            index === 0 ? el("th", { scope: "row" }, cell) : dataCell(cell, columns[index]),
          ),
        ),
      ),
    ),
  );

/** Few columns have room for long words; many become cards sooner. */
const widthOf = ({ length }: readonly Column[]): string =>
  length <= 4 ? "few" : length <= 7 ? "some" : "many";

const dataCell = (cell: Markup, column: Column | undefined): Markup => {
  const classes = [
    ...(column?.number === true ? ["number"] : []),
    ...(cell === 0 || cell === "" || cell === null ? ["zero"] : []),
  ];
  return el(
    "td",
    { class: classes.length === 0 ? null : classes.join(" "), "data-label": column?.name ?? null },
    el("span", {}, cell),
  );
};

/** `1 task`, `2 tasks`. */
export const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;

/** A text that is not longer than `limit` characters, with what is left out counted. */
export const clipped = (text: string, limit: number): string =>
  text.length <= limit ? text : `${text.slice(0, limit)}… (${text.length - limit} more characters)`;
