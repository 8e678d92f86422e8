import type { Place } from "../../../core/error.ts";
import { findStatement, settingOf } from "../../keepalived/statements.ts";
import type { Pair } from "../../pair/pair.ts";
import type { Member } from "../../vrrp/member.ts";
import { addressKey, familyOf, type VirtualRouter } from "../../vrrp/router.ts";
import { advertMs } from "../../vrrp/timers.ts";
import type { Finding, Rule } from "../rule.ts";
import { exampleBlock, exampleConf } from "./keepalived-example.ts";
import { advertised, difference, onRouter, sharedRouters } from "./keepalived-parts.ts";

/** What must be the same in the adverts of all nodes, or each takes the others for strangers. */
export const vrrpWireRules: readonly Rule[] = [
  {
    id: "X01",
    severity: "error",
    title: "All nodes use one virtual_router_id for the same virtual addresses.",
    why: "A node ignores adverts with another id, so each node becomes master of the same addresses and stays it.",
    source: "measured with keepalived 2.2.7; RFC 5798, section 7.1",
    fix: "Give the instance the same virtual_router_id on all nodes.",
    bad: { keepalived: { lb1: exampleConf(), lb2: exampleConf({ virtualRouterId: 78, priority: 253 }) } },
    good: { keepalived: { lb1: exampleConf(), lb2: exampleConf({ priority: 253 }) } },
    check: (pair) =>
      compared(pair, {
        when: sharesAddress,
        value: ({ instance }) => String(instance.virtualRouterId?.value ?? "none"),
        at: ({ instance }) => instance.virtualRouterId?.at ?? null,
        message: (name, values) =>
          `virtual_router_id of ${name} differs (${values}): all would be master at once`,
      }),
  },
  {
    id: "X02",
    severity: "error",
    title: "All nodes speak one version of VRRP.",
    why: "A node drops adverts of the other version, so both become master.",
    source: 'measured with keepalived 2.2.7 ("wrong version. Received 2 and expect 3")',
    fix: "Set the same vrrp_version in global_defs of all nodes.",
    bad: {
      keepalived: {
        lb1: exampleConf({ globals: ["vrrp_version 3"] }),
        lb2: exampleConf({ globals: ["vrrp_version 2"], priority: 253 }),
      },
    },
    good: {
      keepalived: {
        lb1: exampleConf({ globals: ["vrrp_version 3"] }),
        lb2: exampleConf({ globals: ["vrrp_version 3"], priority: 253 }),
      },
    },
    check: (pair) =>
      compared(pair, {
        when: sameFamily,
        value: ({ instance }) => `VRRP ${instance.version}`,
        at: ({ config, instance }) => {
          const word = settingOf(instance.statements, "version") ?? settingOf(config.globals, "vrrp_version");
          return word?.at ?? null;
        },
        message: (name, values) =>
          `the nodes advertise ${name} in different versions of VRRP (${values}): all would be master at once`,
      }),
  },
  {
    id: "X03",
    severity: "error",
    title: "The virtual addresses of an instance are the same on all nodes.",
    why: "An advert whose addresses are not the node's own is dropped, so both become master.",
    source: "measured with keepalived 2.2.7; keepalived issue 1603",
    fix: "Write the same virtual_ipaddress block on all nodes; what only one needs goes into virtual_ipaddress_excluded.",
    bad: {
      keepalived: {
        lb1: exampleConf(),
        lb2: exampleConf({ priority: 253, addresses: ["192.0.2.100/32", "192.0.2.101/32"] }),
      },
    },
    good: {
      keepalived: {
        lb1: exampleConf({ addresses: ["192.0.2.101/32", "192.0.2.100/32"] }),
        lb2: exampleConf({ priority: 253, addresses: ["192.0.2.100/32", "192.0.2.101/32"] }),
      },
    },
    check: (pair) => sharedRouters(pair).filter(sameId).filter(sameFamily).flatMap(addressFindings),
  },
  {
    id: "X04",
    severity: "error",
    title: "advert_int is the same on all nodes of a VRRP 2 instance.",
    why: "VRRP 2 does not carry the interval: who expects adverts more often takes over from a healthy master.",
    source: "measured with keepalived 2.2.7; RFC 3768, section 5.3.7",
    fix: "Set one advert_int on all nodes.",
    bad: {
      keepalived: {
        lb1: exampleConf({ lines: ["advert_int 5"] }),
        lb2: exampleConf({ priority: 253, lines: ["advert_int 1"] }),
      },
    },
    good: {
      keepalived: {
        lb1: exampleConf({ lines: ["advert_int 1"] }),
        lb2: exampleConf({ priority: 253 }),
      },
    },
    check: (pair) => intervals(pair, 2, "a node that expects adverts more often than they come takes over"),
  },
  {
    id: "X05",
    severity: "warning",
    title: "advert_int is the same on all nodes of a VRRP 3 instance.",
    why: "The others learn the interval from the adverts, so a failover takes another time after the master has changed.",
    source: "measured with keepalived 2.2.7; RFC 5798, section 6.1",
    fix: "Set one advert_int on all nodes.",
    bad: {
      keepalived: {
        lb1: exampleConf({ globals: ["vrrp_version 3"], lines: ["advert_int 0.2"] }),
        lb2: exampleConf({ globals: ["vrrp_version 3"], priority: 253, lines: ["advert_int 1"] }),
      },
    },
    good: {
      keepalived: {
        lb1: exampleConf({ globals: ["vrrp_version 3"], lines: ["advert_int 0.2"] }),
        lb2: exampleConf({ globals: ["vrrp_version 3"], priority: 253, lines: ["advert_int 0.2"] }),
      },
    },
    check: (pair) => intervals(pair, 3, "a failover takes longer or shorter after each change of the master"),
  },
  {
    id: "X06",
    severity: "error",
    title: "The authentication of an instance is the same on all nodes.",
    why: "An advert with another password or without one is dropped, so both become master.",
    source: 'measured with keepalived 2.2.7 ("received an invalid passwd")',
    fix: "Write the same authentication block on all nodes, or none on any.",
    bad: {
      keepalived: {
        lb1: exampleConf({ lines: exampleBlock("authentication", ["auth_type PASS", "auth_pass f7Kq2xWz"]) }),
        lb2: exampleConf({ priority: 253 }),
      },
    },
    good: {
      keepalived: {
        lb1: exampleConf({ lines: exampleBlock("authentication", ["auth_type PASS", "auth_pass f7Kq2xWz"]) }),
        lb2: exampleConf({
          priority: 253,
          lines: exampleBlock("authentication", ["auth_type PASS", "auth_pass f7Kq2xWz"]),
        }),
      },
    },
    check: (pair) =>
      sharedRouters(pair)
        .filter(({ members }) => members.every(({ instance }) => instance.version === 2))
        .flatMap(authenticationFindings),
  },
  {
    id: "X07",
    severity: "error",
    title: "All nodes speak unicast, or all multicast.",
    why: "A node with unicast_peer does not hear the group, and the others do not hear its unicast, so both become master.",
    source: "measured with keepalived 2.2.7",
    fix: "Give all nodes a unicast_peer block, or none.",
    bad: {
      keepalived: {
        lb1: exampleConf({ lines: exampleBlock("unicast_peer", ["192.0.2.12"]) }),
        lb2: exampleConf({ priority: 253 }),
      },
    },
    good: {
      keepalived: {
        lb1: exampleConf({ lines: exampleBlock("unicast_peer", ["192.0.2.12"]) }),
        lb2: exampleConf({ priority: 253, lines: exampleBlock("unicast_peer", ["192.0.2.11"]) }),
      },
    },
    check: (pair) =>
      compared(pair, {
        when: () => true,
        value: ({ instance }) => (instance.unicastPeers.length === 0 ? "multicast" : "unicast"),
        at: ({ instance }) => findStatement(instance.statements, "unicast_peer")?.words[0]?.at ?? null,
        message: (name, values) =>
          `the nodes of ${name} do not hear each other (${values}): all would be master at once`,
      }),
  },
  {
    id: "X11",
    severity: "error",
    title: "All nodes send their adverts to one multicast group.",
    why: "Nobody hears adverts that go to another group, so both become master.",
    source: "keepalived.conf(5): vrrp_mcast_group4, mcast_dst_ip",
    fix: "Set the same group on all nodes, or leave it at the default.",
    bad: {
      keepalived: {
        lb1: exampleConf({ globals: ["vrrp_mcast_group4 224.0.0.100"] }),
        lb2: exampleConf({ priority: 253 }),
      },
    },
    good: {
      keepalived: {
        lb1: exampleConf({ globals: ["vrrp_mcast_group4 224.0.0.18"] }),
        lb2: exampleConf({ priority: 253 }),
      },
    },
    check: (pair) =>
      compared(pair, {
        when: ({ members }) => members.every(({ instance }) => instance.unicastPeers.length === 0),
        value: multicastGroup,
        at: ({ config, instance }) => groupWord({ config, instance })?.at ?? null,
        message: (name, values) => `the adverts of ${name} go to different groups (${values})`,
      }),
  },
];

const compared = (
  pair: Pair,
  what: {
    readonly when: (router: VirtualRouter) => boolean;
    readonly value: (member: Member) => string;
    readonly at: (member: Member) => Place | null;
    readonly message: (name: string, values: string) => string;
  },
): readonly Finding[] =>
  sharedRouters(pair)
    .filter(what.when)
    .flatMap((router) => {
      const values = difference(router, what.value);
      return values === null
        ? []
        : [onRouter(router, what.at, what.message(router.name, values), what.value)];
    });

/** Instances that are taken for one only because of their name or id are no mistake of theirs. */
const sharesAddress = ({ members }: VirtualRouter): boolean => {
  const [first, ...rest] = members;
  const mine = new Set(first.instance.virtualAddresses.map(addressKey));
  return rest.every(({ instance }) =>
    instance.virtualAddresses.some((address) => mine.has(addressKey(address))),
  );
};

const sameId = ({ members }: VirtualRouter): boolean =>
  new Set(members.map(({ instance }) => instance.virtualRouterId?.value)).size === 1;

const sameFamily = ({ members }: VirtualRouter): boolean =>
  new Set(members.map(({ instance }) => familyOf(instance))).size === 1;

const addressFindings = (router: VirtualRouter): readonly Finding[] => {
  const value = ({ instance }: Member): string =>
    [...new Set(advertised(instance).map(addressKey))].toSorted().join(" ");
  if (difference(router, value) === null) return [];
  const union = [
    ...new Set(router.members.flatMap(({ instance }) => advertised(instance).map(({ address }) => address))),
  ];
  const missing = router.members.flatMap(({ node, instance }) => {
    const own = new Set(advertised(instance).map(addressKey));
    const lacks = union.filter((address) => !own.has(addressKey({ address })));
    return lacks.length === 0 ? [] : [`${node.name} lacks ${lacks.join(", ")}`];
  });
  return [
    onRouter(
      router,
      ({ instance }) => advertised(instance)[0]?.at ?? null,
      `the virtual addresses of ${router.name} differ (${missing.join("; ")}): each node drops the other's adverts, and all would be master at once`,
      value,
    ),
  ];
};

const intervals = (pair: Pair, version: 2 | 3, consequence: string): readonly Finding[] =>
  compared(pair, {
    when: ({ members }) => members.every(({ instance }) => instance.version === version),
    value: ({ instance }) => `${advertMs(instance) / 1000} s`,
    at: ({ instance }) => instance.advertInt.at,
    message: (name, values) => `advert_int of ${name} differs (${values}): ${consequence}`,
  });

/** The password itself is never shown; keepalived compares its first 8 characters. */
const authenticationFindings = (router: VirtualRouter): readonly Finding[] => {
  const secret = ({ instance: { authentication } }: Member): string =>
    authentication === null
      ? ""
      : `${authentication.type.toUpperCase()} ${(authentication.pass?.text ?? "").slice(0, 8)}`;
  if (difference(router, secret) === null) return [];
  const kind = ({ instance: { authentication } }: Member): string =>
    authentication === null ? "none" : authentication.type.toUpperCase();
  const kinds = difference(router, kind);
  const message =
    kinds === null
      ? `auth_pass of ${router.name} is not the same on ${router.members.map(({ node }) => node.name).join(" and ")}: all would be master at once`
      : `the authentication of ${router.name} differs (${kinds}): all would be master at once`;
  return [onRouter(router, ({ instance }) => instance.authentication?.at ?? null, message, secret)];
};

const groupWord = ({ config, instance }: Pick<Member, "config" | "instance">) =>
  settingOf(instance.statements, "mcast_dst_ip") ??
  settingOf(config.globals, familyOf(instance) === "ipv4" ? "vrrp_mcast_group4" : "vrrp_mcast_group6");

const multicastGroup = (member: Member): string =>
  groupWord(member)?.text ?? (familyOf(member.instance) === "ipv4" ? "224.0.0.18" : "ff02::12");
