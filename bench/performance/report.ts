import { cpus, release } from "node:os";

/** What was measured of one contestant at one thing, in milliseconds. */
export interface Measured {
  readonly contestant: string;
  readonly times: readonly number[];
  /** Round trips to one node at most; null where nobody counted. */
  readonly trips: number | null;
}

/** One comparison: all contestants at the same work. */
export interface Comparison {
  readonly title: string;
  readonly about: string;
  readonly measured: readonly Measured[];
}

/** All that a run of the benchmark found, as docs/performance.md. */
export const performancePage = (
  comparisons: readonly Comparison[],
  versions: Readonly<Record<string, string>>,
): string => `# Performance

Written by \`npm run bench\`; [bench/README.md](../bench/README.md) says how it measures. Every program runs the same playbooks against the same four nodes (two load balancers, two web servers), in turns, from its start to its end. What counts are the ratios within one table; seconds are those of one machine.

${Object.entries(versions)
  .map(([name, version]) => `- ${name}: ${version}`)
  .join("\n")}
- Machine: ${cpus().length} cores, Linux ${release()}; the nodes are on it too.

${comparisons.map(section).join("\n")}`;

const section = ({ title, about, measured }: Comparison): string => {
  const ours = medianOf(measured.find(({ contestant }) => contestant === "lbplay")?.times ?? []);
  const rows = measured.map(({ contestant, times, trips }) => {
    const median = medianOf(times);
    const spread = `${shown(Math.min(...times))} to ${shown(Math.max(...times))}`;
    return `| ${contestant} | ${shown(median)} | ${spread} | ${times.length} | ${(median / ours).toFixed(2)} | ${trips ?? ""} |`;
  });
  return [
    `## ${title}`,
    "",
    about,
    "",
    "| | median | from to | runs | against lbplay | trips to a node |",
    "|---|---|---|---|---|---|",
    ...rows,
    "",
  ].join("\n");
};

/** The middle one; of an even number the later of the two. */
export const medianOf = (times: readonly number[]): number =>
  times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN;

const shown = (milliseconds: number): string =>
  milliseconds >= 1000 ? `${(milliseconds / 1000).toFixed(2)} s` : `${milliseconds.toFixed(0)} ms`;
