import type { Palette } from "./palette.ts";

/** Milliseconds, from the soonest to the latest. */
interface ShownSpan {
  readonly min: number;
  readonly max: number;
}

/** What an event costs, as it is shown. */
export interface ShownPrediction {
  readonly instance: string;
  readonly addresses: readonly string[];
  /** Who owns the addresses before. */
  readonly owner: string;
  readonly event: string;
  readonly what: string;
  readonly planned: boolean;
  readonly outcome: "moves" | "stays" | "never" | "both" | "nobody";
  /** Who owns the addresses afterwards. */
  readonly owners: readonly string[];
  /** null: they do not move. */
  readonly moves: ShownSpan | null;
  /** Without an answer; null: without end. */
  readonly outage: ShownSpan | null;
  readonly formula: string;
}

/** The predictions of one pair. */
export interface ShownPredictions {
  readonly name: string;
  readonly nodes: readonly string[];
  readonly predictions: readonly ShownPrediction[];
}

/** What else the user should know. */
interface Rest {
  readonly unreachable: readonly { readonly node: string; readonly message: string }[];
  readonly notes: readonly string[];
}

/** A table for each instance: what happens, who owns the addresses then, for how long nobody answers, and why. */
export const predictionsText = (
  pairs: readonly ShownPredictions[],
  { unreachable, notes }: Rest,
  palette: Palette,
): string =>
  [
    ...pairs.flatMap((pair) => pairTables(pair, palette)),
    ...unreachable.map(
      ({ node, message }) => `${palette.heading(node)}: ${palette.failed("unreachable")}: ${message}\n`,
    ),
    ...(notes.length === 0 ? [] : [notes.map((note) => `${note}\n`).join("")]),
  ].join("\n");

const pairTables = ({ name, predictions }: ShownPredictions, palette: Palette): readonly string[] => {
  const instances = [...new Set(predictions.map((one) => one.instance))];
  if (instances.length === 0)
    return [
      `${palette.heading(`PAIR [${name}]`)}: no VRRP instance that two nodes share, so nothing can move\n`,
    ];
  return instances.map((instance) =>
    tableText(
      name,
      predictions.filter((one) => one.instance === instance),
      palette,
    ),
  );
};

const tableText = (pair: string, rows: readonly ShownPrediction[], palette: Palette): string => {
  const [first] = rows;
  if (first === undefined) return "";
  const { instance, addresses, owner } = first;
  const cells = rows.map((row) => [
    row.what,
    ownersText(row.owners),
    row.moves === null ? "" : spanText(row.moves),
    outageText(row),
    row.formula,
  ]);
  const table = [HEADINGS, ...cells];
  const widths = HEADINGS.map((_, column) =>
    column === HEADINGS.length - 1 ? 0 : Math.max(...table.map((line) => (line[column] ?? "").length)),
  );
  const lines = table.map((line, index) => {
    const text = line
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd();
    return index === 0 ? palette.faint(text) : paint(rows[index - 1], palette)(text);
  });
  const title = `${palette.heading(`PAIR [${pair}] ${instance}`)}: ${addresses.join(", ")} on ${owner}`;
  return `${[title, ...lines.map((line) => `  ${line}`)].join("\n")}\n`;
};

const HEADINGS: readonly string[] = ["what happens", "owner then", "moves after", "no answer for", "why"];

const ownersText = (owners: readonly string[]): string =>
  owners.length === 0 ? "nobody" : owners.join(" and ");

const outageText = ({ outage, outcome }: ShownPrediction): string => {
  if (outage === null) return "until it is mended";
  return outcome === "both" ? `${spanText(outage)}, then both` : spanText(outage);
};

const spanText = ({ min, max }: ShownSpan): string => {
  const [from, to] = [Math.round(min), Math.round(max)];
  return to === 0 ? "0 ms" : from === to ? `${to} ms` : `${from} to ${to} ms`;
};

const paint = (row: ShownPrediction | undefined, palette: Palette): ((text: string) => string) => {
  if (row === undefined) return (text) => text;
  if (row.outcome === "moves" || row.outcome === "stays") return (text) => text;
  return palette.failed;
};

/** The same as one JSON document; times in milliseconds, null without end. */
export const predictionsJson = (pairs: readonly ShownPredictions[], { unreachable, notes }: Rest): string =>
  `${JSON.stringify({ pairs, unreachable, notes }, null, 2)}\n`;
