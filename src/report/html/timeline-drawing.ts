import { el, type Markup } from "./markup.ts";
import { lengthText, offsetText } from "./moment.ts";
import type { Counts, Span } from "./spans.ts";
import type { Lane, Mark, Timeline } from "./timeline.ts";

// Across, everything is a share of the width, so that the picture fits a phone and a wall without its letters shrinking
// or growing; down, everything is pixels.

const NAME_HEIGHT = 17;
const SPAN_HEIGHT = 22;
const COUNT_HEIGHT = 40;
const FAILED_HEIGHT = 18;
const GAP = 9;
const AXIS_HEIGHT = 24;
const MARK_RADIUS = 8;
const MARK_ROW = 19;

/** Two numbered moments that are closer than this share of the width stand in rows of their own. */
const MARK_ROOM = 5.5;

/** The picture of a timeline. */
export const drawing = (timeline: Timeline): Markup => {
  const { id, lanes, title } = timeline;
  const x = (time: number): number => share(time, timeline);
  const rows = markRows(timeline.marks.map(({ at }) => x(at)));
  const top = rows.length === 0 ? 0 : (Math.max(...rows) + 1) * MARK_ROW + 4;
  let y = top;
  const drawn = lanes.map((lane) => {
    const at = y;
    y += NAME_HEIGHT + laneHeight(lane) + GAP;
    return drawLane(lane, at, x, id);
  });
  const bottom = y;
  return el(
    "svg",
    {
      class: "timeline",
      role: "img",
      width: "100%",
      height: bottom + AXIS_HEIGHT,
      "aria-labelledby": `${id}-title ${id}-text`,
    },
    el("title", { id: `${id}-title` }, title),
    el("desc", { id: `${id}-text` }, descriptionOf(timeline)),
    el(
      "defs",
      {},
      el(
        "pattern",
        {
          id: `${id}-hatch`,
          width: 6,
          height: 6,
          patternUnits: "userSpaceOnUse",
          patternTransform: "rotate(45)",
        },
        el("rect", { class: "hatch-ground", width: 6, height: 6 }),
        el("line", { class: "hatch", x1: 0, y1: 0, x2: 0, y2: 6 }),
      ),
    ),
    axis(timeline, top, bottom, x),
    ...drawn,
    ...timeline.marks.map((mark, index) => drawMark(mark, index, rows[index] ?? 0, bottom, x)),
  );
};

const share = (time: number, { from, to }: Pick<Timeline, "from" | "to">): number =>
  Math.min(100, Math.max(0, ((time - from) / Math.max(to - from, 1e-9)) * 100));

const percent = (value: number): string => `${Math.round(value * 1000) / 1000}%`;

/** The row of each moment's number: the first in which there is room. */
const markRows = (places: readonly number[]): readonly number[] => {
  const ends: number[] = [];
  return places.map((place) => {
    const found = ends.findIndex((end) => place - end >= MARK_ROOM);
    const row = found === -1 ? ends.length : found;
    ends[row] = place;
    return row;
  });
};

const laneHeight = (lane: Lane): number =>
  lane.kind === "spans" ? SPAN_HEIGHT : COUNT_HEIGHT + FAILED_HEIGHT;

const drawLane = (lane: Lane, y: number, x: (time: number) => number, id: string): Markup =>
  el(
    "g",
    {},
    el("text", { x: 0, y: y + 12 }, lane.name),
    lane.kind === "spans"
      ? [
          el("rect", { class: "lane", x: 0, y: y + NAME_HEIGHT, width: "100%", height: SPAN_HEIGHT }),
          ...lane.spans.map((span) => [
            drawSpan(span, y + NAME_HEIGHT, x, id),
            drawText(span, y + NAME_HEIGHT, x),
          ]),
        ]
      : drawCounts(lane.counts, y + NAME_HEIGHT, x),
  );

/** A span has room for a word where it is this share of the width for each letter, even on a phone. */
const LETTER = 2.6;

const drawText = (
  { text = "", from, to, look, height }: Span,
  y: number,
  x: (time: number) => number,
): Markup =>
  text === "" || x(to) - x(from) < (text.length + 1) * LETTER
    ? null
    : el(
        "text",
        {
          class: `inside-${height > 0.6 ? look : "lane"}`,
          x: percent(x(from) + 0.9),
          y: y + SPAN_HEIGHT - 6.5,
        },
        text,
      );

const drawSpan = (span: Span, y: number, x: (time: number) => number, id: string): Markup => {
  const left = x(span.from);
  const width = Math.max(0.25, x(span.to) - left);
  const height = Math.max(3, Math.round(SPAN_HEIGHT * span.height));
  const box = {
    x: percent(left),
    y: y + SPAN_HEIGHT - height,
    width: percent(width),
    height,
  };
  return el(
    "rect",
    span.look === "both"
      ? { ...box, fill: `url(#${id}-hatch)` }
      : { ...box, class: `crisp bar-${span.look}` },
    el("title", {}, `${span.label}, ${lengthText(Math.max(0, span.to - span.from))}`),
  );
};

/** Answered stands above the line and failed below it, so that no colour is needed to tell them apart. */
const drawCounts = (counts: readonly Counts[], y: number, x: (time: number) => number): Markup => {
  const most = Math.max(1, ...counts.map(({ ok, failed }) => Math.max(ok, failed)));
  const line = y + COUNT_HEIGHT;
  return [
    el("rect", { class: "lane", x: 0, y, width: "100%", height: COUNT_HEIGHT + FAILED_HEIGHT }),
    ...counts.flatMap(({ from, to, ok, failed }) => {
      const box = { x: percent(x(from)), width: percent(x(to) - x(from) + 0.02) };
      const up = Math.max(2, Math.round((ok / most) * (COUNT_HEIGHT - 3)));
      const down = Math.max(4, Math.round((failed / most) * (FAILED_HEIGHT - 1)));
      return [
        ok === 0 ? null : el("rect", { class: "crisp bar-ok", ...box, y: line - up, height: up }),
        failed === 0 ? null : el("rect", { class: "crisp bar-failed", ...box, y: line + 1, height: down }),
      ];
    }),
    el("line", { class: "base crisp", x1: 0, y1: line, x2: "100%", y2: line }),
  ];
};

const drawMark = (
  { at, tone }: Mark,
  index: number,
  row: number,
  bottom: number,
  x: (time: number) => number,
): Markup => {
  const place = x(at);
  const y = row * MARK_ROW + MARK_RADIUS + 1;
  // A number at the very edge would be cut in half.
  const centre = percent(Math.min(97.4, Math.max(2.6, place)));
  return el(
    "g",
    { class: `mark ${tone}` },
    el("line", { x1: percent(place), y1: y + MARK_RADIUS, x2: percent(place), y2: bottom }),
    el("circle", { cx: centre, cy: y, r: MARK_RADIUS }),
    el("text", { x: centre, y: y + 4, "text-anchor": "middle" }, index + 1),
  );
};

const axis = (
  { from, to, zero }: Timeline,
  top: number,
  bottom: number,
  x: (time: number) => number,
): Markup =>
  el(
    "g",
    {},
    ...ticksOf(from - zero, to - zero).map((tick) => {
      const place = x(tick + zero);
      const anchor = place < 4 ? "start" : place > 96 ? "end" : "middle";
      return [
        el("line", { class: "tick crisp", x1: percent(place), y1: top, x2: percent(place), y2: bottom + 4 }),
        el(
          "text",
          { class: "axis", x: percent(place), y: bottom + 18, "text-anchor": anchor },
          tickText(tick),
        ),
      ];
    }),
  );

/** Four to eight round moments. */
const ticksOf = (from: number, to: number): readonly number[] => {
  const rough = Math.max(to - from, 1e-6) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough) ?? power * 10;
  const first = Math.ceil(from / step);
  const count = Math.max(0, Math.floor(to / step) - first + 1);
  return Array.from({ length: Math.min(count, 10) }, (_, index) => (first + index) * step);
};

const tickText = (milliseconds: number): string => {
  if (milliseconds === 0) return "0 s";
  if (Math.abs(milliseconds) < 1000) return `${Math.round(milliseconds * 10) / 10} ms`;
  return `${Math.round(milliseconds / 10) / 100} s`;
};

/** What a reader that cannot see the picture hears. */
const descriptionOf = ({ marks, lanes, from, to, zero }: Timeline): string =>
  [
    `From ${offsetText(from - zero)} to ${offsetText(to - zero)}.`,
    ...(lanes.length === 0 ? [] : [`Lanes: ${lanes.map(({ name }) => name).join(", ")}.`]),
    ...marks.map(({ at, label }) => `${offsetText(at - zero)}: ${label}.`),
    "The table below has the same in figures.",
  ].join(" ");
