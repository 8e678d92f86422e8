import type { Pair } from "../../pair/pair.ts";
import { looksAtFile } from "../../vrrp/command.ts";
import type { Refusal } from "../../vrrp/election.ts";
import { type Consequence, consequence, harmful, healthTrackers } from "../../vrrp/events.ts";
import { type Member, standing } from "../../vrrp/member.ts";
import { byPreference, type VirtualRouter } from "../../vrrp/router.ts";
import type { ResolvedTracker } from "../../vrrp/trackers.ts";
import type { Finding, Rule } from "../rule.ts";
import { exampleBlock, exampleConf, exampleScript } from "./keepalived-example.ts";
import { sharedRouters } from "./keepalived-parts.ts";

const script = (weight: number | null): string =>
  exampleScript([
    'script "/usr/bin/curl -fsS -o /dev/null http://127.0.0.1:8404/healthz"',
    "interval 2",
    "fall 2",
    "rise 2",
    ...(weight === null ? [] : [`weight ${weight}`]),
  ]);

const tracking = (weight: number | null, priority: number, lines: readonly string[] = []): string =>
  exampleConf({
    priority,
    before: script(weight),
    lines: [...lines, ...exampleBlock("track_script", ["chk_haproxy"])],
  });

/** Whether a failure that a tracker sees really moves the addresses. */
export const vrrpFailoverRules: readonly Rule[] = [
  {
    id: "X23",
    severity: "error",
    title: "A failed tracker takes the owner's priority below the standby's.",
    why: "As long as the owner's priority is not lower the standby accepts its adverts: the address stays where nothing answers.",
    source:
      "measured with keepalived 2.2.7: 101 and 50 with weight 2 never failed over; vrrp_state_backup in vrrp.c",
    fix: "Make the weight greater than the gap between the priorities, bring the priorities together, or use weight 0.",
    bad: { keepalived: { lb1: tracking(2, 101), lb2: tracking(2, 50) } },
    good: { keepalived: { lb1: tracking(-60, 101), lb2: tracking(-60, 50) } },
    check: (pair) => failures(pair).flatMap(neverByPriority),
  },
  {
    id: "X25",
    severity: "error",
    title: "With nopreempt all trackers have weight 0.",
    why: "A backup with nopreempt accepts any advert: it never takes over from an owner whose priority has only fallen.",
    source: "measured with keepalived 2.2.7; vrrp_state_backup in vrrp.c",
    fix: "Give the tracker weight 0, so that its failure is a FAULT, or take nopreempt out.",
    bad: { keepalived: { lb1: tracking(-50, 101, ["nopreempt"]), lb2: tracking(-50, 100, ["nopreempt"]) } },
    good: { keepalived: { lb1: tracking(0, 101, ["nopreempt"]), lb2: tracking(0, 100, ["nopreempt"]) } },
    check: (pair) => failures(pair).flatMap(neverByNopreempt),
  },
  {
    id: "X26",
    severity: "error",
    title: "With preempt_delay all trackers have weight 0.",
    why: "A backup counts preempt_delay from the first lower advert, so it is added to each failover by weight.",
    source: "measured with keepalived 2.2.7: preempt_delay 5 made a failover of 0.32 s one of 5.32 s",
    fix: "Give the tracker weight 0, or damp the way back by a large rise instead of preempt_delay.",
    bad: {
      keepalived: {
        lb1: tracking(-50, 101, ["preempt_delay 60"]),
        lb2: tracking(-50, 100, ["preempt_delay 60"]),
      },
    },
    good: {
      keepalived: {
        lb1: tracking(0, 101, ["preempt_delay 60"]),
        lb2: tracking(0, 100, ["preempt_delay 60"]),
      },
    },
    check: (pair) => failures(pair).flatMap(delayed),
  },
  {
    id: "X27",
    severity: "warning",
    title: "nopreempt and preempt_delay are the same on all nodes, and their state is BACKUP.",
    why: "With state MASTER keepalived clears both; with only one node that has them failover and failback differ by direction.",
    source: 'measured with keepalived 2.2.7 ("nopreempt will not work with initial state MASTER - clearing")',
    fix: "Write state BACKUP and the same nopreempt or preempt_delay on all nodes.",
    bad: {
      keepalived: {
        lb1: exampleConf({ state: "MASTER", lines: ["nopreempt"] }),
        lb2: exampleConf({ priority: 253, lines: ["nopreempt"] }),
      },
    },
    good: {
      keepalived: {
        lb1: exampleConf({ lines: ["nopreempt"] }),
        lb2: exampleConf({ priority: 253, lines: ["nopreempt"] }),
      },
    },
    check: (pair) => sharedRouters(pair).flatMap(preemptFindings),
  },
  {
    id: "X28",
    severity: "warning",
    title: "All nodes have the same trackers with the same weights.",
    why: "What only one node watches moves the addresses in one direction and not back.",
    source: "keepalived.conf(5): track_script, track_file, track_process",
    fix: "Define and use the same trackers on all nodes.",
    bad: { keepalived: { lb1: tracking(0, 254), lb2: exampleConf({ priority: 253 }) } },
    good: { keepalived: { lb1: tracking(0, 254), lb2: tracking(0, 253) } },
    check: (pair) => sharedRouters(pair).flatMap(unequalTrackers),
  },
  {
    id: "X29",
    severity: "warning",
    title: "What puts all nodes into FAULT is not decided by one failed look.",
    why: "One script that fails everywhere, as after a bad deploy, puts all nodes into FAULT: nobody has the address.",
    source: "measured with keepalived 2.2.7: both nodes in FAULT, no owner until an operator acted",
    fix: "Give the script fall 2 or more, or a negative weight that is greater than the gap between the priorities.",
    bad: { keepalived: { lb1: shaky(254), lb2: shaky(253) } },
    good: { keepalived: { lb1: tracking(0, 254), lb2: tracking(0, 253) } },
    check: (pair) => sharedRouters(pair).flatMap(sharedFate),
  },
];

function shaky(priority: number): string {
  return exampleConf({
    priority,
    before: exampleScript([
      'script "/usr/bin/curl -fsS http://127.0.0.1:8404/healthz"',
      "interval 2",
      "weight 0",
    ]),
    lines: exampleBlock("track_script", ["chk_haproxy"]),
  });
}

/** A tracker of a possible owner fails while all else is well, and what comes of it. */
interface Failure {
  readonly router: VirtualRouter;
  readonly owner: Member;
  readonly tracker: ResolvedTracker;
  readonly result: Consequence;
  /** What its failure leaves of the owner's priority; null: FAULT. */
  readonly priority: number | null;
}

/**
 * Each tracker of each node that may own the addresses for long: the one that the election prefers, and where it does
 * not take them back any other. A tracker that only helps others to tell of haproxy's end is not asked alone.
 */
const failures = (pair: Pair): readonly Failure[] =>
  sharedRouters(pair).flatMap((router) => {
    const [preferred, ...others] = byPreference(router);
    if (preferred === undefined) return [];
    const owners = preferred.nopreempt ? [preferred, ...others] : [preferred];
    return owners.flatMap((owner) =>
      owner.trackers.filter(harmful).map((tracker): Failure => {
        const after = standing(owner, new Set([tracker.key]));
        return {
          router,
          owner,
          tracker,
          result: consequence(router, owner, { kind: "tracker", tracker }),
          priority: after.kind === "fault" ? null : after.priority,
        };
      }),
    );
  });

const refusals = ({ result }: Failure): readonly Refusal[] =>
  result.kind === "stays" && result.election?.kind === "stays" ? result.election.because : [];

const neverByPriority = (failure: Failure): readonly Finding[] => {
  const because = refusals(failure);
  const nearest = because.find(({ reason }) => reason === "priority");
  if (nearest === undefined || because.some(({ reason }) => reason === "nopreempt")) return [];
  const { router, owner, tracker, priority } = failure;
  const relation = priority === nearest.priority ? "as high as" : "still above";
  return [
    {
      ...whereOf(failure, nearest.member),
      message: `${tracker.name} failing on ${owner.node.name} leaves it at ${priority}, ${relation} ${nearest.member.node.name}'s ${nearest.priority}: the addresses of ${router.name} would never move`,
      ...mildIfMinor(failure),
    },
  ];
};

const neverByNopreempt = (failure: Failure): readonly Finding[] => {
  const refusal = refusals(failure).find(({ reason }) => reason === "nopreempt");
  if (refusal === undefined) return [];
  const { router, owner, tracker, priority } = failure;
  return [
    {
      ...whereOf(failure, refusal.member),
      message: `${tracker.name} failing on ${owner.node.name} lowers it to ${priority}, but ${refusal.member.node.name} (${refusal.priority}) has nopreempt: the addresses of ${router.name} would never move`,
      ...mildIfMinor(failure),
    },
  ];
};

const delayed = (failure: Failure): readonly Finding[] => {
  const { router, owner, tracker, result, priority } = failure;
  if (priority === null || result.kind !== "moves" || result.to.preemptDelayMs === 0) return [];
  return [
    {
      ...whereOf(failure, result.to),
      message: `${tracker.name} failing on ${owner.node.name} moves ${router.name} only after preempt_delay of ${result.to.node.name}: ${seconds(result.after.min)} to ${seconds(result.after.max)} s`,
      ...(healthTrackers(owner).includes(tracker) ? {} : { severity: "warning" }),
    },
  ];
};

const seconds = (ms: number): string => String(Number((ms / 1000).toFixed(1)));

const whereOf = ({ owner, tracker }: Failure, other: Member): Pick<Finding, "nodes" | "at" | "fix"> => ({
  nodes: [owner.node.name, other.node.name],
  at: tracker.use.at,
  fix: null,
});

/** haproxy's end must move the addresses; another weight may be meant to count only together with others. */
const mildIfMinor = ({ router, owner, tracker }: Failure): Pick<Finding, "severity"> => {
  const vital = healthTrackers(owner).includes(tracker);
  const end = consequence(router, owner, { kind: "haproxy", everywhere: false });
  return vital && end.kind !== "moves" ? {} : { severity: "warning" };
};

const preemptFindings = (router: VirtualRouter): readonly Finding[] => {
  const { members, name } = router;
  const cleared = members.flatMap(({ node, instance }): readonly Finding[] => {
    const word = instance.nopreempt ? "nopreempt" : instance.preemptDelay > 0 ? "preempt_delay" : null;
    return word === null || instance.state !== "MASTER"
      ? []
      : [
          {
            nodes: [node.name],
            at: instance.at,
            message: `${name} of ${node.name} has state MASTER, so keepalived clears its ${word}`,
            fix: null,
            severity: "error",
          },
        ];
  });
  if (cleared.length > 0) return cleared;
  const modes = members.map(({ instance }) =>
    instance.nopreempt
      ? "nopreempt"
      : instance.preemptDelay > 0
        ? `preempt_delay ${instance.preemptDelay}`
        : "neither",
  );
  if (new Set(modes).size < 2) return [];
  return [
    {
      nodes: members.map(({ node }) => node.name),
      at:
        members.find(({ instance }) => instance.nopreempt || instance.preemptDelay > 0)?.instance.at ?? null,
      message: `${name} is taken back otherwise on each node (${members.map(({ node }, index) => `${node.name} ${modes[index]}`).join(", ")})`,
      fix: null,
    },
  ];
};

/** Names may differ for the same thing (`eth0` and `ens160`, paths of programs): what is compared is kind and weight. */
const unequalTrackers = ({ members, name }: VirtualRouter): readonly Finding[] => {
  const trackersOf = ({ trackers }: Member): readonly ResolvedTracker[] =>
    trackers.filter(({ use }) => use.kind !== "interface" && use.kind !== "bfd");
  const label = ({ use, weight }: ResolvedTracker): string => `${use.kind} ${use.name} weight ${weight}`;
  const all = [...new Set(members.flatMap((member) => trackersOf(member).map(label)))];
  const lacking = members.flatMap((member) => {
    const own = new Set(trackersOf(member).map(label));
    const lacks = all.filter((entry) => !own.has(entry));
    return lacks.length === 0 ? [] : [{ member, lacks }];
  });
  const [first] = lacking;
  if (first === undefined) return [];
  const shown = lacking.map(({ member, lacks }) => `${member.node.name} lacks ${lacks.join(", ")}`);
  return [
    {
      nodes: members.map(({ node }) => node.name),
      at: first.member.instance.at,
      message: `the trackers of ${name} differ: ${shown.join("; ")}`,
      fix: null,
    },
  ];
};

const sharedFate = ({ members, name }: VirtualRouter): readonly Finding[] => {
  const hasty = members.map(({ trackers }) =>
    trackers.filter(
      ({ use, weight, definition, detection }) =>
        use.kind === "script" &&
        weight === 0 &&
        definition !== null &&
        !looksAtFile(definition.target) &&
        detection.span.min === 0,
    ),
  );
  const [first] = hasty;
  const shared = first?.find((tracker) => hasty.every((own) => own.some(({ key }) => key === tracker.key)));
  if (shared === undefined) return [];
  return [
    {
      nodes: members.map(({ node }) => node.name),
      at: shared.definition?.at ?? shared.use.at,
      message: `${shared.name} puts a node into FAULT by its first failure: where it fails on all nodes nobody has the addresses of ${name}`,
      fix: null,
    },
  ];
};
