import { addressValue, canonicalAddress, inNetwork } from "../../address.ts";
import type { VirtualAddress } from "../../keepalived/config.ts";
import { findStatements, settingOf } from "../../keepalived/statements.ts";
import type { NodeAddress } from "../../pair/facts.ts";
import type { Pair } from "../../pair/pair.ts";
import { addressKey, familyOf } from "../../vrrp/router.ts";
import type { Finding, Rule } from "../rule.ts";
import { exampleBlock, exampleConf } from "./keepalived-example.ts";
import {
  advertised,
  eachInstance,
  eachKeepalived,
  grouped,
  type KeepalivedNode,
  type NodeInstance,
  nodeInstances,
  onNode,
} from "./keepalived-parts.ts";

const withAddress = (address: string) => ({ keepalived: { lb1: exampleConf({ addresses: [address] }) } });

/** Virtual addresses that take a node off the network, or that nobody would reach. */
export const keepalivedAddressRules: readonly Rule[] = [
  {
    id: "K04",
    severity: "warning",
    title: "A virtual address is on the interface whose network it belongs to.",
    why: "Interfaces are named otherwise on each machine: on the wrong one the address is announced where nobody needs it.",
    source: "measured with keepalived 2.2.7: keepalived -t accepts it",
    fix: "Name the interface that has the node's address in the same network.",
    bad: {
      ...withAddress("192.0.2.100/32"),
      facts: {
        lb1: {
          addresses: [
            { address: "198.51.100.11", prefix: 24, dev: "eth0", family: "ipv4" },
            { address: "192.0.2.11", prefix: 24, dev: "eth1", family: "ipv4" },
          ],
        },
      },
    },
    good: withAddress("192.0.2.100/32"),
    check: (pair) => eachInstance(pair, misplaced),
  },
  {
    id: "K05",
    severity: "error",
    title: "No virtual address is a node's own address.",
    why: "keepalived removes it when it starts, and the node loses its address; keepalived -t says nothing.",
    source: "measured with keepalived 2.2.7",
    fix: "Choose a virtual address that no machine has of its own.",
    bad: withAddress("192.0.2.11/24"),
    good: withAddress("192.0.2.100/32"),
    check: ownAddresses,
  },
  {
    id: "K06",
    severity: "error",
    title: "A virtual address lies in a network that its node is connected to.",
    why: "Announcements for it reach nobody who would send packets to it, unless a router has a route to the node.",
    source: "measured with keepalived 2.2.7: keepalived -t accepts it",
    fix: "Choose an address of the nodes' network, or route it to them.",
    bad: withAddress("203.0.113.100/32"),
    good: withAddress("192.0.2.100/32"),
    check: (pair) => eachInstance(pair, unreachable),
  },
  {
    id: "K07",
    severity: "warning",
    title: "A virtual address with the prefix of the node's own needs promote_secondaries.",
    why: "Where it became the first address of its network, its removal takes the node's own address away with it.",
    source: "ip-sysctl documentation of Linux: promote_secondaries; measured with keepalived 2.2.7",
    fix: "Write the address with /32 (IPv6 /128), or set net.ipv4.conf.all.promote_secondaries to 1.",
    bad: {
      ...withAddress("192.0.2.100/24"),
      facts: {
        lb1: {
          sysctl: new Map([
            ["net.ipv4.conf.all.promote_secondaries", "0"],
            ["net.ipv4.conf.eth0.promote_secondaries", "0"],
          ]),
        },
      },
    },
    good: withAddress("192.0.2.100/32"),
    check: (pair) => eachInstance(pair, secondaries),
  },
  {
    id: "K08",
    severity: "error",
    title: "A virtual address is no network, broadcast or invalid address.",
    why: "Nobody can connect to it, or keepalived skips it.",
    source: 'RFC 1122, section 3.2.1.3; measured with keepalived 2.2.7 ("parsed invalid IP … skipping")',
    fix: "Choose an address of a host.",
    bad: withAddress("192.0.2.255/24"),
    good: withAddress("192.0.2.100/24"),
    check: (pair) => eachInstance(pair, unusable),
  },
  {
    id: "K09",
    severity: "error",
    title: "A virtual address belongs to one instance only, once.",
    why: "Each instance adds and removes it for itself: it disappears when the one yields although the other is master.",
    source: "measured with keepalived 2.2.7: keepalived -t accepts it",
    fix: "Take the address out of one of them.",
    bad: {
      keepalived: { lb1: exampleConf({ before: exampleConf({ name: "VI_2", virtualRouterId: 78 }) }) },
    },
    good: {
      keepalived: {
        lb1: exampleConf({
          before: exampleConf({ name: "VI_2", virtualRouterId: 78, addresses: ["192.0.2.101/32"] }),
        }),
      },
    },
    check: (pair) => eachKeepalived(pair, repeated),
  },
  {
    id: "K11",
    severity: "warning",
    title: "The adverts of an instance carry one address family, and no more than 20 addresses.",
    why: "keepalived ignores an address of the other family, and what does not fit into an advert is not advertised.",
    source:
      'measured with keepalived 2.2.7 ("address family must match VRRP instance … ignoring"); keepalived.conf(5): virtual_ipaddress_excluded',
    fix: "Put the others into virtual_ipaddress_excluded, or into an instance of their own.",
    bad: {
      keepalived: { lb1: exampleConf({ addresses: ["192.0.2.100/32", "2001:db8::100/128"] }) },
    },
    good: {
      keepalived: {
        lb1: exampleConf({ lines: exampleBlock("virtual_ipaddress_excluded", ["2001:db8::100/128"]) }),
      },
    },
    check: (pair) => eachInstance(pair, advertSize),
  },
];

/** A virtual address that is in no network of the interface that it is put on. */
interface Stray {
  readonly virtual: VirtualAddress;
  /** The interface that it is put on, and its networks of that family. */
  readonly dev: string;
  readonly networks: readonly NodeAddress[];
  /** Those of all interfaces. */
  readonly known: readonly NodeAddress[];
  /** The interface that would fit; null: none does. */
  readonly fitting: string | null;
  /** Another address of the instance is in place: routers may send this one there. */
  readonly routable: boolean;
}

const strays = ({ node, instance }: NodeInstance): readonly Stray[] => {
  const addresses = node.facts?.addresses;
  const own = instance.interface?.text;
  const routed = findStatements(instance.statements, "virtual_routes").length > 0;
  if (addresses === null || addresses === undefined || own === undefined || routed) return [];
  const virtual = new Set(instance.virtualAddresses.map(addressKey));
  const hosts = addresses.filter(
    (entry) => entry.prefix < widthOf(entry) && !virtual.has(addressKey(entry)) && entry.dev !== "lo",
  );
  const around = ({ address }: VirtualAddress): readonly NodeAddress[] =>
    hosts.filter((host) => inNetwork(address, host.address, host.prefix));
  const inPlace = instance.virtualAddresses.filter((entry) =>
    around(entry).some(({ dev }) => dev === (entry.dev ?? own)),
  );
  return instance.virtualAddresses.flatMap((entry): readonly Stray[] => {
    const dev = entry.dev ?? own;
    const known = hosts.filter(({ family }) => family === entry.family);
    const networks = known.filter((host) => host.dev === dev);
    // An interface that has virtual addresses only is there for them.
    const reserved = entry.dev !== null && entry.dev !== own && networks.length === 0;
    if (inPlace.includes(entry) || isLinkLocal(entry) || known.length === 0 || reserved) return [];
    const fitting = around(entry)[0]?.dev ?? null;
    return [{ virtual: entry, dev, networks, known, fitting, routable: inPlace.length > 0 }];
  });
};

const misplaced = (entry: NodeInstance): readonly Finding[] =>
  strays(entry).flatMap(({ virtual, dev, networks, fitting }) => {
    if (fitting === null) return [];
    const { name } = entry.node;
    const has =
      networks.length === 0 ? "has none of this family" : `is in ${networks.map(networkText).join(", ")}`;
    return [
      onNode(
        entry,
        virtual.at,
        `${virtual.address} is put on ${dev} of ${name}, which ${has}; its network is on ${fitting}`,
        { fix: `Write ${fitting} in the file of ${name}.` },
      ),
    ];
  });

const unreachable = (entry: NodeInstance): readonly Finding[] =>
  strays(entry).flatMap(({ virtual, known, fitting, routable }) =>
    fitting === null
      ? [
          onNode(
            entry,
            virtual.at,
            `no network of ${entry.node.name} contains ${virtual.address} (${known.map(networkText).join(", ")})`,
            routable ? { severity: "warning" } : {},
          ),
        ]
      : [],
  );

const widthOf = ({ family }: Pick<NodeAddress, "family">): number => (family === "ipv4" ? 32 : 128);

const isLinkLocal = ({ address }: VirtualAddress): boolean => /^(fe80:|169\.254\.)/i.test(address);

const networkText = ({ address, prefix, dev }: NodeAddress): string => `${dev} ${address}/${prefix}`;

/** A virtual address that a node speaks from is its own. */
function ownAddresses(pair: Pair): readonly Finding[] {
  const owners = new Map<string, string>();
  for (const { node, instance } of nodeInstances(pair)) {
    for (const word of [instance.unicastSourceIp, settingOf(instance.statements, "mcast_src_ip")]) {
      if (word !== null) owners.set(canonicalAddress(word.text), node.name);
    }
  }
  // An instance speaks from an address of its interface: where that has only one, it is the node's.
  for (const { node, instance } of nodeInstances(pair)) {
    if (instance.unicastSourceIp !== null) continue;
    const own = (node.facts?.addresses ?? []).filter(
      ({ dev, family, address }) =>
        dev === instance.interface?.text && family === familyOf(instance) && !/^fe80:/i.test(address),
    );
    const [only] = own;
    if (only !== undefined && own.length === 1) owners.set(addressKey(only), node.name);
  }
  return eachInstance(pair, ({ node, instance }) =>
    instance.virtualAddresses.flatMap((virtual) => {
      const owner = owners.get(addressKey(virtual));
      return owner === undefined
        ? []
        : [
            onNode(
              { node },
              virtual.at,
              `${virtual.address} of ${instance.name} is the own address of ${owner}: keepalived would remove it there`,
            ),
          ];
    }),
  );
}

const secondaries = ({ node, instance }: NodeInstance): readonly Finding[] => {
  const { addresses, sysctl } = node.facts ?? {};
  if (addresses == null || sysctl == null) return [];
  return instance.virtualAddresses.flatMap((virtual) => {
    const dev = virtual.dev ?? instance.interface?.text;
    const host = addresses.find(
      (own) =>
        own.dev === dev &&
        own.prefix === virtual.prefix &&
        own.prefix < 32 &&
        inNetwork(virtual.address, own.address, own.prefix) &&
        addressKey(own) !== addressKey(virtual),
    );
    const off = ["all", dev].every(
      (scope) => sysctl.get(`net.ipv4.conf.${scope}.promote_secondaries`) === "0",
    );
    return virtual.family !== "ipv4" || host === undefined || !off
      ? []
      : [
          onNode(
            { node },
            virtual.at,
            `${virtual.address}/${virtual.prefix} has the prefix of ${host.address} on ${dev}, and promote_secondaries is 0`,
          ),
        ];
  });
};

const unusable = ({ node, instance }: NodeInstance): readonly Finding[] => {
  const addresses = node.facts?.addresses ?? [];
  return instance.virtualAddresses.flatMap((virtual) => {
    const { address, at, family, prefix } = virtual;
    if (address.includes("$")) return [];
    if (addressValue(address) === null) {
      return [onNode({ node }, at, `${address} of ${instance.name} is no IP address: keepalived skips it`)];
    }
    if (prefix !== null && prefix > widthOf(virtual)) {
      return [onNode({ node }, at, `the prefix of ${address}/${prefix} is longer than ${widthOf(virtual)}`)];
    }
    if (family !== "ipv4") return [];
    const prefixes = [
      ...(prefix === null ? [] : [prefix]),
      ...addresses
        .filter((own) => own.family === "ipv4" && inNetwork(address, own.address, own.prefix))
        .map((own) => own.prefix),
    ];
    const kind = prefixes.flatMap((bits) => edgeOf(address, bits))[0];
    return kind === undefined
      ? []
      : [onNode({ node }, at, `${address} is the ${kind} address of its network`)];
  });
};

/** Whether an IPv4 address is the first or last of a network that has such. */
const edgeOf = (address: string, prefix: number): readonly ("network" | "broadcast")[] => {
  const value = addressValue(address)?.value;
  if (value === undefined || prefix > 30) return [];
  const hosts = (1n << BigInt(32 - prefix)) - 1n;
  const host = value & hosts;
  return host === 0n ? ["network"] : host === hosts ? ["broadcast"] : [];
};

const repeated = ({ node, config }: KeepalivedNode): readonly Finding[] => {
  const all = config.instances.flatMap((instance) =>
    instance.virtualAddresses.map((virtual) => ({ instance, virtual })),
  );
  return [...grouped(all, ({ virtual }) => addressKey(virtual)).values()].flatMap((equal) => {
    const [first, second] = equal;
    if (first === undefined || second === undefined) return [];
    const same = first.instance === second.instance;
    const where = same
      ? `twice in ${first.instance.name}`
      : `in ${first.instance.name} and in ${second.instance.name}`;
    return [onNode({ node }, second.virtual.at, `${first.virtual.address} is ${where}`)];
  });
};

const MOST_ADDRESSES = 20;

const advertSize = ({ node, instance }: NodeInstance): readonly Finding[] => {
  const family = familyOf(instance);
  const [first, ...others] = advertised(instance);
  const foreign = others.filter((virtual) => virtual.family !== family);
  const [stranger] = foreign;
  if (stranger !== undefined) {
    const names = foreign.map(({ address }) => address).join(", ");
    return [
      onNode(
        { node },
        stranger.at,
        `${instance.name} begins with ${first?.address}, so keepalived ignores ${names}`,
        { severity: "error" },
      ),
    ];
  }
  const count = others.length + 1;
  return count > MOST_ADDRESSES
    ? [
        onNode(
          { node },
          first?.at ?? instance.at,
          `${instance.name} advertises ${count} addresses, more than ${MOST_ADDRESSES}`,
        ),
      ]
    : [];
};
