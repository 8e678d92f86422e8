import type { PlannedFault } from "./faults/fault.ts";
import type { Phases } from "./outage.ts";
import type { PredictedOutcome, PredictedSpan, Reason, RepeatResult } from "./result.ts";

/** What one repeat showed, as far as it is judged. */
export interface Shown {
  readonly phases: Phases;
  readonly everyMs: number;
  readonly takeoverMs: number | null;
  /** How long the command took that injected the fault: when in it the fault began is not known, in milliseconds. */
  readonly injectionMs: number;
  /** Who had each virtual address before the undoing. */
  readonly during: ReadonlyMap<string, readonly string[]>;
  readonly budgetMs: number | null;
  readonly settled: boolean;
  readonly notExactlyOne: RepeatResult["notExactlyOne"];
  readonly differences: readonly string[];
  /** What went wrong before there was anything to judge: an injection, an effect that is missing, an undoing. */
  readonly troubles: readonly Reason[];
}

/** How far a measurement may be from its prediction: a machine has other business too. */
const SLACK_MS = 250;
const SLACK_SHARE = 0.5;

/** Why a repeat is not as it should be; empty: it passed. */
export const judge = (fault: PlannedFault, shown: Shown): readonly Reason[] => {
  const { troubles, notExactlyOne, settled, differences } = shown;
  return [
    ...troubles,
    ...(troubles.some(({ kind }) => kind === "injection") ? [] : effects(fault, shown)),
    ...notExactlyOne.map(
      ({ address, owners }): Reason => ({
        kind: "exactly-one",
        text:
          owners.length === 0
            ? `nobody had ${address} when the pair should have settled`
            : `${owners.join(" and ")} all had ${address} when the pair should have settled`,
      }),
    ),
    ...(settled ? [] : [unsettled(differences)]),
    ...(settled && differences.length > 0
      ? [{ kind: "state", text: `afterwards not all is as before: ${differences.join("; ")}` } as const]
      : []),
  ];
};

const unsettled = (differences: readonly string[]): Reason => ({
  kind: "unsettled",
  text: `the pair did not come to rest: ${differences.length === 0 ? "the addresses did not come back" : differences.join("; ")}`,
});

/** What concerns the fault itself: owners, budget, range. */
const effects = (fault: PlannedFault, shown: Shown): readonly Reason[] => {
  const { phases, budgetMs, troubles } = shown;
  if (troubles.some(({ kind }) => kind === "interrupted")) return [];
  const owner = ownerReason(fault, shown);
  const range = owner === null && fault.served ? aboveRange(fault.predicted, shown) : null;
  return [
    ...(owner === null ? [] : [owner]),
    ...(range === null ? [] : [{ kind: "prediction", text: range } as const]),
    ...overBudget(phases.fault.outageMs, budgetMs, "in the fault"),
    ...overBudget(phases.back.outageMs, budgetMs, "in the return"),
  ];
};

const overBudget = (outageMs: number, budgetMs: number | null, when: string): readonly Reason[] =>
  budgetMs !== null && outageMs > budgetMs
    ? [
        {
          kind: "budget",
          text: `there was no answer for ${whole(outageMs)} ms ${when}, longer than the ${whole(budgetMs)} ms that are allowed`,
        },
      ]
    : [];

const ownerReason = (fault: PlannedFault, { during, phases }: Shown): Reason | null => {
  const { predicted, alsoOwners, served } = fault;
  const unserved = served && !phases.servedAtUndo;
  const wrong =
    predicted === null
      ? []
      : [...during].filter(
          ([, owners]) => ![predicted.owners, ...alsoOwners].some((expected) => sameNames(expected, owners)),
        );
  const [first] = wrong;
  if (first !== undefined && predicted !== null) {
    const [address, owners] = first;
    return {
      kind: "owner",
      text: `${namesText(owners)} had ${address} where ${namesText(predicted.owners)} should have (${predicted.formula})${unserved ? ", and nobody answered until the fault was undone" : ""}`,
    };
  }
  if (!unserved) return null;
  const keeps = [...during].map(([address, owners]) => `${namesText(owners)} kept ${address}`).join(", ");
  const why = predicted === null ? "" : `: ${predicted.formula}`;
  return { kind: "owner", text: `${keeps}, and nobody answered until the fault was undone${why}` };
};

const sameNames = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((name) => b.includes(name));

/** How the measurement left the predicted range, in a sentence; null: it did not. */
export const rangeLeft = (predicted: PlannedFault["predicted"], shown: Shown): string | null =>
  aboveRange(predicted, shown) ?? belowRange(predicted, shown);

const aboveRange = (predicted: PlannedFault["predicted"], shown: Shown): string | null => {
  const { phases, takeoverMs, injectionMs } = shown;
  if (predicted === null) return null;
  const outage = above(phases.fault.outageMs, predicted.outage, phases.quietMs);
  if (outage !== null) return `there was no answer for ${outage}`;
  const moved = takeoverMs === null ? null : above(takeoverMs, predicted.moves, phases.quietMs + injectionMs);
  return moved === null ? null : `the addresses took ${moved} to move`;
};

const above = (ms: number, span: PredictedSpan | null, quietMs: number): string | null => {
  if (span === null || ms <= span.max + Math.max(SLACK_MS, span.max * SLACK_SHARE) + quietMs) return null;
  return `${whole(ms)} ms, longer than the predicted ${spanText(span)}`;
};

/** Sooner than predicted is good news, but the prediction is wrong all the same. */
const belowRange = (
  predicted: PlannedFault["predicted"],
  { phases, takeoverMs, everyMs }: Shown,
): string | null => {
  const span = predicted?.moves ?? null;
  if (span === null || takeoverMs === null) return null;
  return takeoverMs < span.min - 2 * everyMs - phases.quietMs
    ? `the addresses moved after ${whole(takeoverMs)} ms, sooner than the predicted ${spanText(span)}`
    : null;
};

const spanText = ({ min, max }: PredictedSpan): string => `${whole(min)} to ${whole(max)} ms`;

/** A prediction with how the measurement stands to it. */
export const compared = (fault: PlannedFault, shown: Shown): PredictedOutcome | null =>
  fault.predicted === null
    ? null
    : { ...fault.predicted, left: fault.served ? rangeLeft(fault.predicted, shown) : null };

const whole = (ms: number): string => String(Math.round(ms));

const namesText = (names: readonly string[]): string => (names.length === 0 ? "nobody" : names.join(" and "));
