import { findStatement, keywordOf } from "../../keepalived/statements.ts";
import type { Pair } from "../../pair/pair.ts";
import type { Member } from "../../vrrp/member.ts";
import { addressKey, familyOf, type VirtualRouter } from "../../vrrp/router.ts";
import { mannersOf } from "../../vrrp/timers.ts";
import type { Finding, Rule } from "../rule.ts";
import { exampleBlock, exampleConf } from "./keepalived-example.ts";
import {
  difference,
  keepalivedNodes,
  nodeInstances,
  onNode,
  onRouter,
  sharedRouters,
} from "./keepalived-parts.ts";
import { holdersOf } from "./vrrp-peers.ts";

const sound = { lb1: exampleConf(), lb2: exampleConf({ priority: 253 }) };

const hmac = (key: string): readonly string[] =>
  exampleBlock("auth_hmac", [`key 1 ${key}`, "active_key 1", "mode time"]);

/** What else has to fit between the nodes, and what others on the network do. */
export const vrrpSegmentRules: readonly Rule[] = [
  {
    id: "X14",
    severity: "warning",
    title: "down_timer_adverts is the same on all nodes.",
    why: "Who waits for fewer adverts takes over while the others still wait.",
    source: 'keepalived.conf(5): down_timer_adverts ("All virtual routers … MUST use the same value")',
    fix: "Set one down_timer_adverts on all nodes.",
    bad: { keepalived: { ...sound, lb2: exampleConf({ priority: 253, lines: ["down_timer_adverts 2"] }) } },
    good: { keepalived: sound },
    check: (pair) =>
      sharedRouters(pair).flatMap((router) => {
        const value = ({ instance }: Member): string => String(instance.downTimerAdverts);
        const values = difference(router, value);
        const at = ({ instance }: Member) =>
          findStatement(instance.statements, "down_timer_adverts")?.words[0]?.at ?? null;
        return values === null
          ? []
          : [onRouter(router, at, `down_timer_adverts of ${router.name} differs (${values})`, value)];
      }),
  },
  {
    id: "X15",
    severity: "warning",
    title: "keepalived has the same version on all nodes.",
    why: "Since 2.0 a backup waits where an older one takes over at once, and adverts that do not fit are treated otherwise.",
    source: "keepalived's source, vrrp.c of 1.3.5, 1.4.5 and 2.0.0",
    fix: "Bring keepalived to one version, the standby first.",
    bad: {
      keepalived: sound,
      facts: { lb2: { keepalived: { version: [1, 3, 9], text: "Keepalived v1.3.9" } } },
    },
    good: { keepalived: sound },
    check: versionFindings,
  },
  {
    id: "X16",
    severity: "error",
    title: "auth_hmac fits on all nodes, and with mode time their clocks agree.",
    why: "An advert that is signed otherwise, or looks too old, is dropped, so both become master.",
    source: "keepalived.conf(5) of 2.4: auth_hmac",
    fix: "Write the same auth_hmac block on all nodes and keep their clocks in step (chrony).",
    bad: {
      keepalived: {
        lb1: exampleConf({ lines: hmac("file:/etc/keepalived/hmac") }),
        lb2: exampleConf({ priority: 253 }),
      },
    },
    good: {
      keepalived: {
        lb1: exampleConf({ lines: hmac("file:/etc/keepalived/hmac") }),
        lb2: exampleConf({ priority: 253, lines: hmac("file:/etc/keepalived/hmac") }),
      },
    },
    check: (pair) => sharedRouters(pair).flatMap(hmacFindings),
  },
  {
    id: "X17",
    severity: "error",
    title: "Nobody else on the network uses the pair's virtual_router_id.",
    why: "Adverts of strangers with the same id are refused or obeyed: addresses move for no reason or not at all.",
    source: "keepalived issues 2175 and 2444; kubeasz issue 126; RFC 5798, section 5.2.3",
    fix: "Choose an id that nobody on this network uses, on all nodes.",
    bad: {
      keepalived: sound,
      facts: {
        lb2: {
          vrrp: {
            heard: [{ source: "192.0.2.66", dev: "eth0", virtualRouterId: 77, destination: "224.0.0.18" }],
            answers: new Map(),
          },
        },
      },
    },
    good: {
      keepalived: sound,
      facts: {
        lb2: {
          vrrp: {
            heard: [
              { source: "192.0.2.11", dev: "eth0", virtualRouterId: 77, destination: "224.0.0.18" },
              { source: "192.0.2.66", dev: "eth0", virtualRouterId: 51, destination: "224.0.0.18" },
            ],
            answers: new Map(),
          },
        },
      },
    },
    check: strangers,
  },
  {
    id: "X18",
    severity: "error",
    title: "No machine outside the pair answers for a virtual address.",
    why: "Two machines with one address take each other's connections, as the last announcement decides.",
    source: "RFC 5227",
    fix: "Take the address from the other machine, or choose another one.",
    bad: {
      keepalived: sound,
      facts: {
        lb1: { vrrp: { heard: [], answers: new Map([["192.0.2.100", "52:54:00:aa:bb:cc"]]) } },
      },
    },
    good: {
      keepalived: sound,
      facts: { lb1: { vrrp: { heard: [], answers: new Map([["192.0.2.100", null]]) } } },
    },
    check: squatters,
  },
];

function versionFindings(pair: Pair): readonly Finding[] {
  const known = keepalivedNodes(pair).flatMap(({ node }) => {
    const version = node.facts?.keepalived?.version;
    return version === undefined ? [] : [{ name: node.name, version }];
  });
  const lines = new Set(known.map(({ version: [major, minor] }) => `${major}.${minor}`));
  if (lines.size < 2) return [];
  const mixed = new Set(known.map(({ version }) => mannersOf(version))).size > 1;
  const shown = known.map(({ name, version }) => `${name} ${version.join(".")}`).join(", ");
  return [
    {
      nodes: known.map(({ name }) => name),
      at: null,
      message: mixed
        ? `keepalived differs between the nodes (${shown}), and before 2.0 it elects otherwise`
        : `keepalived differs between the nodes (${shown})`,
      fix: null,
      ...(mixed ? { severity: "error" } : {}),
    },
  ];
}

/** Seconds by which a signed advert may be off: three intervals, at least this. */
const LEAST_WINDOW_S = 5;

const hmacFindings = (router: VirtualRouter): readonly Finding[] => {
  const { members, name } = router;
  const block = ({ instance }: Member) => findStatement(instance.statements, "auth_hmac");
  const at = (member: Member) => block(member)?.words[0]?.at ?? null;
  // Keys are compared, never shown; one in a file may be another's content, which no configuration tells.
  const text = (member: Member): string =>
    (block(member)?.block ?? [])
      .map(({ words }) => words.map((word) => word.text).join(" "))
      .toSorted()
      .join("\n");
  if (members.every((member) => block(member) === null)) return [];
  if (difference(router, text) !== null) {
    const kinds = difference(router, (member) => (block(member) === null ? "without" : "with"));
    const how = kinds === null ? "in its keys or its mode" : kinds;
    return [onRouter(router, at, `auth_hmac of ${name} differs (${how}): all would be master at once`, text)];
  }
  const offsets = members.flatMap(({ node }) => node.facts?.clockOffset ?? []);
  const apart = Math.max(...offsets) - Math.min(...offsets);
  const window = Math.max(LEAST_WINDOW_S, 3 * (members[0].advertMs / 1000));
  const timed = (block(members[0])?.block ?? []).some(
    (line) => keywordOf(line) === "mode" && line.words[1]?.text === "time",
  );
  return timed && offsets.length > 1 && apart > window
    ? [
        onRouter(
          router,
          at,
          `the clocks of the nodes are ${apart.toFixed(1)} s apart, and signed adverts of ${name} are good for ${window} s`,
        ),
      ]
    : [];
};

function strangers(pair: Pair): readonly Finding[] {
  const own = new Set(
    pair.nodes.flatMap(({ facts }) => (facts?.addresses ?? []).map((entry) => addressKey(entry))),
  );
  for (const { instance } of nodeInstances(pair)) {
    if (instance.unicastSourceIp !== null) own.add(addressKey({ address: instance.unicastSourceIp.text }));
    for (const peer of instance.unicastPeers) own.add(addressKey({ address: peer.text }));
  }
  // Without all nodes' addresses a peer would be taken for a stranger.
  if (pair.nodes.some(({ facts }) => facts?.addresses == null)) return [];
  return nodeInstances(pair).flatMap(({ node, instance }) => {
    const heard = (node.facts?.vrrp?.heard ?? []).filter(
      ({ source, dev, virtualRouterId }) =>
        virtualRouterId === instance.virtualRouterId?.value &&
        dev === instance.interface?.text &&
        source.includes(":") === (familyOf(instance) === "ipv6") &&
        !own.has(addressKey({ address: source })),
    );
    const sources = [...new Set(heard.map(({ source }) => source))];
    return sources.length === 0
      ? []
      : [
          onNode(
            { node },
            instance.virtualRouterId?.at ?? instance.at,
            `${node.name} hears adverts of ${sources.join(", ")} with virtual_router_id ${instance.virtualRouterId?.value}, which ${instance.name} uses`,
          ),
        ];
  });
}

/** While a node of the pair holds the address it is that node who answers. */
function squatters(pair: Pair): readonly Finding[] {
  if (pair.nodes.some(({ facts }) => facts?.addresses == null)) return [];
  return nodeInstances(pair).flatMap(({ node, instance }) =>
    instance.virtualAddresses.flatMap((virtual) => {
      const answer = node.facts?.vrrp?.answers.get(virtual.address);
      return answer == null || holdersOf(pair, virtual.address).length > 0
        ? []
        : [
            onNode(
              { node },
              virtual.at,
              `no node of the pair holds ${virtual.address}, but ${answer} answers for it`,
            ),
          ];
    }),
  );
}
