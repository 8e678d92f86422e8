import { allAddresses, stateOf } from "../live/node.ts";
import { pairHealth } from "../live/pair-health.ts";
import type { Problem } from "../live/problem.ts";
import type { PairSettings } from "../pair/pair.ts";
import { addressCauses } from "./address-causes.ts";
import type { Cause, Examined, FromHere } from "./cause.ts";
import { lintCauses } from "./lint-causes.ts";
import { nodeCauses } from "./node-causes.ts";
import { vrrpCauses } from "./vrrp-causes.ts";

/** What is wrong with a pair, and why. */
export interface Diagnosis {
  /** What clients and nodes suffer from: two owners, none, no standby. */
  readonly symptoms: readonly Problem[];
  /** Most probable first. */
  readonly causes: readonly Cause[];
  /** Nothing is wrong beyond what is only worth a note. */
  readonly well: boolean;
  /** What could not be seen, and why. */
  readonly unseen: readonly string[];
}

/** What is suffered rather than what makes it so. */
const SYMPTOMS: ReadonlySet<string> = new Set([
  "split-brain",
  "no-owner",
  "owner-unknown",
  "no-addresses",
  "fault",
  "address-missing",
  "stray-address",
  "backend-down",
  "frontend-closed",
  "unreachable",
  "vrrp-unknown",
]);

/** Kinds of problem that a cause of another kind tells better. */
const TOLD_BY: ReadonlyMap<string, readonly string[]> = new Map([
  ["reload-failed", ["reload-failed"]],
  ["config-newer", ["reload-failed"]],
  ["server-down", ["server-down"]],
  ["haproxy-down", ["haproxy-down"]],
]);

/** Judges what was found out of a pair. `now` is in milliseconds since the epoch. */
export const diagnose = (
  all: readonly Examined[],
  here: readonly FromHere[],
  { name, settings, now }: { readonly name: string; readonly settings: PairSettings; readonly now: number },
): Diagnosis => {
  const lives = all.map(({ live }) => live);
  const { problems } = pairHealth(lives);
  const split = problems.some(({ kind }) => kind === "split-brain");
  const nodes = all.flatMap(({ node }) => (node === null ? [] : [node]));
  const found = merged([
    ...vrrpCauses(all),
    ...all.flatMap(nodeCauses),
    ...addressCauses(all, allAddresses(lives), here),
    ...lintCauses({ name, nodes, settings }, now, { split }),
  ]);
  const told = (problem: Problem): boolean =>
    (TOLD_BY.get(problem.kind) ?? []).some((kind) =>
      found.some(
        (cause) => cause.kind === kind && (problem.node === null || cause.nodes.includes(problem.node)),
      ),
    );
  const causes = lasting([
    ...found,
    ...problems.filter((one) => !SYMPTOMS.has(one.kind) && !told(one)).map(causeOf),
  ]);
  const symptoms = problems.filter(({ kind }) => SYMPTOMS.has(kind));
  return {
    symptoms,
    causes: causes.toSorted((left, right) => rank(left) - rank(right)),
    well:
      symptoms.every(({ severity }) => severity === "note") &&
      causes.every(({ confidence }) => confidence === "possible"),
    unseen: unseenOf(all),
  };
};

/** What follows from another cause on the same node, and goes away with it. */
const FOLLOWS: ReadonlyMap<string, readonly string[]> = new Map([
  ["not-listening", ["haproxy-down", "reload-failed"]],
  ["address-unserved", ["haproxy-down"]],
  ["haproxy-silent", ["haproxy-down"]],
]);

const lasting = (causes: readonly Cause[]): readonly Cause[] =>
  causes.filter(({ kind, nodes }) => {
    const before = FOLLOWS.get(kind);
    const explained = (name: string): boolean =>
      causes.some((one) => before?.includes(one.kind) === true && one.nodes.includes(name));
    return before === undefined || !nodes.every(explained);
  });

const causeOf = ({ node, severity, kind, message, advice }: Problem): Cause => ({
  kind,
  nodes: node === null ? [] : [node],
  confidence: severity === "error" ? "certain" : "possible",
  message: node === null ? message : `${node}: ${message}`,
  evidence: [],
  advice,
});

/** What was seen at work and what a configuration says of the same matter are one cause. */
const merged = (causes: readonly Cause[]): readonly Cause[] => {
  const all: Cause[] = [];
  for (const cause of causes.toSorted((left, right) => rank(left) - rank(right))) {
    const index = all.findIndex(
      (one) => MERGED.has(one.kind) && one.kind === cause.kind && related(one, cause),
    );
    const before = all[index];
    if (before === undefined) all.push(cause);
    else
      all[index] = {
        ...before,
        nodes: [...new Set([...before.nodes, ...cause.nodes])],
        evidence: [...new Set([...before.evidence, cause.message, ...cause.evidence])].filter(
          (line) => line !== before.message,
        ),
      };
  }
  return all;
};

const related = (left: Cause, right: Cause): boolean =>
  left.confidence === "certain" || left.nodes.some((name) => right.nodes.includes(name));

/** Kinds that a pair has once, whatever number of signs it shows of. */
const MERGED: ReadonlySet<string> = new Set([
  "virtual-router-id-mismatch",
  "version-mismatch",
  "address-mismatch",
  "advert-interval-mismatch",
  "authentication-mismatch",
  "unicast-mismatch",
  "unicast-peer-mismatch",
  "wrong-interface",
  "firewall-blocks-vrrp",
  "log-dead",
]);

const CONFIDENCE: readonly Cause["confidence"][] = ["certain", "likely", "possible"];

/** What brings other things about comes before them. */
const FIRST: readonly string[] = [
  "unreachable",
  "interface-down",
  "wrong-interface",
  "firewall-blocks-vrrp",
  "firewall-blocks-output",
  "virtual-router-id-mismatch",
  "version-mismatch",
  "authentication-mismatch",
  "address-mismatch",
  "advert-interval-mismatch",
  "advert-mismatch",
  "unicast-mismatch",
  "unicast-peer-mismatch",
  "adverts-lost",
  "keepalived-down",
  "haproxy-down",
  "check-fails",
  "tracked-file",
  "maintenance",
  "switched-away",
  "drained",
  "reload-failed",
  "foreign-address",
  "server-down",
  "log-dead",
  "disk-full",
];

const rank = ({ kind, confidence }: Cause): number =>
  CONFIDENCE.indexOf(confidence) * 100 + (FIRST.includes(kind) ? FIRST.indexOf(kind) : FIRST.length);

const unseenOf = (all: readonly Examined[]): readonly string[] =>
  all.flatMap(({ live, symptoms, node, after }) => {
    const { name } = live;
    if (stateOf(live) === null)
      return [`${name}: nothing, as it was not reached; what is said of it comes from the other nodes`];
    if (symptoms === null) return [`${name}: it was lost while it was looked at`];
    return [
      ...(symptoms.wire.by === null
        ? [
            `${name}: adverts on the wire, as it has neither perl, python nor tcpdump; keepalived's own counters were compared instead`,
          ]
        : []),
      ...(after?.told.by === null ? [`${name}: keepalived's counters (${after.told.reason})`] : []),
      ...(node?.facts?.firewall === null
        ? [`${name}: its firewall, as it has neither firewalld, iptables-save nor nft`]
        : []),
      ...(node?.facts?.listeners === null ? [`${name}: who listens, as it has no ss`] : []),
      ...symptoms.logs.flatMap(({ target, arrived }) =>
        arrived === null ? [`${name}: whether ${target} takes HAProxy's log, as it has no logger`] : [],
      ),
    ];
  });
