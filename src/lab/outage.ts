/** One request of a prober: a new TCP connection and one answer. Times are milliseconds since the epoch, with fractions. */
export interface Sample {
  readonly startedAt: number;
  readonly endedAt: number;
  /** null: no whole answer came. */
  readonly status: number | null;
  /** Why there was no answer: an error code such as ECONNREFUSED, or `timeout`; null when there was one. */
  readonly error: string | null;
  /** The response header that was asked for. */
  readonly server: string | null;
  /** The answer's first line, at most 80 characters. */
  readonly body: string;
}

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
}

const succeeded = ({ status }: Sample): boolean => status !== null && status >= 200 && status < 400;

/** The figures of a series of samples, in any order. */
export const outageOf = (samples: readonly Sample[]): Outage => {
  const good = samples.filter(succeeded);
  const bad = samples.filter((sample) => !succeeded(sample));
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
  };
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

/** Who held an address from some time on, until the next change. */
export interface Ownership {
  /** Milliseconds since the epoch. */
  readonly from: number;
  readonly owners: readonly string[];
}

/** For how long an address had no owner, one, or more, in milliseconds, from a time on until `end`. */
export const ownershipTimes = (
  changes: readonly Ownership[],
  { from, end }: { readonly from: number; readonly end: number },
): { readonly none: number; readonly one: number; readonly several: number } => {
  const times = { none: 0, one: 0, several: 0 };
  changes.forEach((change, index) => {
    const until = Math.min(changes[index + 1]?.from ?? end, end);
    const length = Math.max(0, until - Math.max(change.from, from));
    if (change.owners.length === 0) times.none += length;
    else if (change.owners.length === 1) times.one += length;
    else times.several += length;
  });
  return times;
};
