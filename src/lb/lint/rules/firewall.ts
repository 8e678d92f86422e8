import type { FirewallFact, FirewallZone, NodeFacts } from "../../pair/facts.ts";
import type { PairNode } from "../../pair/pair.ts";
import { eachNode, type Found, found } from "../each-node.ts";
import type { Rule } from "../rule.ts";
import { allBinds, isLoopback } from "./addresses.ts";
import { EXAMPLE_VIP } from "./haproxy-listening.ts";

const RULE = 'rule protocol value="vrrp" accept';

/** The zone `public` with eth0 in it, for examples. */
function firewalld(zone: Partial<FirewallZone>, permanent = zone): FirewallFact {
  const plain: FirewallZone = {
    name: "public",
    target: "default",
    isDefault: true,
    interfaces: ["eth0"],
    services: ["ssh"],
    ports: [],
    protocols: [],
    richRules: [],
  };
  return {
    kind: "firewalld",
    runtime: [{ ...plain, ...zone }],
    permanent: [{ ...plain, ...permanent }],
    direct: [],
  };
}

const vrrpBlocked: Rule = {
  id: "N01",
  severity: "error",
  title: "The firewall lets VRRP in.",
  why: "A node that hears no adverts takes the address itself: both have it.",
  source: "keepalived(8); measured with keepalived 2.2.7",
  fix: `firewall-cmd --permanent --add-rich-rule='${RULE}' and firewall-cmd --reload; elsewhere a rule that accepts protocol 112 (vrrp).`,
  bad: { keepalived: { both: EXAMPLE_VIP }, facts: { both: { firewall: firewalld({}) } } },
  good: {
    keepalived: { both: EXAMPLE_VIP },
    facts: { both: { firewall: firewalld({ richRules: [RULE] }) } },
  },
  check: (pair) =>
    eachNode(pair, ({ facts, keepalived }) => {
      const firewall = facts?.firewall ?? null;
      if (firewall === null || firewall.kind === "none") return [];
      const interfaces = new Map(
        keepalived?.instances.flatMap(({ interface: word }) =>
          word === null ? [] : [[word.text, word.at] as const],
        ) ?? [],
      );
      if (firewall.kind !== "firewalld") {
        const [at] = interfaces.values();
        if (at === undefined || !dropsVrrp(firewall.text, firewall.kind)) return [];
        return [
          found(
            at,
            `the rules of ${firewall.kind === "iptables" ? "iptables" : "nftables"} drop what they do not know, and none lets VRRP in`,
          ),
        ];
      }
      return [...interfaces].flatMap(([name, at]): readonly Found[] => {
        const zone = zoneOf(firewall.runtime, name);
        if (zone === null || letsVrrpIn(zone) || hasDirectVrrp(firewall)) return [];
        return [found(at, `firewalld's zone ${zone.name}, which has ${name}, does not let VRRP in`)];
      });
    }),
};

const zoneOf = (zones: readonly FirewallZone[], name: string): FirewallZone | null =>
  zones.find(({ interfaces }) => interfaces.includes(name)) ??
  zones.find(({ isDefault }) => isDefault) ??
  null;

const letsVrrpIn = ({ target, protocols, richRules, services }: FirewallZone): boolean =>
  target === "ACCEPT" ||
  [...protocols, ...services].some((name) => /vrrp|^112$/.test(name)) ||
  richRules.some((rule) => /vrrp|value="112"/.test(rule) && /accept/.test(rule)) ||
  richRules.some(
    (rule) => /source address=/.test(rule) && /accept/.test(rule) && !/(port|service|protocol)/.test(rule),
  );

const hasDirectVrrp = (firewall: FirewallFact): boolean =>
  firewall.kind === "firewalld" &&
  firewall.direct.some((rule) => /vrrp|-p 112|224\.0\.0\.18/.test(rule) && /ACCEPT/.test(rule));

/**
 * Whether a ruleset surely drops VRRP: what comes in is dropped by default, and no rule speaks of VRRP, of its group, or
 * lets in whole sources or interfaces. Rules in chains of their own are not followed: with those nothing is sure.
 */
const dropsVrrp = (text: string, kind: "iptables" | "nftables"): boolean => {
  if (/\bvrrp\b|\b112\b|224\.0\.0\.18/.test(text)) return false;
  if (kind === "nftables") {
    const chains = [...text.matchAll(/chain \S+ \{([^{}]*)\}/g)].map(([, body = ""]) => body);
    return chains.some(
      (body) =>
        /hook input\b[^;]*;\s*policy drop/.test(body) &&
        !/\b(jump|goto|vmap)\b/.test(body) &&
        !body
          .split("\n")
          .some(
            (line) =>
              /^\s*(ip6? saddr|iif(name)?)\b[^#]*\baccept\b/.test(line) && !/\b(dport|icmp|lo)\b/.test(line),
          ),
    );
  }
  if (!/^:INPUT DROP/m.test(text)) return false;
  const rules = text.split("\n").filter((line) => line.startsWith("-A INPUT "));
  const [jumps, wide] = [
    rules.some((line) => !/-j (ACCEPT|DROP|REJECT|LOG)\b/.test(line)),
    rules.some((line) => /-j ACCEPT/.test(line) && !/ -p | -i lo\b|--(ct)?state /.test(line)),
  ];
  return !jumps && !wide;
};

const onlyNow: Rule = {
  id: "N03",
  severity: "warning",
  title: "The firewall is tomorrow what it is today.",
  why: "A rule that is only in force is gone after the next reload or boot; one that is only kept does not help now.",
  source: "firewall-cmd(1), --permanent and --runtime-to-permanent",
  fix: "firewall-cmd --runtime-to-permanent, or the same rule with --permanent and firewall-cmd --reload.",
  bad: {
    facts: {
      both: { firewall: firewalld({ richRules: [RULE], ports: ["443/tcp"] }, { richRules: [RULE] }) },
    },
  },
  good: { facts: { both: { firewall: firewalld({ richRules: [RULE], ports: ["443/tcp"] }) } } },
  check: (pair) =>
    eachNode(pair, ({ facts }) => {
      const firewall = facts?.firewall ?? null;
      if (firewall === null || firewall.kind !== "firewalld") return [];
      return firewall.runtime.flatMap((zone) => {
        const kept = firewall.permanent.find(({ name }) => name === zone.name);
        return kept === undefined || (zone.interfaces.length === 0 && !zone.isDefault)
          ? []
          : zoneDifferences(zone, kept);
      });
    }),
};

const zoneDifferences = (now: FirewallZone, kept: FirewallZone): readonly Found[] =>
  (["services", "ports", "protocols", "richRules"] as const).flatMap((part) => {
    const lost = now[part].filter((rule) => !kept[part].includes(rule));
    const waiting = kept[part].filter((rule) => !now[part].includes(rule));
    return [
      ...lost.map((rule) =>
        found(null, `firewalld's zone ${now.name} has ${rule} only until its next reload`),
      ),
      ...waiting.map((rule) =>
        found(null, `firewalld's zone ${now.name} has ${rule} only from its next reload on`),
      ),
    ];
  });

const direct: Rule = {
  id: "N04",
  severity: "warning",
  title: "firewalld has no direct rules.",
  why: "The direct interface is deprecated and will be removed; its rules are invisible in the zones, and those added without --permanent are gone after a reload.",
  source: "firewalld.direct(5)",
  fix: `Use a rich rule: firewall-cmd --permanent --add-rich-rule='${RULE}'.`,
  bad: {
    facts: {
      both: {
        firewall: {
          kind: "firewalld",
          runtime: [],
          permanent: [],
          direct: ["ipv4 filter INPUT 0 -p vrrp -i eth0 -j ACCEPT"],
        },
      },
    },
  },
  good: { facts: { both: { firewall: firewalld({ richRules: [RULE] }) } } },
  check: (pair) =>
    eachNode(pair, ({ facts }) =>
      facts?.firewall?.kind === "firewalld"
        ? facts.firewall.direct.map((rule) => found(null, `firewalld has the direct rule ${rule}`))
        : [],
    ),
};

const SERVICES: ReadonlyMap<string, readonly number[]> = new Map([
  ["http", [80]],
  ["https", [443]],
  ["http3", [443]],
  ["ssh", [22]],
  ["cockpit", [9090]],
  ["dhcpv6-client", [546]],
  ["mysql", [3306]],
  ["postgresql", [5432]],
  ["redis", [6379]],
  ["smtp", [25]],
  ["imap", [143]],
  ["imaps", [993]],
  ["ldap", [389]],
  ["ldaps", [636]],
]);

const portClosed: Rule = {
  id: "N05",
  severity: "error",
  title: "The firewall lets clients in.",
  why: "The address moves to the node, HAProxy listens there, and nobody reaches it.",
  source: "firewall-cmd(1)",
  fix: "firewall-cmd --permanent --zone=ZONE --add-port=PORT/tcp and firewall-cmd --reload, in the zone that has the interface.",
  bad: {
    haproxy: { both: "frontend web\n    bind 192.0.2.100:80\n" },
    keepalived: { both: EXAMPLE_VIP },
    facts: { both: { firewall: firewalld({ richRules: [RULE] }) } },
  },
  good: {
    haproxy: { both: "frontend web\n    bind 192.0.2.100:80\n" },
    keepalived: { both: EXAMPLE_VIP },
    facts: { both: { firewall: firewalld({ services: ["http"] }) } },
  },
  check: (pair) => eachNode(pair, (node) => (node.facts === null ? [] : closedPorts(node, node.facts))),
};

const closedPorts = ({ haproxy, keepalived }: PairNode, { firewall }: NodeFacts): readonly Found[] => {
  if (firewall?.kind !== "firewalld" || haproxy === null || keepalived === null) return [];
  const virtual = keepalived.instances.flatMap((instance) =>
    instance.virtualAddresses.map(({ address, dev }) => ({
      address,
      dev: dev ?? instance.interface?.text ?? "",
    })),
  );
  return allBinds(haproxy).flatMap(({ proxy, bind }) => {
    const [port] = bind.ports ?? [];
    const target = virtual.find(({ address }) => address === bind.address);
    if (port === undefined || target === undefined || isLoopback(bind.address) || bind.protocol !== "tcp")
      return [];
    const zone = zoneOf(firewall.runtime, target.dev);
    const unsure = zone === null || zone.services.some((name) => !SERVICES.has(name) && !/vrrp/.test(name));
    if (unsure || isOpen(zone, port)) return [];
    return [
      found(
        bind.at,
        `firewalld's zone ${zone.name}, which has ${target.dev}, does not let clients to ${proxy.kind} ${proxy.name} on port ${port}`,
      ),
    ];
  });
};

const isOpen = ({ target, services, ports, richRules }: FirewallZone, port: number): boolean =>
  target === "ACCEPT" ||
  services.some((name) => SERVICES.get(name)?.includes(port)) ||
  ports.some((range) => {
    const [, low, high = low, protocol] = /^(\d+)(?:-(\d+))?\/(\w+)$/.exec(range) ?? [];
    return protocol === "tcp" && Number(low) <= port && port <= Number(high);
  }) ||
  // A rich rule for that port, for a service, or for whole sources: who is let in is not looked at.
  richRules.some(
    (rule) =>
      /accept/.test(rule) &&
      (/service name=/.test(rule) || rule.includes(`port="${port}"`) || !/(port|protocol)/.test(rule)),
  );

/** What the nodes' firewalls let in. */
export const firewall: readonly Rule[] = [vrrpBlocked, onlyNow, direct, portClosed];
