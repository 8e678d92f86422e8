import type {
  DrillResult,
  FaultResult,
  PredictedOutcome,
  PredictedSpan,
  RepeatResult,
} from "../drill/result.ts";
import type { Palette } from "./palette.ts";

/** A fault as it is announced. */
export interface AnnouncedFault {
  readonly id: string;
  readonly injection: string;
  readonly undo: string;
  readonly repeats: number;
  readonly budgetMs: number | null;
  /** null: nothing is predicted, or it cannot be done. */
  readonly predicted: Omit<PredictedOutcome, "left"> | null;
  /** Why it cannot be done; null: it can. */
  readonly because: string | null;
}

/** What is going to happen, before it happens. */
export interface Announcement {
  readonly pair: string;
  readonly owner: string;
  readonly standby: string;
  readonly addresses: readonly string[];
  /** The client, in one line; null: it does not ask yet. */
  readonly client: string | null;
  readonly held: number;
  readonly lab: string | null;
  readonly faults: readonly AnnouncedFault[];
}

/** The plan of a drill as lines. */
export const announcementLines = (plan: Announcement): readonly string[] => {
  const { pair, owner, standby, addresses, client, held, lab, faults } = plan;
  const possible = faults.filter(({ because }) => because === null);
  const impossible = faults.filter(({ because }) => because !== null);
  return [
    `drill of ${pair}${lab === null ? "" : ` (lab ${lab})`}: ${owner} has ${addresses.join(", ")}, ${standby} would take over`,
    ...(client === null
      ? []
      : [`a client asks ${client}${held === 0 ? "" : `, and holds ${held} connections open`}`]),
    "in this order, each undone and the pair as before when the next one begins:",
    ...possible.flatMap((fault, index) => [
      `  ${String(index + 1).padStart(2)}. ${fault.id}${fault.repeats > 1 ? `, ${fault.repeats} times` : ""}: ${fault.injection}; ${fault.undo}`,
      `      ${predictionText(fault)}`,
    ]),
    ...impossible.map(({ id, because }) => `  cannot be done here: ${id}: ${because}`),
  ];
};

const predictionText = ({ predicted, budgetMs }: AnnouncedFault): string => {
  const budget = budgetMs === null ? "" : `; allowed ${msText(budgetMs)}`;
  if (predicted === null) return `nothing is predicted${budget}`;
  return `predicted: ${outcomeText(predicted)}${budget}`;
};

const outcomeText = ({ outcome, owners, outage, formula }: Omit<PredictedOutcome, "left">): string => {
  const names = namesText(owners);
  const cost =
    outage === null
      ? "no answer until it is undone"
      : outage.max === 0
        ? "no outage"
        : `no answer for ${spanText(outage)}`;
  switch (outcome) {
    case "moves":
      return `${names} takes over, ${cost}`;
    case "stays":
      return `${names} keeps the addresses, ${cost}`;
    case "never":
      return `${names} keeps the addresses, ${cost}: ${formula}`;
    case "both":
      return `${names} have the addresses, ${cost}`;
    case "nobody":
      return `nobody has the addresses: ${formula}`;
  }
};

/** One repeat in a line, and its reasons below it. */
export const repeatLines = (
  title: string,
  repeats: number,
  repeat: RepeatResult,
  palette: Palette,
): readonly string[] => {
  const { outage, returnOutage, held, takeoverMs, detectionMs, owners, predicted, reasons } = repeat;
  const name = repeats > 1 ? `${title} (${repeat.number} of ${repeats})` : title;
  const parts = [
    `outage ${msText(outage.outageMs)}, ${outage.failed} of ${outage.requests} requests failed`,
    ...(held === null || held.cut === 0 ? [] : [`${held.cut} of ${held.opened} open connections cut`]),
    ...(detectionMs === null ? [] : [`noticed after ${msText(detectionMs)}`]),
    ...(takeoverMs === null ? [] : [`${namesText(owners.during)} took over after ${msText(takeoverMs)}`]),
    `return ${msText(returnOutage.outageMs)}, ${returnOutage.failed} failed`,
  ];
  const word = reasons.length === 0 ? palette.ok("ok") : palette.failed("failed");
  const left = predicted?.left ?? null;
  return [
    `${word}: ${name}: ${parts.join("; ")}`,
    ...reasons.map(({ kind, text }) => `    ${kind}: ${text}`),
    ...(left === null || reasons.some(({ kind }) => kind === "prediction")
      ? []
      : [`    ${palette.warning("prediction")}: ${left}`]),
  ];
};

/** All faults as a table, and the verdict. */
export const drillTable = ({ faults, summary }: DrillResult, palette: Palette): readonly string[] => {
  const rows = [
    ["FAULT", "TIMES", "OUTAGE p50/max", "PREDICTED", "RETURN max", "FAILED", "CUT", "BUDGET", "VERDICT"],
    ...faults.map(rowOf),
  ];
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? "").length)),
  );
  const lines = rows.map((row, index) => {
    const cells = row.map((cell, column) =>
      column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0),
    );
    const line = cells.join("  ");
    return index === 0 ? palette.heading(line) : line;
  });
  const { passed, failed, unavailable, notRun, stopped } = summary;
  const counts = [
    `${passed} passed`,
    `${failed} failed`,
    ...(unavailable === 0 ? [] : [`${unavailable} cannot be done here`]),
    ...(notRun === 0 ? [] : [`${notRun} not run`]),
  ].join(", ");
  return [
    ...lines,
    `${summary.ok ? palette.ok("ok") : palette.failed("failed")}: ${counts}${stopped === null ? "" : `; stopped: ${stopped}`}`,
  ];
};

const rowOf = (fault: FaultResult): readonly string[] => {
  const { id, repeats, figures, verdict, budgetMs } = fault;
  const budget = budgetMs === null ? "-" : msText(budgetMs);
  if (figures === null) return [id, "0", "-", "-", "-", "-", "-", budget, verdictText(fault)];
  const span = repeats[0]?.predicted?.outage ?? null;
  return [
    id,
    String(repeats.length),
    `${msText(figures.outageP50Ms)} / ${msText(figures.outageMaxMs)}`,
    repeats[0]?.predicted === null ? "-" : span === null ? "no end" : spanText(span),
    msText(figures.returnMaxMs),
    `${figures.failed} of ${figures.requests}`,
    figures.heldCut === null ? "-" : String(figures.heldCut),
    budget,
    verdict.kind === "failed"
      ? `failed: ${[...new Set(verdict.reasons.map(({ kind }) => kind))].join(", ")}`
      : "passed",
  ];
};

const verdictText = ({ verdict }: FaultResult): string => {
  switch (verdict.kind) {
    case "unavailable":
      return "cannot be done here";
    case "not-run":
      return "not run";
    default:
      return verdict.kind;
  }
};

const spanText = ({ min, max }: PredictedSpan): string =>
  min === max ? msText(max) : `${msText(min)} to ${msText(max)}`;

/** `0 ms`, `41 ms`, `1,204 ms`. */
const msText = (ms: number): string => `${String(Math.round(ms)).replaceAll(/\B(?=(\d{3})+$)/g, ",")} ms`;

const namesText = (names: readonly string[]): string => (names.length === 0 ? "nobody" : names.join(" and "));
