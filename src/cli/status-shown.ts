import { allAddresses, type LiveNode } from "../lb/live/node.ts";
import type { LiveState } from "../lb/live/state.ts";
import { momentText } from "../report/html/moment.ts";
import type { ShownNode, ShownStatus } from "../report/html/status-page.ts";
import { ownership, row, type SeenPair } from "./status-text.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

/** A pair as a page shows it. No content of a file is in it, as that may hold passwords. */
export const shownStatus = ({ name, nodes, health }: SeenPair): ShownStatus => {
  const addresses = allAddresses(nodes);
  return {
    name,
    healthy: health.healthy,
    ownership: ownership(health),
    addresses: health.addresses,
    problems: health.problems,
    rows: nodes.map((node) => row(node, addresses)),
    nodes: nodes.flatMap(shownNode),
  };
};

const shownNode = ({ name, seen }: LiveNode): readonly ShownNode[] =>
  seen.kind === "unreachable"
    ? []
    : [
        {
          name,
          instances: instancesOf(seen.state),
          servers: serversOf(seen.state),
          certificates: seen.state.haproxy.certificates.map(({ path, subject, notAfter }) => ({
            path,
            subject,
            notAfter: momentText(notAfter),
            daysLeft: Math.floor((notAfter - seen.state.now) / DAY_MS),
          })),
        },
      ];

const instancesOf = ({ keepalived }: LiveState): ShownNode["instances"] =>
  keepalived.instances.map(({ name, state, basePriority, effectivePriority, lastTransition, counters }) => ({
    name,
    state,
    priority: basePriority,
    effectivePriority,
    since: lastTransition === null ? "unknown" : momentText(lastTransition),
    adverts:
      counters === null
        ? "unknown"
        : [
            `${counters.sent} sent, ${counters.received} received`,
            ...Object.entries(counters.errors)
              .filter(([, count]) => count > 0)
              .map(([what, count]) => `${count} with a wrong ${what}`),
          ].join(", "),
  }));

const serversOf = ({ haproxy: { stats } }: LiveState): ShownNode["servers"] =>
  stats.kind === "silent"
    ? []
    : stats.servers.map(({ backend, name, status, health, weight, check, sessions }) => ({
        name: `${backend}/${name}`,
        status,
        health,
        weight,
        check,
        sessions,
      }));
