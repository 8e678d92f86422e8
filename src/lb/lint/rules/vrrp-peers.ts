import { addressValue, canonicalAddress, inNetwork } from "../../address.ts";
import type { NodeAddress } from "../../pair/facts.ts";
import type { Pair } from "../../pair/pair.ts";
import type { Member } from "../../vrrp/member.ts";
import { addressKey, familyOf, type VirtualRouter } from "../../vrrp/router.ts";
import type { Finding, Rule } from "../rule.ts";
import { exampleBlock, exampleConf } from "./keepalived-example.ts";
import { difference, nodeInstances, onNode, onRouter, sharedRouters } from "./keepalived-parts.ts";

const unicast = (source: string, peer: string): readonly string[] => [
  `unicast_src_ip ${source}`,
  ...exampleBlock("unicast_peer", [peer]),
];

const soundPeers = {
  lb1: exampleConf({ lines: unicast("192.0.2.11", "192.0.2.12") }),
  lb2: exampleConf({ priority: 253, lines: unicast("192.0.2.12", "192.0.2.11") }),
};

/** Whether the nodes can hear each other at all: unicast peers, sources, networks. */
export const vrrpPeerRules: readonly Rule[] = [
  {
    id: "X08",
    severity: "error",
    title: "Each node names the address that every other node sends from as a unicast_peer.",
    why: "A node that is not named gets no adverts and becomes master too; on the standby it shows only at a failover.",
    source: "measured with keepalived 2.2.7; keepalived.conf(5): unicast_peer",
    fix: "List the unicast_src_ip of all other nodes in unicast_peer.",
    bad: {
      keepalived: { ...soundPeers, lb1: exampleConf({ lines: unicast("192.0.2.11", "192.0.2.21") }) },
    },
    good: { keepalived: soundPeers },
    check: (pair) => sharedRouters(pair).flatMap(missingPeers),
  },
  {
    id: "X09",
    severity: "error",
    title: "unicast_src_ip is an address of the node.",
    why: "No advert can be sent from another address, and keepalived's own check does not see it.",
    source: "measured with keepalived 2.2.7: keepalived -t accepts it",
    fix: "Set unicast_src_ip to the node's own address.",
    bad: {
      keepalived: {
        ...soundPeers,
        lb2: exampleConf({ priority: 253, lines: unicast("192.0.2.11", "192.0.2.11") }),
      },
    },
    good: { keepalived: soundPeers },
    check: (pair) => nodeInstances(pair).flatMap(foreignSource),
  },
  {
    id: "X10",
    severity: "error",
    title: "unicast_peer names other nodes only, no address of the node itself and no virtual one.",
    why: "Adverts to itself or to the virtual address never reach the other node.",
    source: "measured with keepalived 2.2.7: keepalived -t accepts it",
    fix: "Take the address out of unicast_peer.",
    bad: {
      keepalived: { ...soundPeers, lb1: exampleConf({ lines: unicast("192.0.2.11", "192.0.2.11") }) },
    },
    good: { keepalived: soundPeers },
    check: (pair) => nodeInstances(pair).flatMap(ownPeers),
  },
  {
    id: "X12",
    severity: "error",
    title: "Nodes that speak multicast are in one network.",
    why: "Adverts go to a link-local group with TTL 255: no router passes them on, so both nodes become master.",
    source: "RFC 5798, section 5.1.1",
    fix: "Put the nodes into one network, or give them unicast_peer and an address that is routed.",
    bad: {
      keepalived: { lb1: exampleConf(), lb2: exampleConf({ priority: 253 }) },
      facts: {
        lb2: { addresses: [{ address: "198.51.100.12", prefix: 24, dev: "eth0", family: "ipv4" }] },
      },
    },
    good: { keepalived: { lb1: exampleConf(), lb2: exampleConf({ priority: 253 }) } },
    check: (pair) => sharedRouters(pair).flatMap(apart),
  },
  {
    id: "X13",
    severity: "error",
    title: "The instances of all nodes are of one address family.",
    why: "IPv4 and IPv6 adverts are different protocols: the nodes do not hear each other and both become master.",
    source: "RFC 5798, section 5; keepalived.conf(5): virtual_ipaddress",
    fix: "Let the virtual addresses of an instance be of the same family on all nodes.",
    bad: {
      keepalived: {
        lb1: exampleConf({ globals: ["vrrp_version 3"] }),
        lb2: exampleConf({
          globals: ["vrrp_version 3"],
          priority: 253,
          addresses: ["2001:db8::100/128"],
          lines: exampleBlock("virtual_ipaddress_excluded", ["192.0.2.100/32"]),
        }),
      },
    },
    good: {
      keepalived: {
        lb1: exampleConf({ globals: ["vrrp_version 3"], addresses: ["2001:db8::100/128"] }),
        lb2: exampleConf({ globals: ["vrrp_version 3"], addresses: ["2001:db8::100/128"], priority: 253 }),
      },
    },
    check: (pair) => sharedRouters(pair).flatMap(mixedFamilies),
  },
];

/** Where a node's adverts come from, as far as files and facts tell: each of these may be it; null: not known. */
const sourcesOf = ({ node, instance }: Member): ReadonlySet<string> | null => {
  if (instance.unicastSourceIp !== null) return new Set([canonicalAddress(instance.unicastSourceIp.text)]);
  const addresses = node.facts?.addresses;
  if (addresses === null || addresses === undefined || instance.interface === null) return null;
  const family = familyOf(instance);
  const own = addresses.filter((entry) => entry.dev === instance.interface?.text && entry.family === family);
  return own.length === 0 ? null : new Set(own.map(({ address }) => canonicalAddress(address)));
};

const missingPeers = ({ members, name }: VirtualRouter): readonly Finding[] =>
  members.flatMap((member) => {
    const { node, instance } = member;
    if (instance.unicastPeers.length === 0) return [];
    const peers = new Set(instance.unicastPeers.map(({ text }) => canonicalAddress(text)));
    if (![...peers].every((peer) => addressValue(peer) !== null)) return [];
    return members.flatMap((other): readonly Finding[] => {
      const sources = other === member ? null : sourcesOf(other);
      if (sources === null || [...sources].some((source) => peers.has(source))) return [];
      const [source] =
        other.instance.unicastSourceIp === null ? [...sources] : [other.instance.unicastSourceIp.text];
      return [
        {
          nodes: [node.name, other.node.name],
          at: instance.unicastPeers[0]?.at ?? instance.at,
          message: `unicast_peer of ${name} on ${node.name} does not name ${other.node.name} (${source}): while ${node.name} is master ${other.node.name} becomes master too`,
          fix: null,
        },
      ];
    });
  });

const foreignSource = ({ node, instance }: ReturnType<typeof nodeInstances>[number]): readonly Finding[] => {
  const source = instance.unicastSourceIp;
  const addresses = node.facts?.addresses;
  if (source === null || addresses === null || addresses === undefined) return [];
  if (addressValue(source.text) === null || holds(addresses, source.text)) return [];
  const own = addresses.filter(
    ({ dev, family }) => dev === instance.interface?.text && family === familyOf(instance),
  );
  const has =
    own.length === 0
      ? ""
      : `; ${instance.interface?.text} has ${own.map(({ address }) => address).join(", ")}`;
  return [onNode({ node }, source.at, `unicast_src_ip ${source.text} is no address of ${node.name}${has}`)];
};

const holds = (addresses: readonly NodeAddress[], wanted: string): boolean =>
  addresses.some(({ address }) => canonicalAddress(address) === canonicalAddress(wanted));

const ownPeers = ({ node, instance }: ReturnType<typeof nodeInstances>[number]): readonly Finding[] => {
  const source = instance.unicastSourceIp?.text;
  const virtual = new Set(instance.virtualAddresses.map(addressKey));
  return instance.unicastPeers.flatMap((peer): readonly Finding[] => {
    const key = canonicalAddress(peer.text);
    if (virtual.has(key)) {
      return [
        onNode(
          { node },
          peer.at,
          `unicast_peer names ${peer.text}, which is a virtual address of ${instance.name} itself`,
        ),
      ];
    }
    const own =
      (source !== undefined && canonicalAddress(source) === key) ||
      holds(node.facts?.addresses ?? [], peer.text);
    return own
      ? [onNode({ node }, peer.at, `unicast_peer names ${peer.text}, which is ${node.name} itself`)]
      : [];
  });
};

const apart = (router: VirtualRouter): readonly Finding[] => {
  const { members, name } = router;
  if (members.some(({ instance }) => instance.unicastPeers.length > 0)) return [];
  const networks = members.map(networksOf);
  const known = networks.every((list) => list !== null && list.length > 0);
  const [first] = networks;
  if (!known || first === null || first === undefined) return [];
  const stranger = members.find(
    (_, index) => !(networks[index] ?? []).some((mine) => first.some((other) => overlap(mine, other))),
  );
  if (stranger === undefined) return [];
  const shown = members.map(
    ({ node }, index) => `${node.name} ${(networks[index] ?? []).map(networkText).join(", ")}`,
  );
  return [
    {
      nodes: members.map(({ node }) => node.name),
      at: stranger.instance.interface?.at ?? stranger.instance.at,
      message: `${name} speaks multicast, but its nodes are in different networks (${shown.join("; ")}): each would be master of its own`,
      fix: null,
    },
  ];
};

/** The networks of an instance's interface in its family, virtual and host addresses left out; null: not known. */
const networksOf = ({ node, instance }: Member): readonly NodeAddress[] | null => {
  const addresses = node.facts?.addresses;
  if (addresses === null || addresses === undefined) return null;
  // All IPv6 interfaces share the link-local network, which tells nothing.
  return addresses.filter(
    ({ dev, family, prefix, address }) =>
      dev === instance.interface?.text &&
      family === familyOf(instance) &&
      prefix < (family === "ipv4" ? 32 : 128) &&
      !/^fe80:/i.test(address),
  );
};

const overlap = (a: NodeAddress, b: NodeAddress): boolean =>
  inNetwork(a.address, b.address, Math.min(a.prefix, b.prefix));

const networkText = ({ address, prefix }: NodeAddress): string => `${address}/${prefix}`;

const mixedFamilies = (router: VirtualRouter): readonly Finding[] => {
  const family = ({ instance }: Member): string => (familyOf(instance) === "ipv4" ? "IPv4" : "IPv6");
  const values = difference(router, family);
  return values === null
    ? []
    : [
        onRouter(
          router,
          ({ instance }) => instance.virtualAddresses[0]?.at ?? null,
          `the nodes advertise ${router.name} in different address families (${values}): all would be master at once`,
          family,
        ),
      ];
};

/** All nodes of a router that hold an address now, for rules that look at the live network. */
export const holdersOf = (pair: Pair, address: string): readonly string[] =>
  pair.nodes.filter(({ facts }) => holds(facts?.addresses ?? [], address)).map(({ name }) => name);
