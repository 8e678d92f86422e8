import { allAddresses, heldBy, type LiveNode, stateOf } from "../lb/live/node.ts";
import type { Pair } from "../lb/pair/pair.ts";
import { virtualRouters } from "../lb/vrrp/router.ts";
import type { NodeMeans } from "./fitness.ts";
import type { DrilledInstance, DrilledPair } from "./result.ts";

/** What a report says of the pair itself: versions, identities, timers, trackers, owners. */
export const drilledPair = (
  nodes: readonly LiveNode[],
  pair: Pair,
  means: ReadonlyMap<string, NodeMeans>,
): DrilledPair => {
  const addresses = allAddresses(nodes);
  return {
    name: pair.name,
    virtualAddresses: addresses,
    nodes: nodes.map((node) => {
      const state = stateOf(node);
      const stats = state?.haproxy.stats;
      return {
        name: node.name,
        owns: heldBy(node, addresses),
        haproxy: stats?.kind === "told" ? stats.version : (state?.haproxy.diskVersion ?? null),
        keepalived: state?.keepalived.version ?? null,
        system: means.get(node.name)?.system ?? null,
        kernel: means.get(node.name)?.kernel ?? null,
      };
    }),
    instances: virtualRouters(pair).map(({ name, members }): DrilledInstance => {
      const [{ instance: first }] = members;
      return {
        name,
        virtualRouterId: first.virtualRouterId?.value ?? null,
        vrrpVersion: first.version,
        addresses: first.virtualAddresses.map(({ address }) => address),
        members: members.map(({ node, instance, advertMs, nopreempt, preemptDelayMs, trackers }) => {
          const seen = nodes.find((one) => one.name === node.name);
          const live = (seen === undefined ? null : stateOf(seen))?.keepalived.instances.find(
            (one) => one.name === instance.name,
          );
          return {
            node: node.name,
            state: live?.state ?? "unknown",
            priority: instance.priority.value,
            effectivePriority: live?.effectivePriority ?? null,
            advertMs,
            nopreempt,
            preemptDelayMs,
            trackers: trackers.map(
              ({ use, name: tracker, weight }) => `${use.kind} ${tracker} weight ${weight}`,
            ),
          };
        }),
      };
    }),
  };
};
