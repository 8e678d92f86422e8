import type { DrillResult, FaultResult, Reason, RepeatResult } from "../drill/result.ts";

/**
 * A drill as JUnit's XML, as CI servers show it: a suite of the pair, and a case for each repeat of each fault. What
 * could not or did not happen is one skipped case with the reason.
 */
export const drillJunit = (drill: DrillResult): string => {
  const { environment, pair, faults } = drill;
  const cases = faults.flatMap((fault) => casesOf(fault, pair.name));
  const count = (kind: Case["kind"]): number => cases.filter((one) => one.kind === kind).length;
  const attributes = {
    name: `drill of ${pair.name}`,
    tests: cases.length,
    failures: count("failed"),
    errors: 0,
    skipped: count("skipped"),
    time: seconds(environment.durationMs),
    timestamp: environment.startedAt.replace(/(\.\d+)?Z$/, ""),
  };
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    element("testsuites", { tests: attributes.tests, failures: attributes.failures, time: attributes.time }),
    `  ${element("testsuite", attributes)}`,
    "    <properties>",
    ...properties(drill).map(([name, value]) => `      ${element("property", { name, value }, "/")}`),
    "    </properties>",
    ...cases.flatMap(({ lines: own }) => own.map((line) => `    ${line}`)),
    "  </testsuite>",
    "</testsuites>",
  ];
  return `${lines.join("\n")}\n`;
};

interface Case {
  readonly kind: "passed" | "failed" | "skipped";
  readonly lines: readonly string[];
}

const casesOf = (fault: FaultResult, pair: string): readonly Case[] => {
  const { id, title, repeats, verdict } = fault;
  const classname = `drill.${pair}.${id}`;
  if (verdict.kind === "unavailable" || verdict.kind === "not-run") {
    const why =
      verdict.kind === "unavailable"
        ? `cannot be done here: ${verdict.because}`
        : `not run: ${verdict.because}`;
    return [
      {
        kind: "skipped",
        lines: [
          element("testcase", { name: title, classname, time: "0.000" }),
          `  ${element("skipped", { message: why }, "/")}`,
          "</testcase>",
        ],
      },
    ];
  }
  return repeats.map((repeat) => {
    const name = repeats.length === 1 ? title : `${title}, ${repeat.number} of ${repeats.length}`;
    const { watchedFrom, watchedUntil } = repeat.moments;
    const failed = repeat.reasons.length > 0;
    return {
      kind: failed ? "failed" : "passed",
      lines: [
        element("testcase", { name, classname, time: seconds(watchedUntil - watchedFrom) }),
        ...(failed ? failureOf(repeat.reasons) : []),
        `  <system-out>${escaped(figuresText(repeat))}</system-out>`,
        "</testcase>",
      ],
    };
  });
};

/** A case has one failure at most: the first reason heads it. */
const failureOf = (reasons: readonly Reason[]): readonly string[] => {
  const [first] = reasons;
  if (first === undefined) return [];
  const all = reasons.map(({ kind, text }) => `${kind}: ${text}`).join("\n");
  return [`  ${element("failure", { message: first.text, type: first.kind })}${escaped(all)}</failure>`];
};

const figuresText = ({ outage, returnOutage, held, owners, predicted }: RepeatResult): string =>
  [
    `outage ${whole(outage.outageMs)} ms, ${outage.failed} of ${outage.requests} requests failed`,
    `return ${whole(returnOutage.outageMs)} ms, ${returnOutage.failed} of ${returnOutage.requests} requests failed`,
    ...(held === null ? [] : [`${held.cut} of ${held.opened} open connections were cut`]),
    `owner before ${namesText(owners.before)}, during ${namesText(owners.during)}, after ${namesText(owners.after)}`,
    ...(predicted?.outage == null
      ? []
      : [`predicted ${whole(predicted.outage.min)} to ${whole(predicted.outage.max)} ms`]),
  ].join("\n");

const namesText = (names: readonly string[]): string => (names.length === 0 ? "nobody" : names.join(" and "));

const properties = ({ environment, pair }: DrillResult): readonly (readonly [string, string])[] => [
  ["lbplay", environment.lbplay],
  ["target", environment.target],
  ["from", environment.from ?? "controller"],
  ["interval_ms", String(environment.everyMs)],
  ["nodes", pair.nodes.map(({ name }) => name).join(" ")],
];

const seconds = (ms: number): string => (ms / 1000).toFixed(3);

const whole = (ms: number): string => String(Math.round(ms));

const element = (
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  end: "" | "/" = "",
): string =>
  `<${name}${Object.entries(attributes)
    .map(([key, value]) => ` ${key}="${escaped(String(value)).replaceAll("\n", "&#10;")}"`)
    .join("")}${end}>`;

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
};

/** XML 1.0 has no way to write most control characters. */
const escaped = (text: string): string =>
  text
    .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "\ufffd")
    .replaceAll(/[&<>"]/g, (character) => ESCAPES[character] ?? character);
