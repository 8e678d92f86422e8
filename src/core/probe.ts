/** The answer to one read. */
export interface ReadResult {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

/**
 * A read of a node, held as data: the scripts to run (POSIX sh, `LC_ALL=C`, no side effects) and how to understand
 * their answers. All scripts are known before any answer is, so the reads of many tasks travel together.
 */
export interface Probe<T> {
  readonly reads: readonly string[];
  /** Answers in the order of `reads`. */
  readonly parse: (answers: readonly ReadResult[]) => T;
}

/** One read. */
export const read = <T>(script: string, parse: (answer: ReadResult) => T): Probe<T> => ({
  reads: [script],
  parse: ([answer]) => {
    if (answer === undefined) throw new Error(`no answer for the read: ${script}`);
    return parse(answer);
  },
});

/** Nothing to read. */
export const known = <T>(value: T): Probe<T> => ({ reads: [], parse: () => value });

/** Several probes as one, under names. */
export const all = <T extends object>(probes: { readonly [K in keyof T]: Probe<T[K]> }): Probe<T> => {
  const names = Object.keys(probes) as (keyof T)[];
  return {
    reads: names.flatMap((name) => probes[name].reads),
    parse: (answers) => {
      let next = 0;
      const parsed: Partial<T> = {};
      for (const name of names) {
        const probe = probes[name];
        parsed[name] = probe.parse(answers.slice(next, next + probe.reads.length));
        next += probe.reads.length;
      }
      return parsed as T;
    },
  };
};

/** A probe of the same shape for each item of a list. */
export const each = <T>(probes: readonly Probe<T>[]): Probe<readonly T[]> => ({
  reads: probes.flatMap((probe) => probe.reads),
  parse: (answers) => {
    let next = 0;
    return probes.map((probe) => {
      const part = answers.slice(next, next + probe.reads.length);
      next += probe.reads.length;
      return probe.parse(part);
    });
  },
});

/** A probe's answer seen differently. */
export const map = <A, B>(probe: Probe<A>, change: (value: A) => B): Probe<B> => ({
  reads: probe.reads,
  parse: (answers) => change(probe.parse(answers)),
});

/** Standard output as text, without its last line feed. */
export const text = (answer: ReadResult): string => answer.stdout.toString("utf8").replace(/\n$/, "");
