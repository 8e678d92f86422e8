import { cpus, loadavg, release } from "node:os";

/** One way to do what is compared; `run` does it once. */
export interface Contender {
  readonly name: string;
  readonly run: () => Promise<number>;
}

/** What was measured of a way, in milliseconds. */
export interface Figures {
  readonly name: string;
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/**
 * Measures ways in turns, so that a busy minute of the machine does not hit one of them alone; the first is the floor
 * or peer that the others are compared with. `run` gives its milliseconds; a first, warm round does not count.
 */
export const takeTurns = async (
  contenders: readonly Contender[],
  rounds: number,
): Promise<readonly Figures[]> => {
  const times = new Map<string, number[]>(contenders.map(({ name }) => [name, []]));
  for (let round = 0; round <= rounds; round += 1) {
    for (const { name, run } of contenders) {
      const time = await run();
      if (round > 0) times.get(name)?.push(time);
    }
  }
  return [...times].map(([name, all]) => figuresOf(name, all));
};

const figuresOf = (name: string, times: readonly number[]): Figures => {
  const sorted = times.toSorted((a, b) => a - b);
  return {
    name,
    median: sorted[Math.floor(sorted.length / 2)] ?? Number.NaN,
    least: sorted[0] ?? Number.NaN,
    most: sorted.at(-1) ?? Number.NaN,
  };
};

/** A Markdown table of figures, each with its ratio to the first, and the conditions they were taken in. */
export const table = (figures: readonly Figures[]): string => {
  const first = figures[0]?.median ?? Number.NaN;
  const rows = figures.map(
    ({ name, median, least, most }) =>
      `| ${name} | ${shown(median)} | ${shown(least)} to ${shown(most)} | ${(median / first).toFixed(2)} |`,
  );
  return ["| | median | from to | ratio |", "|---|---|---|---|", ...rows, "", conditions(), ""].join("\n");
};

const shown = (milliseconds: number): string =>
  milliseconds >= 1000 ? `${(milliseconds / 1000).toFixed(2)} s` : `${milliseconds.toFixed(1)} ms`;

const conditions = (): string =>
  `Node ${process.versions.node}, Linux ${release()}, ${cpus().length} cores, load ${loadavg()[0]?.toFixed(1)}`;
