import { canonicalAddress } from "../../address.ts";
import type { HaproxyConfig } from "../../haproxy/config.ts";
import type { PairNode } from "../../pair/pair.ts";
import { eachHaproxy, eachHaproxyWithFacts, type Found, found } from "../each-node.ts";
import type { Rule } from "../rule.ts";
import {
  allBinds,
  binds,
  bindText,
  isLoopback,
  isWildcard,
  pairAddresses,
  virtualAddresses,
} from "./addresses.ts";

/** A pair's keepalived.conf with the virtual address 192.0.2.100, for examples. */
export const EXAMPLE_VIP = `vrrp_instance VI_1 {
    interface eth0
    virtual_router_id 51
    virtual_ipaddress {
        192.0.2.100/32 dev eth0
    }
}
`;

const servesNothing: Rule = {
  id: "H01",
  severity: "warning",
  title: "HAProxy listens on every virtual address.",
  why: "Keepalived moves the address to the node, and clients are refused there: nothing listens on it.",
  source: "connect(2): ECONNREFUSED; seen with HAProxy 2.6.12",
  fix: "Add a bind line with the virtual address, or take the address out of keepalived.conf.",
  bad: {
    haproxy: { both: "frontend web\n    bind 192.0.2.101:80\n" },
    keepalived: { both: EXAMPLE_VIP },
  },
  good: {
    haproxy: { both: "frontend web\n    bind 192.0.2.100:80\n" },
    keepalived: { both: EXAMPLE_VIP },
  },
  check: (pair) =>
    eachHaproxy(pair, (config, node) => {
      const listening = allBinds(config).map(({ bind }) => bind);
      const unknown = listening.some(({ family }) => family === "other");
      if (unknown || listening.length === 0 || hasVirtualServers(node)) return [];
      const bare = virtualAddresses(node).filter(
        ({ address }) => !listening.some((bind) => binds(bind, address)),
      );
      return bare.map(({ at, address }) =>
        found(
          at,
          `HAProxy listens on ${[...new Set(listening.map(bindText))].join(", ")} and not on the virtual address ${address}, where clients are refused`,
        ),
      );
    }),
};

/** Keepalived's own load balancing (LVS) answers on the addresses then. */
const hasVirtualServers = (node: PairNode): boolean =>
  node.keepalived?.statements.some(({ words }) => words[0]?.text.startsWith("virtual_server") === true) ===
  true;

const cannotBind: Rule = {
  id: "H02",
  severity: "error",
  title: "A node may bind the virtual address while the other node has it.",
  why: "HAProxy does not start on the standby (Cannot assign requested address), and a reload that cannot bind keeps the old configuration and still reports success; haproxy -c binds nothing and sees nothing.",
  source: "HAProxy's management guide, 11; measured with HAProxy 2.6.12",
  fix: "Set net.ipv4.ip_nonlocal_bind (for IPv6 net.ipv6.ip_nonlocal_bind) to 1 in /etc/sysctl.d on both nodes.",
  bad: {
    haproxy: { both: "frontend web\n    bind 192.0.2.100:80\n" },
    keepalived: { both: EXAMPLE_VIP },
    facts: { both: { sysctl: new Map([["net.ipv4.ip_nonlocal_bind", "0"]]) } },
  },
  good: {
    haproxy: { both: "frontend web\n    bind 192.0.2.100:80\n" },
    keepalived: { both: EXAMPLE_VIP },
    facts: { both: { sysctl: new Map([["net.ipv4.ip_nonlocal_bind", "1"]]) } },
  },
  check: (pair) => {
    const virtual = pairAddresses(pair);
    return eachHaproxyWithFacts(pair, (config, { sysctl }) =>
      allBinds(config).flatMap(({ proxy, bind }) => {
        const key = `net.${bind.family}.ip_nonlocal_bind`;
        if (!virtual.has(canonicalAddress(bind.address)) || bind.options.has("transparent")) return [];
        if (sysctl?.get(key) !== "0") return [];
        return [
          found(
            bind.at,
            `${proxy.kind} ${proxy.name} binds the virtual address ${bindText(bind)}, and ${key} is 0: HAProxy cannot start or reload here while another node has the address`,
          ),
        ];
      }),
    );
  },
};

const everywhere: Rule = {
  id: "H03",
  severity: "info",
  title: "On a node with several networks a service is bound where it is meant to be reached.",
  why: "A wildcard also listens on the management and the server network.",
  source: "HAProxy's configuration manual, bind",
  fix: "Bind the virtual address, or an address of the network that is meant.",
  bad: {
    haproxy: { both: "frontend web\n    bind *:443\n" },
    facts: {
      both: {
        addresses: [
          { address: "192.0.2.11", prefix: 24, dev: "eth0", family: "ipv4" },
          { address: "198.51.100.11", prefix: 24, dev: "eth1", family: "ipv4" },
        ],
      },
    },
  },
  good: {
    haproxy: { both: "frontend web\n    bind *:443\n" },
    facts: { both: { addresses: [{ address: "192.0.2.11", prefix: 24, dev: "eth0", family: "ipv4" }] } },
  },
  check: (pair) =>
    eachHaproxyWithFacts(pair, (config, { addresses }) => {
      const networks = new Set(
        addresses?.flatMap(({ dev, family, address }) =>
          family === "ipv4" && !isLoopback(address) && !/^(docker|br-|veth|virbr|cni|flannel)/.test(dev)
            ? [dev]
            : [],
        ),
      );
      if (networks.size < 2) return [];
      return allBinds(config).flatMap(({ proxy, bind }) =>
        isWildcard(bind.address) && !bind.options.has("interface")
          ? [
              found(
                bind.at,
                `${proxy.kind} ${proxy.name} listens on ${bindText(bind)}, so on ${[...networks].join(" and ")}`,
              ),
            ]
          : [],
      );
    }),
};

const boundTwice: Rule = {
  id: "H04",
  severity: "error",
  title: "No two proxies listen on the same address and port.",
  why: "HAProxy binds with SO_REUSEPORT, so both succeed and the kernel deals connections to either one by chance; haproxy -c says nothing.",
  source: "measured with HAProxy 2.6.12",
  fix: "Give one of them another port, or make one frontend of them.",
  bad: { haproxy: { both: "frontend one\n    bind :80\nfrontend two\n    bind :80\n" } },
  good: { haproxy: { both: "frontend one\n    bind :80\nfrontend two\n    bind :81\n" } },
  check: (pair) => eachHaproxy(pair, (config) => twice(config)),
};

const twice = (config: HaproxyConfig): readonly Found[] => {
  const all = allBinds(config).filter(
    ({ bind }) =>
      bind.ports !== null &&
      !["interface", "namespace", "process", "thread"].some((name) => bind.options.has(name)),
  );
  return all.flatMap(({ proxy, bind }, index) => {
    const other = all
      .slice(0, index)
      .find(
        (one) =>
          one.proxy !== proxy &&
          one.bind.protocol === bind.protocol &&
          one.bind.family === bind.family &&
          samePlace(one.bind.address, bind.address) &&
          overlap(one.bind.ports, bind.ports),
      );
    if (other === undefined) return [];
    return [
      found(
        bind.at,
        `${proxy.kind} ${proxy.name} and ${other.proxy.kind} ${other.proxy.name} both listen on ${bindText(bind)}: each gets some of the connections`,
      ),
    ];
  });
};

/** A wildcard beside an address is no conflict: Linux gives a connection to the more exact one. */
const samePlace = (one: string, other: string): boolean =>
  canonicalAddress(one) === canonicalAddress(other) || (isWildcard(one) && isWildcard(other));

const overlap = (one: readonly [number, number] | null, other: readonly [number, number] | null): boolean =>
  one !== null && other !== null && one[0] <= other[1] && other[0] <= one[1];

/** Where HAProxy listens. */
export const haproxyListening: readonly Rule[] = [servesNothing, cannotBind, everywhere, boundTwice];
