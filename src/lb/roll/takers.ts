import type { Pair } from "../pair/pair.ts";
import { healthyPriority } from "../vrrp/member.ts";
import { addressKey, byPreference, virtualRouters } from "../vrrp/router.ts";

/**
 * Nodes that will take virtual addresses from their owner by themselves: they have a higher priority by their
 * keepalived.conf, and preempt. `holders`: nodes to the virtual addresses that they have.
 */
export const takersOf = (
  pair: Pick<Pair, "name" | "nodes" | "settings">,
  holders: ReadonlyMap<string, readonly string[]>,
): readonly string[] => {
  const takers = virtualRouters(pair).flatMap((router) => {
    const [first] = byPreference(router);
    if (first === undefined || first.nopreempt) return [];
    const addresses = new Set(
      router.members.flatMap(({ instance }) => instance.virtualAddresses.map(addressKey)),
    );
    const owners = router.members.filter(({ node }) =>
      (holders.get(node.name) ?? []).some((address) => addresses.has(addressKey({ address }))),
    );
    const outranks = owners.some(
      (owner) => owner !== first && healthyPriority(first) > healthyPriority(owner),
    );
    return outranks && !owners.includes(first) ? [first.node.name] : [];
  });
  return [...new Set(takers)];
};
