import type { Sample } from "../probe/sample.ts";
import type { PhaseOutage, RequestSpan } from "./result.ts";

/** An answer that took longer than this was late: somebody waited for it, in milliseconds. */
const LATE_MS = 250;

/** A span of requests ends after so many milliseconds, so that a timeline can be drawn from it. */
const LONGEST_SPAN_MS = 250;

/** What clients felt before the fault, in it and after it. */
export interface Phases {
  /** The longest time between two answers before the fault: what the machine's own business costs. */
  readonly quietMs: number;
  readonly fault: PhaseOutage;
  readonly back: PhaseOutage;
  /** A request that began after the effect and before the undoing was answered, the last one of the phase too. */
  readonly servedAtUndo: boolean;
}

/** A request with its times counted from the injection. */
export interface TimedSample {
  readonly from: number;
  readonly to: number;
  /** Null: answered as before the fault. */
  readonly failure: string | null;
}

/** Samples with times from the injection on, in the order in which they began. */
export const timed = (
  samples: readonly Sample[],
  isGood: (sample: Sample) => boolean,
  at: (ms: number) => number,
): readonly TimedSample[] =>
  samples
    .map((sample) => ({
      from: at(sample.startedAt),
      to: at(sample.endedAt),
      failure: isGood(sample) ? null : (sample.error ?? `status ${sample.status}`),
    }))
    .toSorted((a, b) => a.from - b.from);

/** The figures of a repeat. A time without an answer belongs to the phase that it began in. */
export const phasesOf = (samples: readonly TimedSample[], undone: number): Phases => {
  const gaps = gapsOf(samples);
  const before = gaps.filter(({ to }) => to <= 0);
  const fault = gaps.filter(({ from, to }) => to > 0 && from < undone);
  const back = gaps.filter(({ from, to }) => to > 0 && from >= undone);
  const inFault = samples.filter(({ from }) => from >= 0 && from < undone);
  return {
    quietMs: longest(before),
    fault: phase(inFault, fault),
    back: phase(
      samples.filter(({ from }) => from >= undone),
      back,
    ),
    servedAtUndo: !gaps.some(({ from, to, hurt }) => hurt && from < undone - LATE_MS && to > undone),
  };
};

interface Gap {
  readonly from: number;
  readonly to: number;
  /** Its length without the time in which the client itself stood still, and so asked nobody. */
  readonly ms: number;
  /** A request that began in it failed or was late. */
  readonly hurt: boolean;
}

/** The times between the ends of two answers, from the first request on. */
const gapsOf = (samples: readonly TimedSample[]): readonly Gap[] => {
  const [first] = samples;
  if (first === undefined) return [];
  const last = Math.max(...samples.map(({ from }) => from));
  const ends = samples.flatMap(({ to, failure }) => (failure === null ? [to] : [])).toSorted((a, b) => a - b);
  const starts = samples.map(({ from }) => from);
  const usual = (last - first.from) / Math.max(1, samples.length - 1);
  const gaps: Gap[] = [];
  let from = first.from;
  let next = 0;
  for (const to of [...ends, last]) {
    if (to <= from) continue;
    // From the last request before the gap on: a client that stood still began none for a while.
    while (next < samples.length && (samples[next]?.from ?? 0) < from) next += 1;
    const begun = samples.slice(next, upTo(starts, next, to));
    const stood = standstill([from, ...begun.map((sample) => sample.from), to], usual);
    const ms = to - from - stood;
    const hurt = begun.some((sample) => sample.failure !== null || sample.to - sample.from - stood > LATE_MS);
    gaps.push({ from, to, ms, hurt });
    from = to;
  }
  return gaps;
};

/** The index after the last start that is not later than a moment. */
const upTo = (starts: readonly number[], from: number, moment: number): number => {
  let index = from;
  while (index < starts.length && (starts[index] ?? 0) <= moment) index += 1;
  return index;
};

/** The longest time between two requests beyond what is usual. */
const standstill = (moments: readonly number[], usual: number): number => {
  const longestPause = moments
    .slice(1)
    .reduce((most, moment, index) => Math.max(most, moment - (moments[index] ?? moment)), 0);
  return longestPause > STILL_TIMES * usual ? longestPause - usual : 0;
};

/** A pause of so many usual ones is no jitter. */
const STILL_TIMES = 4;

const phase = (samples: readonly TimedSample[], gaps: readonly Gap[]): PhaseOutage => {
  const errors: Record<string, number> = {};
  for (const { failure } of samples) if (failure !== null) errors[failure] = (errors[failure] ?? 0) + 1;
  return {
    outageMs: longest(gaps.filter(({ hurt }) => hurt)),
    longestGapMs: longest(gaps),
    requests: samples.length,
    failed: samples.filter(({ failure }) => failure !== null).length,
    errors,
  };
};

const longest = (gaps: readonly Gap[]): number => tenth(gaps.reduce((most, { ms }) => Math.max(most, ms), 0));

/** Milliseconds with one digit after the point. */
export const tenth = (ms: number): number => Math.round(ms * 10) / 10;

/** Requests one after the other with the same outcome, put together. */
export const spansOf = (samples: readonly TimedSample[]): readonly RequestSpan[] => {
  const spans: { from: number; to: number; count: number; failure: string | null; slowestMs: number }[] = [];
  for (const { from, to, failure } of samples) {
    const span = spans.at(-1);
    if (span !== undefined && span.failure === failure && from - span.from < LONGEST_SPAN_MS) {
      span.to = tenth(from);
      span.count += 1;
      span.slowestMs = Math.max(span.slowestMs, tenth(to - from));
    } else spans.push({ from: tenth(from), to: tenth(from), count: 1, failure, slowestMs: tenth(to - from) });
  }
  return spans;
};
