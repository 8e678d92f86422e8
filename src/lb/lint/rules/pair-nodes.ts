import { canonicalAddress } from "../../address.ts";
import type { NodeFacts } from "../../pair/facts.ts";
import type { Pair, PairNode } from "../../pair/pair.ts";
import { couples, eachHaproxyWithFacts, eachNode, type Found, found } from "../each-node.ts";
import type { Finding, Rule } from "../rule.ts";
import { binds, allBinds as bindsOf, isWildcard, virtualAddresses } from "./addresses.ts";
import { EXAMPLE_VIP } from "./haproxy-listening.ts";

const LISTEN = "listen app\n    bind 192.0.2.100:80\n    server web1 192.0.2.21:80 check\n";

/** Seconds that the clocks of a pair may differ. */
const CLOCK = 1;

const clocks: Rule = {
  id: "X47",
  severity: "warning",
  title: "The nodes' clocks agree.",
  why: "Logs of a takeover cannot be put in order, cookies with an age and OCSP answers expire too early, and keepalived's authentication by time refuses the peer.",
  source: "HAProxy's configuration manual, cookie maxlife; keepalived.conf(5), auth_hmac",
  fix: "Run chrony, or systemd-timesyncd, on all nodes.",
  bad: { facts: { lb1: { clockOffset: 0 }, lb2: { clockOffset: 42 } } },
  good: { facts: { lb1: { clockOffset: 0 }, lb2: { clockOffset: 0.2 } } },
  check: (pair) =>
    couples(pair).flatMap(([left, right]) => {
      const [one, other] = [left.facts?.clockOffset ?? null, right.facts?.clockOffset ?? null];
      if (one === null || other === null || Math.abs(one - other) <= CLOCK) return [];
      return [
        both(
          left,
          right,
          `the clocks of ${left.name} and ${right.name} are ${Math.abs(one - other).toFixed(1)} s apart`,
        ),
      ];
    }),
};

const both = (left: PairNode, right: PairNode, message: string, more: Partial<Finding> = {}): Finding => ({
  nodes: [left.name, right.name],
  at: null,
  message,
  fix: null,
  ...more,
});

/** Settings of the kernel that decide how a load balancer behaves. */
const KEYS: readonly string[] = [
  "net.ipv4.ip_nonlocal_bind",
  "net.ipv6.ip_nonlocal_bind",
  "net.ipv4.ip_forward",
  "net.core.somaxconn",
  "net.ipv4.tcp_max_syn_backlog",
  "net.ipv4.ip_local_port_range",
  "net.ipv4.conf.all.rp_filter",
  "net.ipv4.conf.all.arp_ignore",
  "net.ipv4.conf.all.arp_announce",
  "net.ipv4.tcp_tw_reuse",
  "fs.nr_open",
];

const kernels: Rule = {
  id: "X48",
  severity: "warning",
  title: "The nodes' kernels are set alike.",
  why: "The standby then drops, queues or binds otherwise than the owner, which shows when it takes over.",
  source: "HAProxy's management guide, 11",
  fix: "Lay down the same file in /etc/sysctl.d on all nodes.",
  bad: {
    facts: {
      lb1: { sysctl: new Map([["net.core.somaxconn", "4096"]]) },
      lb2: { sysctl: new Map([["net.core.somaxconn", "128"]]) },
    },
  },
  good: { facts: { both: { sysctl: new Map([["net.core.somaxconn", "4096"]]) } } },
  check: (pair) =>
    couples(pair).flatMap(([left, right]) =>
      KEYS.flatMap((key) => {
        const [one, other] = [left, right].map((node) => node.facts?.sysctl?.get(key)?.replace(/\s+/g, " "));
        if (one === undefined || other === undefined || one === other) return [];
        return [both(left, right, `${key} is ${one} on ${left.name} and ${other} on ${right.name}`)];
      }),
    ),
};

/** A machine with less than this share of its peer's memory is another class of machine. */
const SAME_CLASS = 0.75;

const sizes: Rule = {
  id: "X49",
  severity: "warning",
  title: "Each node can carry the whole load.",
  why: "A smaller standby holds as long as it is idle, and breaks down under the load that it takes over.",
  source: "HAProxy's management guide, 6 (CPU and memory for a number of connections)",
  fix: "Give the nodes the same CPUs, memory and limits.",
  bad: { facts: { lb1: { memory: 8 * 1024 ** 3, cpus: 4 }, lb2: { memory: 2 * 1024 ** 3, cpus: 4 } } },
  good: { facts: { both: { memory: 8 * 1024 ** 3, cpus: 4 } } },
  check: (pair) =>
    couples(pair).flatMap(([left, right]) =>
      sizeDifferences(left.facts, right.facts).map(([what, one, other]) =>
        both(left, right, `${left.name} has ${what} ${one}, ${right.name} ${other}`),
      ),
    ),
};

const sizeDifferences = (
  left: NodeFacts | null,
  right: NodeFacts | null,
): readonly (readonly [string, string, string])[] => {
  const memories = [left?.memory ?? null, right?.memory ?? null] as const;
  const cpus = [left?.cpus ?? null, right?.cpus ?? null] as const;
  const [oneLimit, otherLimit] = [left, right].map((facts) =>
    facts?.units?.get("haproxy.service")?.get("LimitNOFILE"),
  );
  const gib = (bytes: number): string => `${(bytes / 1024 ** 3).toFixed(1)} GiB`;
  return [
    ...(memories[0] !== null &&
    memories[1] !== null &&
    Math.min(...present(memories)) < SAME_CLASS * Math.max(...present(memories))
      ? [["memory of", gib(memories[0]), gib(memories[1])] as const]
      : []),
    ...(cpus[0] !== null && cpus[1] !== null && cpus[0] !== cpus[1]
      ? [["CPUs:", `${cpus[0]}`, `${cpus[1]}`] as const]
      : []),
    ...(oneLimit !== undefined && otherLimit !== undefined && oneLimit !== otherLimit
      ? [["HAProxy's LimitNOFILE", oneLimit, otherLimit] as const]
      : []),
  ];
};

const present = (values: readonly (number | null)[]): readonly number[] =>
  values.filter((value) => value !== null);

const unreachable: Rule = {
  id: "X50",
  severity: "error",
  title: "Every node reaches every server.",
  why: "A standby whose servers are behind a firewall looks healthy until it takes over, and then answers 503.",
  source:
    "seen on real pairs: checks come from each node's own address, which the servers' firewall must know too",
  fix: "Let the servers accept connections from both nodes' own addresses.",
  bad: {
    haproxy: { both: LISTEN },
    facts: {
      lb1: { reachable: new Map([["192.0.2.21:80", true]]) },
      lb2: { reachable: new Map([["192.0.2.21:80", false]]) },
    },
  },
  good: { haproxy: { both: LISTEN }, facts: { both: { reachable: new Map([["192.0.2.21:80", true]]) } } },
  check: (pair) =>
    couples(pair).flatMap(([left, right]) =>
      [...(left.facts?.reachable ?? [])].flatMap(([place, reached]) => {
        const other = right.facts?.reachable?.get(place);
        if (other === undefined || other === reached) return [];
        const [from, not] = reached ? [left, right] : [right, left];
        return [
          both(from, not, `${place} accepts connections from ${from.name} and not from ${not.name}`, {
            at: serverPlace(not, place),
          }),
        ];
      }),
    ),
};

const serverPlace = (node: PairNode, place: string): Finding["at"] =>
  node.haproxy?.proxies
    .flatMap(({ servers }) => servers)
    .find(({ address, port }) => `${address}:${port}` === place)?.at ?? null;

const disabled: Rule = {
  id: "X53",
  severity: "error",
  title: "HAProxy and keepalived start with the node.",
  why: "After a reboot of the standby there is none, and nobody notices before the owner fails.",
  source: "systemctl(1), is-enabled",
  fix: "systemctl enable haproxy keepalived.",
  bad: {
    haproxy: { both: LISTEN },
    facts: { both: { units: new Map([["haproxy.service", new Map([["UnitFileState", "disabled"]])]]) } },
  },
  good: {
    haproxy: { both: LISTEN },
    facts: { both: { units: new Map([["haproxy.service", new Map([["UnitFileState", "enabled"]])]]) } },
  },
  check: (pair) =>
    eachNode(pair, ({ facts, haproxy, keepalived }) => [
      ...(haproxy === null ? [] : notEnabled(facts, "haproxy")),
      ...(keepalived === null ? [] : notEnabled(facts, "keepalived")),
    ]),
};

const notEnabled = (facts: NodeFacts | null, name: string): readonly Found[] => {
  const state = facts?.units?.get(`${name}.service`)?.get("UnitFileState");
  if (state === undefined || !/^(disabled|masked|masked-runtime|enabled-runtime)$/.test(state)) return [];
  return [
    found(null, `${name} is ${state} and will be missing after a boot`, { fix: `systemctl enable ${name}.` }),
  ];
};

const owners: Rule = {
  id: "X54",
  severity: "error",
  title: "One node has each virtual address, by keepalived alone.",
  why: "Two owners answer each other's clients; an address that a file gives to an interface is there after every boot, whatever keepalived says.",
  source: "measured with keepalived 2.2.7",
  fix: "Let VRRP through between the nodes; take the address out of the system's network configuration.",
  bad: {
    keepalived: { both: EXAMPLE_VIP },
    facts: { both: { addresses: [{ address: "192.0.2.100", prefix: 32, dev: "eth0", family: "ipv4" }] } },
  },
  good: {
    keepalived: { both: EXAMPLE_VIP },
    facts: { lb1: { addresses: [{ address: "192.0.2.100", prefix: 32, dev: "eth0", family: "ipv4" }] } },
  },
  check: (pair) => [
    ...sharedAddresses(pair),
    ...eachNode(pair, (node) =>
      [...(node.facts?.staticAddresses ?? [])].flatMap(([path, addresses]) => {
        const plain = new Set(addresses.map(canonicalAddress));
        return virtualAddresses(node)
          .filter(({ address }) => plain.has(canonicalAddress(address)))
          .map(({ address, at }) =>
            found(at, `${path} gives the virtual address ${address} to an interface at every boot`),
          );
      }),
    ),
  ],
};

const sharedAddresses = (pair: Pair): readonly Finding[] => {
  const all = new Map(
    pair.nodes.flatMap(virtualAddresses).map((address) => [canonicalAddress(address.address), address]),
  );
  return [...all].flatMap(([address, { at }]) => {
    const holders = pair.nodes.filter(
      (node) => node.facts?.addresses?.some((one) => canonicalAddress(one.address) === address) === true,
    );
    if (holders.length < 2) return [];
    const names = holders.map(({ name }) => name);
    return [
      {
        nodes: names,
        at,
        message: `${names.join(" and ")} have the virtual address ${address} at the same time`,
        fix: null,
      },
    ];
  });
};

const notListening: Rule = {
  id: "X55",
  severity: "error",
  title: "HAProxy works on every node, and listens where its configuration says.",
  why: "A standby that does not listen is none: it takes the address over and refuses every client.",
  source:
    "measured with HAProxy 2.6.12: a reload that cannot bind keeps the old configuration and reports success",
  fix: "systemctl start haproxy, or systemctl reload haproxy; its log says why it could not bind.",
  bad: {
    haproxy: { both: LISTEN },
    facts: { both: { listeners: [{ protocol: "tcp", address: "0.0.0.0", port: 22, process: "sshd" }] } },
  },
  good: {
    haproxy: { both: LISTEN },
    facts: {
      both: { listeners: [{ protocol: "tcp", address: "192.0.2.100", port: 80, process: "haproxy" }] },
    },
  },
  check: (pair) =>
    eachHaproxyWithFacts(pair, (config, { listeners }) => {
      if (listeners === null) return [];
      return bindsOf(config).flatMap(({ proxy, bind }) => {
        const [first] = bind.ports ?? [];
        if (
          first === undefined ||
          bind.protocol !== "tcp" ||
          !/^ipv[46]$/.test(bind.family) ||
          bind.options.has("namespace")
        )
          return [];
        const there = listeners.some(
          ({ protocol, address, port }) =>
            protocol === "tcp" &&
            port === first &&
            (isWildcard(address) || isWildcard(bind.address) || binds(bind, address)),
        );
        return there
          ? []
          : [
              found(
                bind.at,
                `nothing listens for ${proxy.kind} ${proxy.name} on port ${first}: HAProxy does not run, or has not taken this line`,
              ),
            ];
      });
    }),
};

/** What the machines of a pair must have in common, and how they are now. */
export const pairNodes: readonly Rule[] = [
  clocks,
  kernels,
  sizes,
  unreachable,
  disabled,
  owners,
  notListening,
];
