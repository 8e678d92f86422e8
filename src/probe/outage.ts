import { ACCEPTED, type Sample } from "./sample.ts";

/** What a client saw of a service. */
export interface Outage {
  readonly requests: number;
  readonly failed: number;
  /** The longest time without a success, between two successes or until the end, in milliseconds. */
  readonly longestGapMs: number;
  /** When that time began; null without any sample. */
  readonly gapFrom: number | null;
  /** Of the successes' durations in milliseconds; null without a success. */
  readonly latencyMs: { readonly p50: number; readonly p99: number; readonly max: number } | null;
  /** Failures by cause. */
  readonly errors: Readonly<Record<string, number>>;
  /** The times in which requests failed, in their order. */
  readonly windows: readonly OutageWindow[];
}

/** A time between two successes in which requests failed. */
export interface OutageWindow {
  /** Milliseconds since the epoch. */
  readonly from: number;
  readonly ms: number;
  readonly failed: number;
}

/** An answer that is no error, or a TCP connection that was accepted. */
const succeeded = ({ status }: Sample): boolean =>
  status !== null && (status === ACCEPTED || (status >= 200 && status < 400));

/** The figures of a series of samples, in any order; `good` says which of them are successes. */
export const outageOf = (
  samples: readonly Sample[],
  isGood: (sample: Sample) => boolean = succeeded,
): Outage => {
  const good = samples.filter(isGood);
  const bad = samples.filter((sample) => !isGood(sample));
  const errors: Record<string, number> = {};
  for (const { error, status } of bad) {
    const cause = error ?? `status ${status}`;
    errors[cause] = (errors[cause] ?? 0) + 1;
  }
  return {
    requests: samples.length,
    failed: bad.length,
    ...longestGap(samples, good),
    latencyMs: latency(good.map(({ startedAt, endedAt }) => endedAt - startedAt)),
    errors,
    windows: windowsOf(samples, good, bad),
  };
};

/** A failure belongs to the time between the last success that began before it and the next that ended after it began. */
const windowsOf = (
  samples: readonly Sample[],
  good: readonly Sample[],
  bad: readonly Sample[],
): readonly OutageWindow[] => {
  const begin = Math.min(...starts(samples));
  const ends = good.map(({ endedAt }) => endedAt).toSorted((a, b) => a - b);
  const last = Math.max(...starts(samples));
  const windows = new Map<number, { readonly ms: number; failed: number }>();
  for (const { startedAt } of bad) {
    const from = ends.findLast((end) => end <= startedAt) ?? begin;
    const until = ends.find((end) => end > startedAt) ?? last;
    const window = windows.get(from) ?? { ms: Math.max(0, until - from), failed: 0 };
    window.failed += 1;
    windows.set(from, window);
  }
  return [...windows].map(([from, window]) => ({ from, ...window })).toSorted((a, b) => a.from - b.from);
};

/** From the first request on: what had not answered by then counts as gone. */
const longestGap = (
  samples: readonly Sample[],
  good: readonly Sample[],
): { readonly longestGapMs: number; readonly gapFrom: number | null } => {
  if (samples.length === 0) return { longestGapMs: 0, gapFrom: null };
  let from = Math.min(...starts(samples));
  let longest = { longestGapMs: 0, gapFrom: from };
  const ends = good.map(({ endedAt }) => endedAt).toSorted((a, b) => a - b);
  for (const at of [...ends, Math.max(...starts(samples))]) {
    if (at - from > longest.longestGapMs) longest = { longestGapMs: at - from, gapFrom: from };
    from = Math.max(from, at);
  }
  return longest;
};

const starts = (samples: readonly Sample[]): readonly number[] => samples.map(({ startedAt }) => startedAt);

const latency = (durations: readonly number[]): Outage["latencyMs"] => {
  const sorted = durations.toSorted((a, b) => a - b);
  /** The nearest rank. */
  const at = (share: number): number | undefined => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  const [p50, p99, max] = [at(0.5), at(0.99), at(1)];
  return p50 === undefined || p99 === undefined || max === undefined ? null : { p50, p99, max };
};
