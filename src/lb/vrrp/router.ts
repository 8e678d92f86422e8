import { canonicalAddress } from "../address.ts";
import type { VirtualAddress, VrrpInstance } from "../keepalived/config.ts";
import type { Pair } from "../pair/pair.ts";
import { healthyPriority, type Member, memberOf } from "./member.ts";

/** Instances of several nodes that share virtual addresses, in the pair's order: at most one of a node. */
export interface VirtualRouter {
  /** `VI_1`, as the first node that has it calls it. */
  readonly name: string;
  readonly members: readonly [Member, ...Member[]];
}

/** Which instances of the nodes belong together: by a shared virtual address, else by virtual_router_id, else by name. */
export const virtualRouters = (pair: Pair): readonly VirtualRouter[] => {
  const routers: [Member, ...Member[]][] = [];
  for (const node of pair.nodes) {
    const { keepalived: config } = node;
    if (config === null) continue;
    const open = [...routers];
    for (const instance of config.instances) {
      const member = memberOf(node, config, instance);
      const match =
        open.find(matches(instance, sharesAddress)) ??
        open.find(matches(instance, sharesId)) ??
        open.find(matches(instance, sharesName));
      if (match === undefined) routers.push([member]);
      else {
        match.push(member);
        open.splice(open.indexOf(match), 1);
      }
    }
  }
  return routers.map((members) => ({ name: members[0].instance.name, members }));
};

const matches =
  (instance: VrrpInstance, same: (a: VrrpInstance, b: VrrpInstance) => boolean) =>
  (members: readonly Member[]): boolean =>
    members.some((member) => same(member.instance, instance));

const sharesAddress = (a: VrrpInstance, b: VrrpInstance): boolean => {
  const mine = new Set(a.virtualAddresses.map(addressKey));
  return b.virtualAddresses.some((address) => mine.has(addressKey(address)));
};

const sharesId = (a: VrrpInstance, b: VrrpInstance): boolean =>
  a.virtualRouterId !== null &&
  a.virtualRouterId.value === b.virtualRouterId?.value &&
  familyOf(a) === familyOf(b);

const sharesName = (a: VrrpInstance, b: VrrpInstance): boolean =>
  a.name === b.name && familyOf(a) === familyOf(b);

/** An address in one spelling, so that `2001:DB8::0:1` and `2001:db8::1` are one. */
export const addressKey = ({ address }: Pick<VirtualAddress, "address">): string => canonicalAddress(address);

/** The family in which an instance advertises: of its addresses, else of its own source. */
export const familyOf = (instance: VrrpInstance): "ipv4" | "ipv6" =>
  instance.virtualAddresses.find(({ excluded }) => !excluded)?.family ??
  (instance.unicastSourceIp?.text.includes(":") === true ? "ipv6" : "ipv4");

/** The members that may own the addresses, the one that the election prefers first; equal ones in the pair's order. */
export const byPreference = ({ members }: VirtualRouter): readonly Member[] =>
  members.toSorted((a, b) => healthyPriority(b) - healthyPriority(a));
