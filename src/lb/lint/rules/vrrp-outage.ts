import { findStatement } from "../../keepalived/statements.ts";
import type { Pair } from "../../pair/pair.ts";
import { msText } from "../../vrrp/election.ts";
import { healthyPriority, timersOf } from "../../vrrp/member.ts";
import { predict } from "../../vrrp/predict.ts";
import { byPreference } from "../../vrrp/router.ts";
import type { Finding, Rule } from "../rule.ts";
import { exampleConf } from "./keepalived-example.ts";
import { sharedRouters } from "./keepalived-parts.ts";

const fast = (advert: number, globals: readonly string[] = []) => ({
  lb1: exampleConf({ globals: ["vrrp_version 3", ...globals], lines: [`advert_int ${advert}`] }),
  lb2: exampleConf({
    globals: ["vrrp_version 3", ...globals],
    lines: [`advert_int ${advert}`],
    priority: 253,
  }),
});

/** What a failover or a planned move costs, against what was promised and what the machines can hold. */
export const vrrpOutageRules: readonly Rule[] = [
  {
    id: "X32",
    severity: "warning",
    title: "A planned move of the addresses stays within the pair's max_outage.",
    why: "A run that has to move the addresses would exceed the pair's own budget however well it goes.",
    source: "keepalived's source, vrrp.h of 2.2.7: skew time; measured with keepalived 2.2.7",
    fix: "Use VRRP 3 with shorter adverts and priorities near 254, a drain tracker, or a larger max_outage.",
    bad: {
      keepalived: { lb1: exampleConf({ priority: 101 }), lb2: exampleConf({ priority: 100 }) },
      settings: { maxOutageMs: 200 },
    },
    good: { keepalived: fast(0.2), settings: { maxOutageMs: 200 } },
    check: overBudget,
  },
  {
    id: "X33",
    severity: "warning",
    title: "On virtual machines a master may be silent for half a second before the others take over.",
    why: "Snapshots and migrations stop a machine for longer than that: the addresses move twice although nothing failed.",
    source: "keepalived issue 166; Apache CloudStack change 1486",
    fix: "Use adverts of 0.2 s or more, or set vrrp_rt_priority where the hosts are not shared.",
    bad: { keepalived: fast(0.1) },
    good: { keepalived: fast(0.2) },
    check: (pair) => sharedRouters(pair).flatMap((router) => hasty(router)),
  },
];

/** Who gives the addresses away can choose the cheapest way; only that one is held against the budget. */
function overBudget(pair: Pair): readonly Finding[] {
  const budget = pair.settings.maxOutageMs;
  if (budget === null) return [];
  const rows = predict(pair).filter(({ event }) => event === "stop" || event === "drain");
  return sharedRouters(pair).flatMap((router): readonly Finding[] => {
    const ways = rows.filter(({ instance, outage }) => instance === router.name && outage !== null);
    const costs = ways.map(({ outage }) => outage?.max ?? 0);
    const best = Math.min(...costs);
    const way = ways[costs.indexOf(best)];
    if (way === undefined || best <= budget) return [];
    return [
      {
        nodes: router.members.map(({ node }) => node.name),
        at: router.members[0].instance.at,
        message: `moving ${router.name} on purpose takes up to ${msText(best)} (${way.formula}), more than max_outage of ${msText(budget)}`,
        fix: null,
      },
    ];
  });
}

/** A third of a second and less is what ordinary virtual machines are stopped for. */
const PAUSE_MS = 500;

const hasty = (router: ReturnType<typeof sharedRouters>[number]): readonly Finding[] => {
  const [owner, backup] = byPreference(router);
  if (owner === undefined || backup === undefined) return [];
  const { down } = timersOf(backup, healthyPriority(backup), owner.advertMs);
  const virtual = router.members.filter(
    ({ node, config }) =>
      node.facts?.virtualization?.kind === "vm" && findStatement(config.globals, "vrrp_rt_priority") === null,
  );
  return down >= PAUSE_MS || virtual.length === 0
    ? []
    : [
        {
          nodes: virtual.map(({ node }) => node.name),
          at: backup.instance.advertInt.at ?? backup.instance.at,
          message: `${backup.node.name} takes over ${router.name} after ${msText(down)} without an advert, and ${virtual.map(({ node }) => node.name).join(" and ")} ${virtual.length === 1 ? "is a virtual machine" : "are virtual machines"}`,
          fix: null,
        },
      ];
};
