import { el, type Markup } from "./markup.ts";
import { lengthText, offsetText } from "./moment.ts";
import { folded, table } from "./parts.ts";
import { type Counts, joinSpans, type Span, spansBetween, stretches } from "./spans.ts";
import { drawing } from "./timeline-drawing.ts";

/** Something that happened at one moment: a numbered line through all lanes, explained below. */
export interface Mark {
  /** Milliseconds on the same clock as the lanes. */
  readonly at: number;
  readonly label: string;
  readonly tone: "failed" | "ok" | "still";
}

/** A row of the picture. */
export type Lane =
  /** What was so from when to when. */
  | { readonly kind: "spans"; readonly name: string; readonly spans: readonly Span[] }
  /** How many requests were answered and how many failed, in equal parts of the time. */
  | { readonly kind: "counts"; readonly name: string; readonly counts: readonly Counts[] };

/** What happened over time, in lanes under one another. Times are milliseconds on one clock. */
export interface Timeline {
  /** Unique in a page; ids of elements begin with it. */
  readonly id: string;
  readonly title: string;
  readonly from: number;
  readonly to: number;
  /** Where the axis has its zero. */
  readonly zero: number;
  readonly marks: readonly Mark[];
  readonly lanes: readonly Lane[];
  readonly legend: readonly LegendEntry[];
}

/** What a colour of the picture means. */
export interface LegendEntry {
  readonly swatch: "ok" | "failed" | "owner" | "state" | "both" | "changed" | "quiet";
  readonly text: string;
}

/** More rows than this help nobody; what is left out is counted. */
const MOST_ROWS = 200;

/** More moments than this are not numbered. */
const MOST_MARKS = 40;

/** A timeline as a picture, with its moments in words, what its colours mean, and all of it again as a table. */
export const timelineFigure = (whole: Timeline): Markup => {
  const seen = whole.marks
    .filter(({ at }) => at >= whole.from && at <= whole.to)
    .toSorted((a, b) => a.at - b.at);
  const timeline = {
    ...whole,
    marks: seen.slice(0, MOST_MARKS),
    lanes: whole.lanes.map((lane) => boundedLane(lane, whole)),
  };
  return el(
    "figure",
    {},
    el("figcaption", {}, timeline.title),
    drawing(timeline),
    el(
      "ul",
      { class: "legend" },
      ...timeline.legend.map(({ swatch, text }) =>
        el("li", {}, el("span", { class: `swatch ${swatch}`, "aria-hidden": "true" }), text),
      ),
    ),
    timeline.marks.length === 0
      ? null
      : el(
          "ol",
          { class: "marks-list" },
          ...timeline.marks.map((mark, index) => markLine(mark, index, timeline)),
        ),
    seen.length > MOST_MARKS
      ? el("p", { class: "muted small" }, `and ${seen.length - MOST_MARKS} more moments`)
      : null,
    asTable(timeline),
  );
};

const boundedLane = (lane: Lane, { from, to }: Timeline): Lane =>
  lane.kind === "spans" ? { ...lane, spans: joinSpans(spansBetween(lane.spans, from, to), from, to) } : lane;

const markLine = ({ at, label, tone }: Mark, index: number, { zero }: Timeline): Markup =>
  el(
    "li",
    {},
    el("span", { class: `dot ${tone}` }, index + 1),
    el("span", { class: "at" }, offsetText(at - zero)),
    el("span", { class: "what" }, label),
  );

/** The lanes in words: who cannot see the picture, or wants the figures, has them here. */
const asTable = ({ lanes, zero, title }: Timeline): Markup => {
  const rows = lanes
    .flatMap((lane) =>
      lane.kind === "spans"
        ? lane.spans.map(({ from, to, label }) => ({ from, to, lane: lane.name, label }))
        : stretches(lane.counts).map(({ from, to, label }) => ({ from, to, lane: lane.name, label })),
    )
    .toSorted((a, b) => a.from - b.from);
  if (rows.length === 0) return null;
  return folded(
    "The same as a table",
    table(
      [{ name: "From" }, { name: "For" }, { name: "Lane" }, { name: "What" }],
      rows
        .slice(0, MOST_ROWS)
        .map(({ from, to, lane, label }) => [
          offsetText(from - zero),
          lengthText(Math.max(0, to - from)),
          lane,
          label,
        ]),
      `${title}, as a table`,
    ),
    rows.length > MOST_ROWS
      ? el("p", { class: "muted small" }, `and ${rows.length - MOST_ROWS} more rows`)
      : null,
  );
};
