/** What was so for a while. Times are milliseconds. */
export interface Span {
  readonly from: number;
  readonly to: number;
  readonly label: string;
  /** A word that is written into it where there is room. */
  readonly text?: string;
  readonly look: "ok" | "failed" | "owner" | "state" | "both" | "changed" | "quiet";
  /** How high it stands in its lane, from 0 to 1. */
  readonly height: number;
}

/** Requests that began in a part of the time. */
export interface Counts {
  readonly from: number;
  readonly to: number;
  readonly ok: number;
  readonly failed: number;
}

/** A picture has no room for more parts than this. */
export const MOST_PARTS = 160;

/** What is shorter than this part of the whole cannot be seen. */
const FINEST = 1 / 600;

/** The spans that are seen between two moments, cut off there. */
export const spansBetween = (spans: readonly Span[], from: number, to: number): readonly Span[] =>
  spans
    .filter((span) => span.to >= from && span.from <= to)
    .map((span) => ({ ...span, from: Math.max(span.from, from), to: Math.min(span.to, to) }));

/** So many spans of a lane are drawn as they are. */
const PLENTY = 100;

/**
 * The spans of a lane, in their order, few enough to be drawn. Equal neighbours become one. Where there are very many,
 * what cannot be seen becomes part of its neighbour; but a short failure between long successes stays what it is, and
 * makes nothing of them. Takes time in proportion to how many there are.
 */
export const joinSpans = (spans: readonly Span[], from: number, to: number): readonly Span[] => {
  const least = spans.length <= PLENTY ? 0 : (to - from) * FINEST;
  const joined: Span[] = [];
  for (const span of spans.toSorted((a, b) => a.from - b.from)) {
    const last = joined.at(-1);
    const one = last === undefined || span.from - last.to > least ? null : joinedSpan(last, span, least);
    if (one === null) joined.push(span);
    else joined[joined.length - 1] = one;
  }
  return joined;
};

/** Two neighbours as one span; null: they are to be told apart. */
const joinedSpan = (last: Span, span: Span, least: number): Span | null => {
  const both = { from: last.from, to: Math.max(last.to, span.to) };
  if (sameLook(last, span)) return { ...last, ...both };
  const gives = isShort(last, least) && (isShort(span, least) || weight(span) > weight(last));
  return gives ? { ...(weight(span) > weight(last) ? span : last), ...both } : null;
};

const sameLook = (a: Span, b: Span): boolean =>
  a.look === b.look && a.label === b.label && a.height === b.height;

const isShort = ({ from, to }: Span, least: number): boolean => to - from < least;

/** What must not be lost among others. */
const weight = ({ look }: Span): number =>
  ({ failed: 6, both: 5, changed: 4, owner: 3, ok: 2, state: 1, quiet: 0 })[look];

/** Fewer parts than this tell nothing of when. */
const LEAST_PARTS = 12;

/** Moments counted in equal parts of the time, about two in each where there are few; those outside it are left out. */
export const countsOf = (
  samples: readonly { readonly at: number; readonly ok: boolean }[],
  from: number,
  to: number,
): readonly Counts[] => {
  if (to <= from) return [];
  const inside = samples.filter(({ at }) => at >= from && at <= to);
  const count = Math.min(MOST_PARTS, Math.max(LEAST_PARTS, Math.round(inside.length / 2)));
  const width = (to - from) / count;
  const parts = Array.from({ length: count }, () => ({ ok: 0, failed: 0 }));
  for (const { at, ok } of inside) {
    const part = parts[Math.min(count - 1, Math.floor((at - from) / width))];
    if (part === undefined) continue;
    if (ok) part.ok += 1;
    else part.failed += 1;
  }
  return parts.map((part, index) => ({
    from: from + index * width,
    to: from + (index + 1) * width,
    ...part,
  }));
};

/** Counts in words: neighbours that tell the same are one stretch. */
export const stretches = (
  counts: readonly Counts[],
): readonly { readonly from: number; readonly to: number; readonly label: string }[] => {
  const joined: { from: number; to: number; state: string; ok: number; failed: number }[] = [];
  for (const { from, to, ok, failed } of counts) {
    const state = failed > 0 ? "failing" : ok > 0 ? "answered" : "silent";
    const last = joined.at(-1);
    if (last !== undefined && last.state === state) {
      last.to = to;
      last.ok += ok;
      last.failed += failed;
    } else joined.push({ from, to, state, ok, failed });
  }
  return joined.map(({ from, to, state, ok, failed }) => ({
    from,
    to,
    label:
      state === "silent"
        ? "no request"
        : state === "answered"
          ? `${ok} answered`
          : `${failed} failed, ${ok} answered`,
  }));
};
