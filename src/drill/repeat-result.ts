import type { Sample } from "../probe/sample.ts";
import { readLog } from "./daemon-log.ts";
import type { Evidence } from "./evidence.ts";
import { compared, judge, type Shown } from "./judge.ts";
import { phasesOf, spansOf, tenth, timed } from "./outage.ts";
import { holdersAt, ownersAt, ownershipTimes, takeoverAt } from "./ownership.ts";
import { tracksOf } from "./recorder.ts";
import type { RepeatRequest } from "./repeat.ts";
import type { Rest } from "./rest.ts";
import type { DrillEvent, NodeClock, OwnershipTrack, Reason, RepeatResult, VrrpChange } from "./result.ts";
import type { Counted } from "./world.ts";

/** A repeat that is over, with everything that was seen of it. Times are milliseconds since the epoch. */
export interface Finished extends RepeatRequest {
  readonly injected: number;
  readonly undone: number | null;
  readonly settled: number | null;
  readonly handBackBegan: number | null;
  readonly handedBack: number | null;
  readonly cutAt: number | null;
  readonly troubles: readonly Reason[];
  readonly rest: Rest | null;
  readonly differences: readonly string[];
  readonly counted: Counted;
  readonly evidence: Evidence;
  readonly clocks: readonly NodeClock[];
}

/** A repeat as its result has it: times from the injection on, figures, and the verdict's reasons. */
export const resultOf = (finished: Finished, isGood: (sample: Sample) => boolean): RepeatResult => {
  const { fault, subject, injected, clocks, counted, number } = finished;
  const at = (ms: number): number => tenth(ms - injected);
  const samples = timed(counted.samples, isGood, (ms) => ms - injected);
  const from = samples[0]?.from ?? 0;
  const until = Math.max(from, ...samples.map(({ to }) => to));
  const ends = undoneTimes(finished);
  const undone = ends === null ? null : at(ends);
  const phaseEnd = undone ?? until;
  const tracks = ownershipOf(finished, at, from);
  const { vrrp, events } = logsOf(finished, at, from);
  const owners = ownersAt(tracks, Math.max(0, phaseEnd - 1));
  const takeover = takeoverAt(tracks, [subject.owner.name], phaseEnd);
  const settled = finished.settled === null ? null : at(finished.settled);
  const quietUntil = finished.handBackBegan === null ? until : at(finished.handBackBegan);
  const times = ownershipTimes(tracks, 0, settled ?? until);
  const sign = firstSign(vrrp, events);
  const shown: Shown = {
    phases: phasesOf(samples, phaseEnd),
    everyMs: finished.everyMs,
    takeoverMs: takeover,
    injectionMs: injectionTime(finished),
    during: owners,
    budgetMs: finished.budgetMs,
    settled: settled !== null,
    notExactlyOne: violations(tracks, settled, quietUntil, until),
    differences: settled === null ? (finished.rest?.left ?? []) : finished.differences,
    troubles: finished.troubles,
  };
  return {
    number,
    nodes: fault.nodes,
    injectedAt: new Date(injected).toISOString(),
    moments: {
      watchedFrom: tenth(from),
      undone,
      settled,
      handedBack: finished.handedBack === null ? null : at(finished.handedBack),
      watchedUntil: tenth(until),
    },
    requests: spansOf(samples),
    outage: shown.phases.fault,
    returnOutage: shown.phases.back,
    held:
      counted.held === null
        ? null
        : {
            opened: counted.held.opened,
            cut: counted.held.cutAt.length,
            ended: counted.held.ended,
            cutAt: counted.held.cutAt.map(at).toSorted((a, b) => a - b),
          },
    ownership: tracks,
    nobodyMs: tenth(times.nobodyMs),
    severalMs: tenth(times.severalMs),
    vrrp,
    events: [...events, ...ownEvents(finished, at)].toSorted((a, b) => a.at - b.at),
    detectionMs: sign?.at ?? null,
    detectedBy: sign?.text ?? null,
    takeoverMs: takeover === null ? null : tenth(takeover),
    owners: {
      before: [subject.owner.name],
      during: holdersAt(tracks, Math.max(0, phaseEnd - 1)),
      settled: holdersAt(tracks, settled ?? until),
      after: holdersAt(tracks, until),
    },
    notExactlyOne: shown.notExactlyOne,
    differences: shown.differences,
    predicted: compared(fault, shown),
    clocks: clocks.map(({ node, offsetMs, errorMs }) => ({
      node,
      offsetMs: tenth(offsetMs),
      errorMs: tenth(errorMs),
    })),
    reasons: judge(fault, shown),
  };
};

/** When the undoing really began: the node's own word counts, where there is one. */
const undoneTimes = ({ evidence, clocks, fault, undone, injected }: Finished): number | null => {
  const times = fault.nodes.flatMap((name) =>
    momentsOf(evidence, name, clocks).flatMap(({ name: what, ms }) =>
      what === "undoing" && ms > injected ? [ms] : [],
    ),
  );
  return times.length === 0 || fault.way === "reboot" ? undone : Math.min(...times);
};

/** How long the injecting took on the node where it took longest. */
const injectionTime = ({ evidence, clocks, fault, injected }: Finished): number =>
  Math.max(
    0,
    ...fault.nodes.flatMap((name) =>
      momentsOf(evidence, name, clocks).flatMap((moment) =>
        moment.name === "injected" ? [moment.ms - injected] : [],
      ),
    ),
  );

const momentsOf = (
  { moments }: Evidence,
  node: string,
  clocks: readonly NodeClock[],
): readonly { readonly name: string; readonly ms: number }[] => {
  const offset = clocks.find((clock) => clock.node === node)?.offsetMs ?? 0;
  return (moments.get(node) ?? "").split("\n").flatMap((line) => {
    const [, name, seconds, nanoseconds = "0"] = /^(\w+) (\d{10})(\d{9})?/.exec(line) ?? [];
    return name === undefined
      ? []
      : [{ name, ms: Number(seconds) * 1000 + Number(nanoseconds) / 1e6 - offset }];
  });
};

const ownershipOf = (
  { evidence, clocks, subject, cutAt, injected, fault }: Finished,
  at: (ms: number) => number,
  from: number,
): readonly OwnershipTrack[] => {
  // Whoever writes down what a node has goes down with it.
  const lostAt = fault.way === "reboot" ? injected : cutAt;
  return subject.nodes.flatMap(({ name }) => {
    const offset = clocks.find(({ node }) => node === name)?.offsetMs ?? 0;
    const known = tracksOf(name, evidence.addresses.get(name) ?? "", subject.addresses, (ms) =>
      at(ms - offset),
    );
    const first = { at: tenth(from), held: name === subject.owner.name };
    return known.map((track) => ({
      ...track,
      changes: merged([
        first,
        ...track.changes.filter((change) => change.at > from),
        ...(lostAt !== null && fault.nodes.includes(name) ? [{ at: at(lostAt), held: null }] : []),
      ]),
    }));
  });
};

type Change = OwnershipTrack["changes"][number];

/** In time's order, without what changes nothing. */
const merged = (changes: readonly Change[]): readonly Change[] =>
  changes
    .toSorted((a, b) => a.at - b.at)
    .filter((change, index, sorted) => index === 0 || sorted[index - 1]?.held !== change.held);

const logsOf = (
  { evidence, clocks, subject }: Finished,
  at: (ms: number) => number,
  from: number,
): { readonly vrrp: readonly VrrpChange[]; readonly events: readonly DrillEvent[] } => {
  const logs = subject.nodes.map(({ name }) => {
    const offset = clocks.find(({ node }) => node === name)?.offsetMs ?? 0;
    return readLog(name, evidence.logs.get(name) ?? "", (ms) => at(ms - offset));
  });
  const inTime = <T extends { readonly at: number }>(list: readonly T[]): readonly T[] =>
    list.filter((one) => one.at >= from).toSorted((a, b) => a.at - b.at);
  return { vrrp: inTime(logs.flatMap((log) => log.vrrp)), events: inTime(logs.flatMap((log) => log.events)) };
};

const ownEvents = (
  { evidence, clocks, fault, handBackBegan, subject }: Finished,
  at: (ms: number) => number,
) => [
  ...fault.nodes.flatMap((node) =>
    momentsOf(evidence, node, clocks).flatMap(({ name, ms }): readonly DrillEvent[] =>
      name === "injecting" || name === "undoing"
        ? [
            {
              at: at(ms),
              node,
              source: "lbplay",
              text: name === "injecting" ? fault.title : `undone: ${fault.undo}`,
            },
          ]
        : [],
    ),
  ),
  ...(handBackBegan === null
    ? []
    : [
        {
          at: at(handBackBegan),
          node: subject.owner.name,
          source: "lbplay",
          text: "the addresses are handed back",
        } as const,
      ]),
];

/** A clock may be a millisecond off. */
const CLOCK_MS = 2;

/** The first thing that a daemon noticed of the fault. */
const firstSign = (
  vrrp: readonly VrrpChange[],
  events: readonly DrillEvent[],
): { readonly at: number; readonly text: string } | null => {
  const signs = [
    ...vrrp.map(({ at, node, instance, state }) => ({ at, text: `${node}: ${instance} ${state}` })),
    ...events
      .filter(({ source }) => source === "keepalived" || source === "haproxy")
      .map(({ at, node, text }) => ({ at, text: `${node}: ${text}` })),
  ];
  const [first] = signs.filter(({ at }) => at >= -CLOCK_MS).toSorted((a, b) => a.at - b.at);
  return first === undefined ? null : { ...first, at: Math.max(0, first.at) };
};

/** Addresses that did not have exactly one owner at some moment after settling, or in the end. */
const violations = (
  tracks: readonly OwnershipTrack[],
  settled: number | null,
  quietUntil: number,
  until: number,
): RepeatResult["notExactlyOne"] => {
  const moments = [
    until,
    ...(settled === null
      ? []
      : [
          settled,
          ...tracks
            .flatMap(({ changes }) => changes.map(({ at }) => at))
            .filter((at) => at > settled && at < quietUntil),
        ]),
  ];
  const found = new Map<string, readonly string[]>();
  for (const moment of moments)
    for (const [address, owners] of ownersAt(tracks, moment))
      if (owners.length !== 1 && !found.has(address)) found.set(address, owners);
  return [...found].map(([address, owners]) => ({ address, owners }));
};
