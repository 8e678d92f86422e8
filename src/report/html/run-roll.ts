import type { RollEvent } from "../../core/event.ts";
import type { Json } from "../../core/value.ts";
import { el, type Markup } from "./markup.ts";
import { lengthText, offsetText } from "./moment.ts";
import { section, table } from "./parts.ts";
import type { Lane, Mark } from "./timeline.ts";
import { SIGN } from "./tone.ts";

/** What a client saw of the virtual address while a pair was rolled. */
export interface SeenContinuity {
  readonly group: string;
  readonly status: RollEvent["status"];
  readonly message: string;
  readonly requests: number;
  readonly failed: number;
  readonly longestGapMs: number;
  /** When it began and ended to ask; milliseconds since the epoch. */
  readonly from: number;
  readonly to: number;
  /** The times in which requests failed; the first of them, if there were very many. */
  readonly windows: readonly { readonly from: number; readonly ms: number; readonly failed: number }[];
}

/** What rolls reported of clients that counted. */
export const continuityOf = (rolls: readonly RollEvent[]): readonly SeenContinuity[] =>
  rolls.flatMap(({ group, status, message, step, time, data }) => {
    const figures = step === "continuity" ? dictOf(data) : null;
    if (figures === null) return [];
    const windows = Array.isArray(figures.windows) ? (figures.windows as readonly Json[]) : [];
    return [
      {
        group,
        status,
        message,
        requests: numberOf(figures.requests),
        failed: numberOf(figures.failed),
        longestGapMs: numberOf(figures.longestGapMs),
        from: numberOf(figures.from, time),
        to: numberOf(figures.to, time),
        windows: windows.flatMap((window) => {
          const parts = dictOf(window);
          return parts === null
            ? []
            : [{ from: numberOf(parts.from), ms: numberOf(parts.ms), failed: numberOf(parts.failed) }];
        }),
      },
    ];
  });

const dictOf = (value: Json): Readonly<Record<string, Json>> | null =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, Json>>)
    : null;

const numberOf = (value: Json | undefined, otherwise = 0): number =>
  typeof value === "number" ? value : otherwise;

/** How pairs were rolled: the plan, each step and gate with its time, and what a client saw. */
export const rollSections = (rolls: readonly RollEvent[], zero: number): readonly Markup[] =>
  [...new Set(rolls.map(({ group }) => group))].map((group) => {
    const own = rolls.filter((event) => event.group === group);
    const seen = continuityOf(own);
    return section(
      `How ${group} was rolled`,
      el("ol", { class: "steps" }, ...own.map((event) => stepLine(event, zero))),
      seen.length === 0 ? null : continuityTable(seen),
    );
  });

const stepLine = ({ time, host, step, status, message }: RollEvent, zero: number): Markup => {
  const tone = TONE[status];
  return el(
    "li",
    {},
    el("span", { class: "at" }, offsetText(time - zero)),
    el("span", { class: tone, role: "img", "aria-label": status }, SIGN[tone]),
    el("span", { class: "what" }, el("b", {}, host === null ? step : `${step} on ${host}`), ": ", message),
  );
};

const TONE = { ok: "ok", warning: "changed", failed: "failed" } as const;

const continuityTable = (seen: readonly SeenContinuity[]): Markup =>
  table(
    [
      { name: "Virtual address of" },
      { name: "Requests", number: true },
      { name: "Failed", number: true },
      { name: "Longest time without an answer", number: true },
    ],
    seen.map(({ group, requests, failed, longestGapMs }) => [
      group,
      requests,
      failed,
      lengthText(longestGapMs),
    ]),
    "What a client saw of the virtual address",
  );

/** Whether the virtual address answered, as a lane. */
export const continuityLanes = (rolls: readonly RollEvent[]): readonly Lane[] =>
  continuityOf(rolls).map(({ group, from, to, requests, windows }) => ({
    kind: "spans",
    name: `${group}: answers`,
    spans: [
      ...answered(from, to, windows).map((span) => ({
        ...span,
        label: `answered (${requests} requests in all)`,
        look: "ok" as const,
        height: 0.45,
      })),
      ...windows.map((window) => ({
        from: window.from,
        to: window.from + window.ms,
        label: `${window.failed} failed`,
        look: "failed" as const,
        height: 1,
      })),
    ],
  }));

/** What is left of the time between windows. */
const answered = (
  from: number,
  to: number,
  windows: SeenContinuity["windows"],
): readonly { readonly from: number; readonly to: number }[] => {
  const ends = [from, ...windows.map((window) => window.from + window.ms)];
  const begins = [...windows.map((window) => window.from), to];
  return ends
    .map((end, index) => ({ from: end, to: begins[index] ?? to }))
    .filter((span) => span.to > span.from);
};

/** The steps of a roll as moments of a timeline; what a client saw is a lane of its own. */
export const rollMarks = (rolls: readonly RollEvent[]): readonly Mark[] =>
  rolls
    .filter(({ step }) => step !== "continuity")
    .map(({ time, group, host, step, status, message }) => ({
      at: time,
      label: `${host ?? group}: ${step}: ${message.split("\n", 1).join("")}`,
      tone: status === "failed" ? "failed" : step === "settled" ? "ok" : "still",
    }));
