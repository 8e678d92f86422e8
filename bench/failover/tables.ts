import type { Round } from "./measure.ts";

/** The rounds of one fault by configuration; a configuration that was not measured has none. */
export interface Row {
  readonly fault: string;
  readonly rounds: readonly (readonly Round[])[];
}

/** The value in the middle; of an even count, the mean of the two there. */
export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? Number.NaN) + (sorted[Math.ceil(middle)] ?? Number.NaN)) / 2;
};

/** Markdown tables of everything that was measured. */
export const tables = (configurations: readonly string[], rows: readonly Row[]): string =>
  [
    table(
      "Outage in ms, median (least to most), and requests that failed",
      ["fault", ...configurations, `${configurations[0]} / ${configurations[1]}`],
      rows.map(({ fault, rounds }) => [fault, ...rounds.map(outageCell), ratioCell(rounds)]),
    ),
    table(
      "Outage in ms when the node is well again, median (least to most)",
      ["after", ...configurations],
      rows
        .filter(({ rounds }) => rounds.flat().some(({ returnMs }) => returnMs !== null))
        .map(({ fault, rounds }) => [fault, ...rounds.map(returnCell)]),
    ),
    table(
      "Who had the address meanwhile, median in ms, and downloads that came to their end",
      ["fault", ...configurations],
      rows.map(({ fault, rounds }) => [fault, ...rounds.map(ownerCell)]),
    ),
  ].join("\n");

const table = (title: string, head: readonly string[], rows: readonly (readonly string[])[]): string => {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return `${[title, "", line(head), `|${" --- |".repeat(head.length)}`, ...rows.map(line)].join("\n")}\n`;
};

const spread = (values: readonly number[]): string => {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return `${whole(median(values))} (${whole(least)} to ${whole(most)})`;
};

/** Milliseconds with a thousands separator. */
const whole = (value: number): string => String(Math.round(value)).replaceAll(/\B(?=(\d{3})+$)/g, ",");

const NOT_MEASURED = "–";

const outageCell = (rounds: readonly Round[]): string =>
  rounds.length === 0
    ? NOT_MEASURED
    : `${spread(rounds.map(({ outageMs }) => outageMs))}, ${whole(median(rounds.map(({ failed }) => failed)))} failed`;

const returnCell = (rounds: readonly Round[]): string => {
  const returns = rounds.flatMap(({ returnMs }) => returnMs ?? []);
  return returns.length === 0 ? NOT_MEASURED : spread(returns);
};

const ownerCell = (rounds: readonly Round[]): string => {
  if (rounds.length === 0) return NOT_MEASURED;
  const nobody = whole(median(rounds.map(({ nobodyMs }) => nobodyMs)));
  const both = whole(median(rounds.map(({ bothMs }) => bothMs)));
  const survived = rounds.filter(({ downloadSurvived }) => downloadSurvived).length;
  return `nobody ${nobody}, both ${both}; ${survived} of ${rounds.length}`;
};

/** Of the medians; where the second has none that a client could notice there is nothing to compare. */
const ratioCell = ([first = [], second = []]: Row["rounds"]): string => {
  if (first.length === 0 || second.length === 0) return NOT_MEASURED;
  const [mine, other] = [first, second].map((rounds) => median(rounds.map(({ outageMs }) => outageMs)));
  const ratio = (mine ?? Number.NaN) / (other ?? Number.NaN);
  return ratio >= 10 ? ratio.toFixed(0) : ratio.toFixed(1);
};
