import { canonicalAddress } from "../../address.ts";
import type { PairNode } from "../../pair/pair.ts";
import { couples, eachNode, found } from "../each-node.ts";
import type { Example, Finding, Rule } from "../rule.ts";
import { EXAMPLE_VIP } from "./haproxy-listening.ts";

function linked(mtu: number) {
  return { links: [{ name: "eth0", flags: ["BROADCAST", "MULTICAST", "UP", "LOWER_UP"], mtu }] };
}

const packetSizes: Rule = {
  id: "N14",
  severity: "warning",
  title: "The nodes send packets of the same size.",
  why: "Where one node's packets are larger than the network between takes, small answers pass and large ones hang, on one node only.",
  source: "ip-link(8), mtu",
  fix: "Give the interfaces the same MTU.",
  bad: { keepalived: { both: EXAMPLE_VIP }, facts: { lb1: linked(1500), lb2: linked(9000) } },
  good: { keepalived: { both: EXAMPLE_VIP }, facts: { both: linked(1500) } },
  check: (pair) =>
    couples(pair).flatMap(([left, right]) =>
      (left.keepalived?.instances ?? []).flatMap((instance) => {
        const twin = right.keepalived?.instances.find(({ name }) => name === instance.name);
        const [mine, theirs] = [instance.interface?.text, twin?.interface?.text];
        const one = left.facts?.links?.find(({ name }) => name === mine)?.mtu;
        const other = right.facts?.links?.find(({ name }) => name === theirs)?.mtu;
        if (one === undefined || other === undefined || one === other) return [];
        return [
          {
            nodes: [left.name, right.name],
            at: instance.interface?.at ?? null,
            message: `the MTU of ${mine} on ${left.name} is ${one}, that of ${theirs} on ${right.name} ${other}`,
            fix: null,
          },
        ];
      }),
    ),
};

const noName: Rule = {
  id: "N17",
  severity: "warning",
  title: "A node knows its own name.",
  why: "keepalived takes its router_id from it, HAProxy its place among the peers and in its logs: two nodes called localhost are the same to both.",
  source: "HAProxy's management guide, -L; keepalived.conf(5), router_id",
  fix: "hostnamectl set-hostname lb1.",
  bad: { haproxy: { both: "listen app\n    bind :80\n" }, facts: { both: { hostname: "localhost" } } },
  good: {
    haproxy: { both: "listen app\n    bind :80\n" },
    facts: { lb1: { hostname: "lb1" }, lb2: { hostname: "lb2" } },
  },
  check: (pair) => {
    const names = pair.nodes.map(({ facts }) => facts?.hostname ?? null);
    return eachNode(pair, ({ facts }) => {
      const name = facts?.hostname ?? null;
      if (name === null) return [];
      if (/^localhost/.test(name)) return [found(null, `the node calls itself ${name}`)];
      return names.filter((one) => one === name).length > 1
        ? [found(null, `several nodes call themselves ${name}`)]
        : [];
    });
  },
};

const HEARD = { source: "192.0.2.11", dev: "eth0", virtualRouterId: 51, destination: "224.0.0.18" };

/** lb1 holds the address; lb2 hears it or not. */
function hearing(heard: readonly (typeof HEARD)[]): Example {
  return {
    keepalived: { both: EXAMPLE_VIP },
    facts: {
      lb1: {
        addresses: [
          { address: "192.0.2.11", prefix: 24, dev: "eth0", family: "ipv4" },
          { address: "192.0.2.100", prefix: 32, dev: "eth0", family: "ipv4" },
        ],
      },
      lb2: { vrrp: { heard, answers: new Map() } },
    },
  };
}

const unheard: Rule = {
  id: "N02",
  severity: "warning",
  title: "Adverts of the owner arrive at the other node.",
  why: "Switches with IGMP snooping and virtual networks swallow multicast: the other node takes the address too.",
  source: "keepalived.conf(5), unicast_peer; RFC 4541",
  fix: "Use unicast_peer on both nodes, or let the switch pass 224.0.0.18 (protocol 112).",
  bad: hearing([]),
  good: hearing([HEARD]),
  check: (pair) =>
    couples(pair)
      .flatMap(([left, right]) => [[left, right] as const, [right, left] as const])
      .flatMap(([owner, listener]) => missedAdverts(owner, listener)),
};

/** Adverts that come rarer than this may be missed by chance. */
const LONGEST_ADVERT = 1;

const missedAdverts = (owner: PairNode, listener: PairNode): readonly Finding[] => {
  const heard = listener.facts?.vrrp?.heard ?? null;
  if (heard === null) return [];
  const own = new Set(owner.facts?.addresses?.map(({ address }) => canonicalAddress(address)));
  return (owner.keepalived?.instances ?? []).flatMap((instance) => {
    const id = instance.virtualRouterId?.value;
    const twin = listener.keepalived?.instances.find(({ virtualRouterId }) => virtualRouterId?.value === id);
    const [first] = instance.virtualAddresses;
    const owns = first !== undefined && own.has(canonicalAddress(first.address));
    if (id === undefined || twin === undefined || !owns || instance.advertInt.seconds > LONGEST_ADVERT)
      return [];
    const arrives = heard.some(
      ({ source, virtualRouterId }) => virtualRouterId === id && own.has(canonicalAddress(source)),
    );
    if (arrives) return [];
    return [
      {
        nodes: [listener.name, owner.name],
        at: twin.interface?.at ?? twin.at,
        message: `${listener.name} hears no adverts of ${owner.name} for ${twin.name} (virtual_router_id ${id}) on ${twin.interface?.text}`,
        fix: null,
      },
    ];
  });
};

/** The network of the nodes. */
export const network: readonly Rule[] = [unheard, packetSizes, noName];
