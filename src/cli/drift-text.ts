import type { Json } from "../core/value.ts";
import type { Difference } from "../lb/drift/pair-drift.ts";
import { changeLines } from "../report/change-text.ts";
import type { Palette } from "../report/palette.ts";
import type { IntentDrift } from "./intent.ts";

/** A pair whose nodes were compared with each other. */
export interface ComparedPair {
  readonly name: string;
  /** Those that were compared. */
  readonly nodes: readonly string[];
  readonly unreachable: readonly string[];
  readonly differences: readonly Difference[];
}

/** What drifted. */
export interface Drift {
  /** null: no playbook was given. */
  readonly intent: IntentDrift | null;
  readonly pairs: readonly ComparedPair[];
}

/** What drifted, for people. */
export const driftText = ({ intent, pairs }: Drift, palette: Palette): string => {
  const lines = [
    ...(intent === null ? [] : intentLines(intent, palette)),
    ...pairs.flatMap((pair) => pairLines(pair, palette)),
  ];
  return `${lines.join("\n")}\n`;
};

const intentLines = ({ nodes, failures, unreachable }: IntentDrift, palette: Palette): readonly string[] => [
  ...(nodes.size === 0 && failures.length === 0 && unreachable.length === 0
    ? [palette.ok("every node is as the playbook wants it")]
    : []),
  ...[...nodes].flatMap(([node, tasks]) => [
    `${palette.heading(node)}: ${palette.changed("not as the playbook wants it")}`,
    ...tasks.flatMap(({ task, at, follows, changes }) => [
      `  ${task} ${palette.faint(`(${at})`)}${follows ? palette.predicted(": depends on what is above") : ""}`,
      ...changes.flatMap((change) => changeLines(change, palette)),
    ]),
  ]),
  ...failures.map(({ node, task, message }) => `${palette.failed("failed")}: ${node}: ${task}: ${message}`),
  ...unreachable.map((node) => `${palette.failed("not reached")}: ${node}`),
];

const pairLines = (
  { name, nodes, unreachable, differences }: ComparedPair,
  palette: Palette,
): readonly string[] => [
  nodes.length < 2
    ? `${palette.heading(name)}: ${palette.warning("fewer than two nodes were reached, so nothing was compared")}`
    : `${palette.heading(name)}: ${differences.length === 0 ? palette.ok(`${nodes.join(" and ")} are alike`) : palette.changed(`${nodes.join(" and ")} differ`)}`,
  ...differences.flatMap(({ what, values }) => [
    `  ${what}`,
    ...values.flatMap(({ node, lines }) =>
      (lines.length === 0 ? [palette.faint("(nothing)")] : lines).map((line) => `    ${node}: ${line}`),
    ),
  ]),
  ...unreachable.map((node) => `${palette.failed("not reached")}: ${node}`),
];

/** What `lbplay drift --output json` prints. */
export const driftJson = ({ intent, pairs }: Drift): { readonly [name: string]: Json } => ({
  drifted: (intent?.nodes.size ?? 0) > 0 || pairs.some(({ differences }) => differences.length > 0),
  intent:
    intent === null
      ? null
      : {
          nodes: Object.fromEntries(
            [...intent.nodes].map(([node, tasks]) => [
              node,
              tasks.map(({ task, at, follows, changes }) => ({
                task,
                at,
                follows,
                changes: changes.map(({ field, before, after, secret }) =>
                  secret === true
                    ? { field, before: null, after: null, secret: true }
                    : { field, before, after, secret: false },
                ),
              })),
            ]),
          ),
          failures: intent.failures.map(({ node, task, message }) => ({ node, task, message })),
          unreachable: [...intent.unreachable],
        },
  pairs: pairs.map(({ name, nodes, unreachable, differences }) => ({
    pair: name,
    compared: [...nodes],
    unreachable: [...unreachable],
    differences: differences.map(({ kind, what, values }) => ({
      kind,
      what,
      values: Object.fromEntries(values.map(({ node, lines }) => [node, [...lines]])),
    })),
  })),
});
