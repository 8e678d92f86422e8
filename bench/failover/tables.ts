import type { Round } from "./measure.ts";

/** The rounds of one fault by configuration; a configuration that was not measured has none. */
export interface Row {
  readonly fault: string;
  readonly rounds: readonly (readonly Round[])[];
  /** What was foretold by configuration; undefined: nothing is; null: an outage without end. */
  readonly foretold: readonly ({ readonly min: number; readonly max: number } | null | undefined)[];
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
      "Outage in ms: what lbplay predict foretold, and the least and most that was measured beyond what nothing costs",
      ["fault", ...configurations],
      rows
        .filter(({ foretold }) => foretold.some((span) => span !== undefined))
        .map((row) => [row.fault, ...row.rounds.map((_, index) => foretoldCell(row, index, rows))]),
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

/** `0 to 4,200: 2,980 to 3,100`, with a word where the measurement is above what was foretold. */
const foretoldCell = ({ rounds, foretold }: Row, index: number, rows: readonly Row[]): string => {
  const span = foretold[index];
  const measured = rounds[index] ?? [];
  if (span === undefined || measured.length === 0) return NOT_MEASURED;
  const idle = rows.find(({ fault }) => fault === "nothing")?.rounds[index] ?? [];
  const own = idle.length === 0 ? 0 : median(idle.map(({ outageMs }) => outageMs));
  const outages = measured.map(({ outageMs }) => Math.max(0, outageMs - own));
  const [least, most] = [Math.min(...outages), Math.max(...outages)];
  const shown = `${whole(least)} to ${whole(most)}`;
  if (span === null) return `until it is mended: ${shown}`;
  const verdict = most <= span.max + SLACK_MS ? "" : ", **more than foretold**";
  return `${whole(span.min)} to ${whole(span.max)}: ${shown}${verdict}`;
};

/** A machine with other work is late by this much now and then, in milliseconds. */
const SLACK_MS = 50;

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
