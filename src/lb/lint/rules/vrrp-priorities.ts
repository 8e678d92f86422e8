import { settingOf } from "../../keepalived/statements.ts";
import type { Pair } from "../../pair/pair.ts";
import { msText } from "../../vrrp/election.ts";
import { healthyPriority, type Member, timersOf } from "../../vrrp/member.ts";
import type { VirtualRouter } from "../../vrrp/router.ts";
import type { Finding, Rule } from "../rule.ts";
import { exampleBlock, exampleConf, exampleScript } from "./keepalived-example.ts";
import { grouped, keepalivedNodes, nodeInstances, onNode, sharedRouters } from "./keepalived-parts.ts";

const script = (weight: number): string =>
  exampleScript([
    'script "/usr/bin/curl -fsS -o /dev/null http://127.0.0.1:8404/healthz"',
    "interval 2",
    "fall 2",
    "rise 2",
    `weight ${weight}`,
  ]);

const tracked = exampleBlock("track_script", ["chk_haproxy"]);

const sound = { lb1: exampleConf(), lb2: exampleConf({ priority: 253 }) };

/** Who should be master while all is well. */
export const vrrpPriorityRules: readonly Rule[] = [
  {
    id: "X20",
    severity: "error",
    title: "The priorities of the nodes differ.",
    why: "With equal priorities the higher IP address decides, and two backups may take over at the same moment.",
    source: "keepalived.conf(5): priority; RFC 5798, section 6.4.3",
    fix: "Give each node its own priority, as 254 and 253.",
    bad: { keepalived: { lb1: exampleConf({ priority: 100 }), lb2: exampleConf({ priority: 100 }) } },
    good: { keepalived: sound },
    check: (pair) => sharedRouters(pair).flatMap(equalPriorities),
  },
  {
    id: "X21",
    severity: "warning",
    title: "At most one node has state MASTER.",
    why: "A node with state MASTER takes the addresses when it starts, before the election takes them away again.",
    source: "keepalived.conf(5): state; measured with keepalived 2.2.7",
    fix: "Write state BACKUP on all nodes and let the priorities decide.",
    bad: {
      keepalived: {
        lb1: exampleConf({ state: "MASTER" }),
        lb2: exampleConf({ state: "MASTER", priority: 253 }),
      },
    },
    good: { keepalived: { ...sound, lb1: exampleConf({ state: "MASTER" }) } },
    check: (pair) => sharedRouters(pair).flatMap(severalMasters),
  },
  {
    id: "X22",
    severity: "warning",
    title: "No node has priority 255.",
    why: "255 says that the address is the node's own: weights of its trackers and nopreempt are ignored.",
    source:
      'measured with keepalived 2.2.7 ("ignoring tracked script … due to address_owner"); RFC 5798, section 4.1',
    fix: "Use 254 for the preferred node.",
    bad: {
      keepalived: { ...sound, lb1: exampleConf({ priority: 255, before: script(-50), lines: tracked }) },
    },
    good: { keepalived: sound },
    check: (pair) =>
      nodeInstances(pair).flatMap(({ node, config, instance }) => {
        if (instance.priority.value !== 255) return [];
        const weighted = instance.trackers.filter(({ weight, kind, name }) => {
          const own = config.trackers.find(
            (tracker) => tracker.kind === kind && tracker.name === name,
          )?.weight;
          return (weight ?? own ?? 0) !== 0;
        });
        const names = weighted.map(({ name }) => name).join(", ");
        return [
          weighted.length === 0
            ? onNode(
                { node },
                instance.priority.at,
                `${instance.name} of ${node.name} has priority 255, as if the addresses were its own`,
              )
            : onNode(
                { node },
                instance.priority.at,
                `${instance.name} of ${node.name} has priority 255: keepalived ignores the weight of ${names}, and the addresses would never move`,
                { severity: "error" },
              ),
        ];
      }),
  },
  {
    id: "X24",
    severity: "warning",
    title: "While all is well the node that should be master has the highest priority, trackers counted.",
    why: "Weights of healthy trackers count too: another node may win although its configured priority is lower.",
    source: "keepalived.conf(5): weight; keepalived's source, vrrp_track.c of 2.2.7",
    fix: "Correct the priorities or the weights, so that the preferred node is ahead while all trackers are well.",
    bad: {
      keepalived: {
        lb1: exampleConf({ state: "MASTER", priority: 101 }),
        lb2: exampleConf({ priority: 100, before: script(20), lines: tracked }),
      },
    },
    good: {
      keepalived: {
        lb1: exampleConf({ state: "MASTER", priority: 101, before: script(20), lines: tracked }),
        lb2: exampleConf({ priority: 100, before: script(20), lines: tracked }),
      },
    },
    check: (pair) => sharedRouters(pair).flatMap((router) => inversion(pair, router)),
  },
  {
    id: "X30",
    severity: "warning",
    title: "Each node has its own router_id.",
    why: "Mails, SNMP and logs name the node by it; two nodes of one name cannot be told apart.",
    source: "keepalived.conf(5): router_id",
    fix: "Set router_id to the node's name, or leave it out: the host name is the default.",
    bad: {
      keepalived: {
        lb1: exampleConf({ globals: ["router_id LVS_DEVEL"] }),
        lb2: exampleConf({ globals: ["router_id LVS_DEVEL"], priority: 253 }),
      },
    },
    good: {
      keepalived: {
        lb1: exampleConf({ globals: ["router_id lb1"] }),
        lb2: exampleConf({ globals: ["router_id lb2"], priority: 253 }),
      },
    },
    check: sameRouterId,
  },
  {
    id: "X31",
    severity: "info",
    title: "With more than two nodes the backups' timers lie apart.",
    why: "Backups whose timers run out together all become master for a moment, and each announces the addresses.",
    source: "keepalived issue 421; keepalived's source, vrrp.h of 2.2.7",
    fix: "Spread the priorities, as 254, 200 and 150.",
    bad: {
      keepalived: {
        lb1: exampleConf({ globals: ["vrrp_version 3"], lines: ["advert_int 0.1"] }),
        lb2: exampleConf({ globals: ["vrrp_version 3"], lines: ["advert_int 0.1"], priority: 100 }),
        lb3: exampleConf({ globals: ["vrrp_version 3"], lines: ["advert_int 0.1"], priority: 99 }),
      },
    },
    good: {
      keepalived: {
        lb1: exampleConf({ globals: ["vrrp_version 3"], lines: ["advert_int 0.1"] }),
        lb2: exampleConf({ globals: ["vrrp_version 3"], lines: ["advert_int 0.1"], priority: 150 }),
        lb3: exampleConf({ globals: ["vrrp_version 3"], lines: ["advert_int 0.1"], priority: 50 }),
      },
    },
    check: (pair) => sharedRouters(pair).flatMap(closeTimers),
  },
];

const equalPriorities = (router: VirtualRouter): readonly Finding[] => {
  const { members, name } = router;
  const groups = grouped(members, ({ instance }) => instance.priority.value);
  return [...groups].flatMap(([priority, equal]): readonly Finding[] => {
    const [, second] = equal;
    if (second === undefined) return [];
    const nodes = equal.map(({ node }) => node.name);
    const calm = equal.every(({ nopreempt }) => nopreempt);
    return [
      {
        nodes,
        at: second.instance.priority.at ?? second.instance.at,
        message: `${nodes.join(" and ")} have priority ${priority} in ${name}: the higher IP address decides who is master`,
        fix: null,
        ...(calm ? { severity: "warning" } : {}),
      },
    ];
  });
};

const severalMasters = ({ members, name }: VirtualRouter): readonly Finding[] => {
  const masters = members.filter(({ instance }) => instance.state === "MASTER");
  const [, second] = masters;
  if (second === undefined) return [];
  const nodes = masters.map(({ node }) => node.name);
  return [
    {
      nodes,
      at: settingOf(second.instance.statements, "state")?.at ?? second.instance.at,
      message: `${nodes.join(" and ")} both start ${name} as MASTER`,
      fix: null,
    },
  ];
};

/** The node that should be master: by the inventory, else the only one with state MASTER. */
const wanted = (pair: Pair, { members }: VirtualRouter): Member | null => {
  const named = members.find(({ node }) => node.name === pair.settings.prefer);
  if (named !== undefined) return named;
  const masters = members.filter(({ instance }) => instance.state === "MASTER");
  return masters.length === 1 ? (masters[0] ?? null) : null;
};

const inversion = (pair: Pair, router: VirtualRouter): readonly Finding[] => {
  const member = wanted(pair, router);
  if (member === null) return [];
  const own = healthyPriority(member);
  const above = router.members.find((other) => !other.nopreempt && healthyPriority(other) > own);
  if (above === undefined) return [];
  const { node, instance } = above;
  return [
    {
      nodes: [member.node.name, node.name],
      at: instance.priority.at ?? instance.at,
      message: `${member.node.name} should be master of ${router.name}, but while all is well it has priority ${own} and ${node.name} has ${healthyPriority(above)}`,
      fix: null,
    },
  ];
};

function sameRouterId(pair: Pair): readonly Finding[] {
  const named = keepalivedNodes(pair).flatMap(({ node, config }) => {
    const word = settingOf(config.globals, "router_id");
    return word === null ? [] : [{ name: node.name, word }];
  });
  return [...grouped(named, ({ word }) => word.text)].flatMap(([id, equal]): readonly Finding[] => {
    const [, second] = equal;
    const nodes = equal.map(({ name }) => name);
    return second === undefined
      ? []
      : [
          {
            nodes,
            at: second.word.at,
            message: `${nodes.join(" and ")} both call themselves ${id}`,
            fix: null,
          },
        ];
  });
}

/** Less than this apart, which of two backups is first is a matter of luck. */
const LEAST_GAP_MS = 0.5;

const closeTimers = ({ members, name }: VirtualRouter): readonly Finding[] => {
  if (members.length < 3) return [];
  const waiting = members
    .map((member) => ({ member, skew: timersOf(member, healthyPriority(member), members[0].advertMs).skew }))
    .toSorted((a, b) => a.skew - b.skew)
    .slice(1);
  return waiting.flatMap(({ member, skew }, index): readonly Finding[] => {
    const before = waiting[index - 1];
    if (before === undefined || skew - before.skew >= LEAST_GAP_MS) return [];
    return [
      {
        nodes: [before.member.node.name, member.node.name],
        at: member.instance.priority.at ?? member.instance.at,
        message: `the timers of ${before.member.node.name} and ${member.node.name} in ${name} run out ${msText(skew - before.skew)} apart (priorities ${healthyPriority(before.member)} and ${healthyPriority(member)})`,
        fix: null,
      },
    ];
  });
};
