import { couples, eachNode, found } from "../each-node.ts";
import type { Rule } from "../rule.ts";
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

/** The network of the nodes. */
export const network: readonly Rule[] = [packetSizes, noName];
