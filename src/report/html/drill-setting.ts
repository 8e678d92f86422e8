import type { DrilledInstance, DrilledPair, DrillResult } from "../../drill/result.ts";
import { el, type Markup } from "./markup.ts";
import { lengthText, momentText } from "./moment.ts";
import { badge, facts, section, table } from "./parts.ts";

/** The pair as it was before the first fault: nodes, versions, and what VRRP is told. */
export const pairSection = ({ name, virtualAddresses, nodes, instances }: DrilledPair): Markup =>
  section(
    `The pair ${name}`,
    facts([["Virtual addresses", virtualAddresses.join(", ")]]),
    table(
      [
        { name: "Node" },
        { name: "Had" },
        { name: "HAProxy" },
        { name: "keepalived" },
        { name: "System" },
        { name: "Kernel" },
      ],
      nodes.map((node) => [
        node.name,
        node.owns.join(", ") || "nothing",
        node.haproxy ?? "unknown",
        node.keepalived ?? "unknown",
        node.system ?? "unknown",
        node.kernel ?? "unknown",
      ]),
      `Nodes of ${name}`,
    ),
    ...instances.map(instanceTable),
  );

const instanceTable = ({
  name,
  virtualRouterId,
  vrrpVersion,
  addresses,
  members,
}: DrilledInstance): Markup => [
  el(
    "h3",
    { class: "above" },
    `${name}: virtual router ${virtualRouterId ?? "unknown"}, VRRP ${vrrpVersion}, ${addresses.join(", ")}`,
  ),
  table(
    [
      { name: "Node" },
      { name: "State" },
      { name: "Priority" },
      { name: "Adverts every" },
      { name: "Preemption" },
      { name: "Trackers" },
    ],
    members.map((member) => [
      member.node,
      badge(member.state === "MASTER" ? "ok" : member.state === "BACKUP" ? "info" : "failed", member.state),
      priorityText(member.priority, member.effectivePriority),
      lengthText(member.advertMs),
      member.nopreempt
        ? "no"
        : member.preemptDelayMs === 0
          ? "at once"
          : `after ${lengthText(member.preemptDelayMs)}`,
      member.trackers.join(", ") || "none",
    ]),
    `VRRP instance ${name}`,
  ),
];

const priorityText = (configured: number, effective: number | null): string =>
  effective === null || effective === configured ? String(configured) : `${configured}, now ${effective}`;

/** Where, when and how it was measured. */
export const settingSection = ({ environment }: DrillResult): Markup => {
  const { where, from, file, target, everyMs, timeoutMs, heldConnections, repeats } = environment;
  return section(
    "How it was measured",
    facts([
      ["On", where.kind === "lab" ? `the lab ${where.name} of lbplay` : "nodes of the inventory"],
      [
        "A client asked",
        target === ""
          ? null
          : `${target}, on a new connection every ${lengthText(everyMs)}, and gave up after ${lengthText(timeoutMs)}`,
      ],
      ["From", from ?? "the machine that lbplay ran on"],
      ["Connections held", heldConnections],
      ["Repeats", repeats],
      ["Drill file", file ?? "none"],
      ["Began", momentText(Date.parse(environment.startedAt))],
      ["Took", lengthText(environment.durationMs)],
      ["lbplay", environment.lbplay],
    ]),
    el(
      "p",
      { class: "muted small" },
      "Outage: the longest time without an answer while requests failed or were late, from the fault until its undoing; return: the same from the undoing on.",
    ),
  );
};
