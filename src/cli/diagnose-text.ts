import type { Cause, Examined, FromHere } from "../lb/diagnose/cause.ts";
import type { Diagnosis } from "../lb/diagnose/diagnose.ts";
import { advertText } from "../lb/diagnose/vrrp-causes.ts";
import { heldBy, stateOf } from "../lb/live/node.ts";
import type { Palette } from "../report/palette.ts";

/** A pair that was diagnosed. */
export interface DiagnosedPair {
  readonly name: string;
  readonly addresses: readonly string[];
  readonly nodes: readonly Examined[];
  readonly here: readonly FromHere[];
  readonly diagnosis: Diagnosis;
}

/** What is wrong with a pair for people: what is suffered, why, and what was looked at. */
export const diagnosisText = (pair: DiagnosedPair, palette: Palette): string => {
  const { symptoms, causes, unseen, well } = pair.diagnosis;
  return [
    `${palette.heading(pair.name)}: ${well ? palette.ok("nothing is wrong") : palette.failed("something is wrong")}`,
    ...symptoms.flatMap(({ node, severity, message }) => [
      `${severity === "error" ? palette.failed("symptom") : palette.warning("note")}: ${node === null ? "" : `${node}: `}${message}`,
    ]),
    ...causes.flatMap((cause, index) => causeLines(cause, index + 1, palette)),
    palette.faint("seen:"),
    ...pair.nodes.flatMap((node) =>
      seenLines(node, pair.addresses).map((line) => palette.faint(`  ${line}`)),
    ),
    ...pair.here.map((here) => palette.faint(`  ${hereText(here)}`)),
    ...unseen.map((line) => `${palette.warning("not seen")}: ${line}`),
    "",
  ].join("\n");
};

const causeLines = (
  { confidence, message, evidence, advice }: Cause,
  number: number,
  palette: Palette,
): readonly string[] => [
  `${confidence === "possible" ? palette.warning(`${number}.`) : palette.failed(`${number}.`)} ${message} (${confidence})`,
  ...evidence.map((line) => `   ${palette.faint(line)}`),
  `   do: ${advice}`,
];

const seenLines = ({ live, symptoms }: Examined, addresses: readonly string[]): readonly string[] => {
  const state = stateOf(live);
  if (state === null) return [`${live.name}: not reached`];
  const vrrp = state.keepalived.instances.map(({ name, state: now }) => `${name} ${now}`).join(", ");
  const adverts = symptoms?.wire.adverts ?? [];
  return [
    `${live.name}: ${vrrp || "no VRRP state"}, has ${heldBy(live, addresses).join(", ") || "no virtual address"}`,
    ...(symptoms === null || symptoms.wire.by === null
      ? []
      : adverts.length === 0
        ? [`${live.name}: no advert on any interface in ${symptoms.seconds} s (${symptoms.wire.by})`]
        : adverts.map(
            (advert) => `${live.name}: ${advertText(advert, symptoms.seconds)} (${symptoms.wire.by})`,
          )),
  ];
};

const hereText = ({ address, ports, mac }: FromHere): string => {
  const answers = ports.map(({ port, error }) => `port ${port} ${error === null ? "accepts" : error}`);
  return `from here: ${address} ${answers.join(", ") || "serves no port of HAProxy"}${mac === null ? "" : `, at ${mac}`}`;
};
