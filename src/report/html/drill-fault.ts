import type {
  DrillResult,
  FaultResult,
  PredictedOutcome,
  PredictedSpan,
  RepeatResult,
} from "../../drill/result.ts";
import { repeatTimelines } from "./drill-timeline.ts";
import { verdictBadge } from "./drill-verdict.ts";
import { el, type Markup } from "./markup.ts";
import { lengthText, offsetText } from "./moment.ts";
import { badge, facts, folded, table } from "./parts.ts";
import { timelineFigure } from "./timeline.ts";

/** More lines of logs of one repeat than this are counted. */
const MOST_EVENTS = 100;

/** One fault: what was done, what it cost, and the timeline of the repeat that tells most; the others are folded away. */
export const faultSection = (fault: FaultResult, id: string, drill: DrillResult): Markup => {
  const shown = tellingRepeat(fault);
  const others = fault.repeats.filter((repeat) => repeat !== shown);
  return el(
    "section",
    { id },
    el("h2", {}, fault.title, " ", verdictBadge(fault.verdict)),
    reasonsOf(fault),
    facts([
      ["Done", fault.injection],
      ["Undone", fault.undo],
      ["Budget", fault.budgetMs === null ? "none" : lengthText(fault.budgetMs)],
      ...figureFacts(fault),
    ]),
    el("div", { class: "above" }, repeatsTable(fault)),
    shown === null ? null : repeatMarkup(shown, fault, id, drill),
    ...others.map((repeat) =>
      folded(
        `Repeat ${repeat.number}: ${lengthText(repeat.outage.outageMs)} of outage`,
        repeatMarkup(repeat, fault, id, drill),
      ),
    ),
  );
};

/** The one that failed, else the one with the longest outage. */
const tellingRepeat = ({ repeats }: FaultResult): RepeatResult | null => {
  const rank = ({ reasons, outage, returnOutage }: RepeatResult): number =>
    (reasons.length > 0 ? 1e12 : 0) + outage.outageMs + returnOutage.outageMs;
  return repeats.toSorted((a, b) => rank(b) - rank(a))[0] ?? null;
};

const reasonsOf = ({ verdict }: FaultResult): Markup =>
  verdict.kind === "failed"
    ? el(
        "ul",
        { class: "rows" },
        ...verdict.reasons.map(({ kind, text }) => el("li", {}, badge("failed", kind), ` ${text}`)),
      )
    : null;

const figureFacts = ({ figures, repeats }: FaultResult): readonly (readonly [string, Markup])[] =>
  figures === null
    ? []
    : [
        [
          "Outage",
          `${lengthText(figures.outageP50Ms)} at the median, ${lengthText(figures.outageMaxMs)} at most`,
        ],
        [
          "Return",
          `${lengthText(figures.returnP50Ms)} at the median, ${lengthText(figures.returnMaxMs)} at most`,
        ],
        ["Requests", `${figures.requests}, ${figures.failed} of them failed`],
        ["Held connections", figures.heldCut === null ? null : `${figures.heldCut} cut`],
        ["Predicted", predictionText(repeats.find(({ predicted }) => predicted !== null)?.predicted ?? null)],
      ];

const predictionText = (predicted: PredictedOutcome | null): Markup => {
  if (predicted === null) return null;
  const { outage, outcome, owners, formula } = predicted;
  const who = {
    moves: "the addresses move",
    stays: "nothing moves",
    never: "nothing moves",
    both: "both have them",
    nobody: "nobody has them",
  }[outcome];
  const long = outage === null ? "no answer until it is mended" : `no answer for ${spanText(outage)}`;
  return [
    `${who}${owners.length === 0 ? "" : ` (${owners.join(" and ")})`}, ${long}`,
    el("span", { class: "muted small" }, ` ${formula}`),
  ];
};

const spanText = ({ min, max }: PredictedSpan): string =>
  Math.round(min) === Math.round(max) ? lengthText(max) : `${lengthText(min)} to ${lengthText(max)}`;

const repeatsTable = ({ title, repeats }: FaultResult): Markup =>
  table(
    [
      { name: "Repeat" },
      { name: "Done to" },
      { name: "Outage", number: true },
      { name: "Return", number: true },
      { name: "Failed", number: true },
      { name: "Held, cut", number: true },
      { name: "Detected", number: true },
      { name: "Taken over", number: true },
      { name: "Owner before, during, after" },
    ],
    repeats.map((repeat) => [
      [
        `${repeat.number}`,
        " ",
        repeat.reasons.length === 0 ? badge("ok", "passed") : badge("failed", "failed"),
      ],
      repeat.nodes.join(", "),
      lengthText(repeat.outage.outageMs),
      lengthText(repeat.returnOutage.outageMs),
      `${repeat.outage.failed + repeat.returnOutage.failed} of ${repeat.outage.requests + repeat.returnOutage.requests}`,
      repeat.held === null ? "–" : `${repeat.held.cut} of ${repeat.held.opened}`,
      repeat.detectionMs === null ? "–" : lengthText(repeat.detectionMs),
      repeat.takeoverMs === null ? "–" : lengthText(repeat.takeoverMs),
      ownersCell(repeat),
    ]),
    `Repeats of ${title}`,
  );

const ownersCell = ({ owners, nobodyMs, severalMs }: RepeatResult): Markup => [
  [owners.before, owners.during, owners.after].map((names) => names.join(" and ") || "nobody").join(" → "),
  el(
    "span",
    { class: "muted small" },
    `; nobody for ${lengthText(nobodyMs)}${severalMs === 0 ? "" : `, several for ${lengthText(severalMs)}`}`,
  ),
];

const repeatMarkup = (
  repeat: RepeatResult,
  fault: FaultResult,
  id: string,
  { pair }: DrillResult,
): Markup => {
  const { reasons, differences, notExactlyOne, predicted, events, clocks } = repeat;
  const left = predicted?.left ?? null;
  const ills: readonly (readonly [word: string, text: string])[] = [
    ...reasons.map(({ kind, text }) => [kind, text] as const),
    ...differences.map((text) => ["afterwards", text] as const),
    ...notExactlyOne.map(
      ({ address, owners }) =>
        ["owners", `${address} was on ${owners.join(" and ") || "no node"} after settling`] as const,
    ),
    ...(left === null ? [] : [["prediction", left] as const]),
  ];
  return [
    ...repeatTimelines(repeat, fault, `${id}r${repeat.number}`, pair).map(timelineFigure),
    ills.length === 0
      ? null
      : el(
          "ul",
          { class: "rows above" },
          ...ills.map(([word, text]) => el("li", {}, badge("failed", word), ` ${text}`)),
        ),
    events.length === 0
      ? null
      : folded(
          `What was done and logged in repeat ${repeat.number}`,
          table(
            [{ name: "When" }, { name: "Node" }, { name: "From" }, { name: "What" }],
            events
              .slice(0, MOST_EVENTS)
              .map(({ at, node, source, text }) => [offsetText(at), node, source, el("code", {}, text)]),
            `Events of ${fault.title}, repeat ${repeat.number}`,
          ),
          events.length > MOST_EVENTS
            ? el("p", { class: "muted small" }, `and ${events.length - MOST_EVENTS} more`)
            : null,
          clocks.length === 0
            ? null
            : el(
                "p",
                { class: "muted small above" },
                `Clocks, corrected: ${clocks.map(({ node, offsetMs, errorMs }) => `${node} was ${offsetMs} ms ahead, within ${errorMs} ms`).join("; ")}.`,
              ),
        ),
  ];
};
