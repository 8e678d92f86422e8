import type {
  DrilledPair,
  FaultResult,
  OwnershipTrack,
  RepeatResult,
  VrrpStateName,
} from "../../drill/result.ts";
import { countsOf, type Span } from "./spans.ts";
import type { Lane, LegendEntry, Mark, Timeline } from "./timeline.ts";

/**
 * One repeat over time: what a client saw, who had the addresses, what VRRP said, when the fault began and ended. Where
 * what counts took a small part of the whole, it is drawn by itself first.
 */
export const repeatTimelines = (
  repeat: RepeatResult,
  { title }: FaultResult,
  id: string,
  pair: DrilledPair,
): readonly Timeline[] => {
  const { watchedFrom: from, watchedUntil: to } = repeat.moments;
  const draw = (part: string, name: string, window: Window): Timeline => ({
    id: `${id}${part}`,
    title: `${title}, repeat ${repeat.number}: ${name}`,
    ...window,
    zero: 0,
    marks: marksOf(repeat, title),
    lanes: lanesOf(repeat, pair, window),
    legend: LEGEND,
  });
  const close = closeUp(repeat);
  const whole = draw("", "from beginning to end", { from, to });
  return close === null ? [whole] : [draw("c", "the moments after it", close), whole];
};

interface Window {
  readonly from: number;
  readonly to: number;
}

/** A close look is worth it where it shows the moments at least this many times larger. */
const WORTH = 3;

/** From shortly before the fault until clients were served again and the addresses had moved; null: the whole shows that. */
const closeUp = ({ moments, detectionMs, takeoverMs, requests }: RepeatResult): Window | null => {
  const undone = moments.undone ?? moments.watchedUntil;
  const failed = requests.filter(({ failure, to }) => failure !== null && to >= 0 && to < undone);
  const last = Math.max(0, detectionMs ?? 0, takeoverMs ?? 0, ...failed.map(({ to }) => to));
  const window = { from: Math.max(moments.watchedFrom, -0.5 * last), to: 1.7 * last };
  const worth = (window.to - window.from) * WORTH < moments.watchedUntil - moments.watchedFrom;
  return last > 0 && worth ? window : null;
};

const lanesOf = (repeat: RepeatResult, pair: DrilledPair, { from, to }: Window): readonly Lane[] => [
  {
    kind: "counts",
    name: "requests: answered above the line, failed below",
    counts: countsOf(repeat.requests.flatMap(momentsOf), from, to),
  },
  ...ownerLanes(repeat.ownership, repeat.moments.watchedUntil),
  ...vrrpLanes(repeat, pair),
];

const LEGEND: readonly LegendEntry[] = [
  { swatch: "ok", text: "answered" },
  { swatch: "failed", text: "failed; FAULT" },
  { swatch: "owner", text: "has the virtual address; MASTER (high)" },
  { swatch: "both", text: "has it while another node has it too" },
  { swatch: "state", text: "BACKUP (middle), INIT or not known (low)" },
];

/** Requests of a span began in equal distances. */
const momentsOf = ({ from, to, count, failure }: RepeatResult["requests"][number]) =>
  Array.from({ length: count }, (_, index) => ({
    at: from + (count === 1 ? 0 : ((to - from) * index) / (count - 1)),
    ok: failure === null,
  }));

const marksOf = (repeat: RepeatResult, title: string): readonly Mark[] => {
  const { moments, nodes, detectionMs, detectedBy, takeoverMs, owners, held } = repeat;
  const cut = held?.cutAt[0] ?? null;
  return [
    { at: 0, label: `${title} on ${nodes.join(" and ")}`, tone: "failed" },
    ...(detectionMs === null
      ? []
      : [
          {
            at: detectionMs,
            label: `detected: ${detectedBy ?? "by keepalived or HAProxy"}`,
            tone: "still" as const,
          },
        ]),
    ...(cut === null
      ? []
      : [
          {
            at: cut,
            label: `the first of ${held?.cut} held connections was cut`,
            tone: "failed" as const,
          },
        ]),
    ...(takeoverMs === null
      ? []
      : [
          {
            at: takeoverMs,
            label: during(owners.during),
            tone: "ok" as const,
          },
        ]),
    ...momentMark(moments.undone, "undone", "still"),
    ...momentMark(moments.settled, "the pair is at rest", "ok"),
    ...momentMark(moments.handedBack, `handed back to ${owners.before.join(" and ")}`, "ok"),
  ];
};

const during = (owners: readonly string[]): string => {
  if (owners.length === 0) return "the other node has the virtual address";
  return `${owners.join(" and ")} ${owners.length === 1 ? "has" : "have"} the virtual address`;
};

const momentMark = (at: number | null, label: string, tone: Mark["tone"]): readonly Mark[] =>
  at === null ? [] : [{ at, label, tone }];

/** A lane for each node and address: full where the node had it, hatched where another had it at the same time. */
const ownerLanes = (tracks: readonly OwnershipTrack[], until: number): readonly Lane[] => {
  const several = new Set(tracks.map(({ address }) => address)).size > 1;
  return tracks.map((track) => ({
    kind: "spans",
    name: several ? `${track.node} has ${track.address}` : `${track.node} has the virtual address`,
    spans: splitByOthers(
      track,
      tracks.filter((other) => other.address === track.address && other.node !== track.node),
      until,
    ),
  }));
};

const splitByOthers = (
  track: OwnershipTrack,
  others: readonly OwnershipTrack[],
  until: number,
): readonly Span[] => {
  const cuts = [...track.changes, ...others.flatMap(({ changes }) => changes)].map(({ at }) => at);
  const edges = [...new Set(cuts)].toSorted((a, b) => a - b);
  return edges.flatMap((from, index): readonly Span[] => {
    const to = edges[index + 1] ?? until;
    const own = heldAt(track, from);
    if (own === null && from >= (track.changes[0]?.at ?? from))
      return [{ from, to, label: "not known", look: "state", height: 0.2 }];
    if (own !== true) return [];
    const both = others.some((other) => heldAt(other, from) === true);
    return [
      both
        ? { from, to, label: `${track.node} and another node have it`, look: "both", height: 1 }
        : { from, to, label: `${track.node} has it`, look: "owner", height: 1 },
    ];
  });
};

const heldAt = ({ changes }: OwnershipTrack, at: number): boolean | null =>
  changes.findLast((change) => change.at <= at)?.held ?? null;

/** A lane for each node and instance: its state, from the one that it had before the first fault. */
const vrrpLanes = ({ vrrp, moments }: RepeatResult, { instances }: DrilledPair): readonly Lane[] =>
  instances.flatMap(({ name, members }) =>
    members.map(({ node, state }) => {
      const changes = vrrp.filter(
        (change) => change.node === node && isInstance(change.instance, name, instances.length),
      );
      const states = [{ at: moments.watchedFrom, state }, ...changes];
      return {
        kind: "spans" as const,
        name: instances.length > 1 ? `${node}: VRRP state of ${name}` : `${node}: VRRP state`,
        spans: states.map((one, index) =>
          stateSpan(one.state, one.at, states[index + 1]?.at ?? moments.watchedUntil),
        ),
      };
    }),
  );

/** Nodes may call one virtual router by different names. */
const isInstance = (said: string, name: string, instances: number): boolean =>
  instances === 1 || said === name;

const stateSpan = (state: VrrpStateName, from: number, to: number): Span => {
  const span = { from, to, label: state, text: state };
  switch (state) {
    case "MASTER":
      return { ...span, look: "owner", height: 1 };
    case "BACKUP":
      return { ...span, look: "state", height: 0.5 };
    case "FAULT":
      return { ...span, look: "failed", height: 0.7 };
    case "INIT":
    case "unknown":
      return { ...span, look: "state", height: 0.2 };
  }
};
