import { findStatements, settingOf } from "../../keepalived/statements.ts";
import type { NodeFacts } from "../../pair/facts.ts";
import { familyOf } from "../../vrrp/router.ts";
import type { Finding, Rule } from "../rule.ts";
import { exampleConf } from "./keepalived-example.ts";
import {
  advertised,
  eachInstance,
  eachKeepalived,
  grouped,
  includesOthers,
  type KeepalivedNode,
  type NodeInstance,
  onNode,
  placeOf,
} from "./keepalived-parts.ts";

const pairOf = (conf: string) => ({ keepalived: { lb1: conf } });

/** What an instance needs to run at all. */
export const keepalivedInstanceRules: readonly Rule[] = [
  {
    id: "K01",
    severity: "error",
    title: "Each instance has one virtual_router_id from 1 to 255.",
    why: "Without one keepalived exits; when that happens at a reload, the addresses stay on a node that nobody looks after.",
    source: "measured with keepalived 2.2.7",
    fix: "Write one virtual_router_id that nobody else on the network uses.",
    bad: pairOf(exampleConf({ virtualRouterId: null })),
    good: pairOf(exampleConf()),
    check: (pair) => eachInstance(pair, identifier),
  },
  {
    id: "K02",
    severity: "error",
    title: "The priority is a whole number from 1 to 254.",
    why: "keepalived takes 100 in place of anything else, which may be the other node's priority.",
    source: 'measured with keepalived 2.2.7 ("Priority not valid! … Using default 100")',
    fix: "Write a priority from 1 to 254.",
    bad: pairOf(exampleConf({ priority: 256 })),
    good: pairOf(exampleConf({ priority: 254 })),
    check: (pair) =>
      eachInstance(pair, ({ node, instance }) => {
        const word = settingOf(instance.statements, "priority");
        // 255 has a rule of its own.
        if (word === null || isVariable(word.text) || isWhole(word.text, 1, 255)) return [];
        return [
          onNode(
            { node },
            word.at,
            `priority ${word.text} of ${instance.name} is none from 1 to 254: keepalived takes 100`,
          ),
        ];
      }),
  },
  {
    id: "K03",
    severity: "error",
    title: "The interfaces that keepalived.conf names exist and can carry its adverts.",
    why: "An unknown interface makes keepalived exit; at a reload the addresses stay behind and the other node takes them too.",
    source: 'measured with keepalived 2.2.7 ("Non-existent interface specified in configuration")',
    fix: "Name the interface as `ip link` on that node does.",
    bad: pairOf(exampleConf({ interface: "ens160" })),
    good: pairOf(exampleConf()),
    check: (pair) => eachInstance(pair, interfaces),
  },
  {
    id: "K10",
    severity: "error",
    title: "No two instances of a node share virtual_router_id, interface and address family.",
    why: "They would hear each other's adverts as their own; keepalived refuses the second one.",
    source: 'measured with keepalived 2.2.7 ("both use VRID 51")',
    fix: "Give each instance its own virtual_router_id.",
    bad: pairOf(exampleConf({ before: exampleConf({ name: "VI_2", addresses: ["192.0.2.101/32"] }) })),
    good: pairOf(
      exampleConf({
        before: exampleConf({ name: "VI_2", virtualRouterId: 78, addresses: ["192.0.2.101/32"] }),
      }),
    ),
    check: (pair) => eachKeepalived(pair, sharedIds),
  },
  {
    id: "K12",
    severity: "error",
    title: "keepalived.conf has an instance, and each instance a virtual address.",
    why: "keepalived accepts an empty file and drops the addresses at a reload; an instance without one is dropped in VRRP 3.",
    source: "measured with keepalived 2.2.7: an empty file passes keepalived -t",
    fix: "Write a vrrp_instance with a virtual_ipaddress block.",
    bad: pairOf(exampleConf({ addresses: [] })),
    good: pairOf(exampleConf()),
    check: (pair) => eachKeepalived(pair, emptiness),
  },
];

const identifier = ({ node, instance }: NodeInstance): readonly Finding[] => {
  const written = findStatements(instance.statements, "virtual_router_id");
  const [first, second] = written;
  if (first === undefined) {
    return [
      onNode({ node }, instance.at, `${instance.name} has no virtual_router_id: keepalived would exit`),
    ];
  }
  const values = written.map(({ words }) => words[1]?.text ?? "");
  const invalid = written.find(
    ({ words }) => !isVariable(words[1]?.text ?? "") && !isWhole(words[1]?.text ?? "", 1, 255),
  );
  if (invalid !== undefined) {
    const text = invalid.words[1]?.text ?? "nothing";
    return [
      onNode(
        { node },
        (invalid.words[1] ?? invalid.words[0])?.at ?? instance.at,
        `virtual_router_id ${text} of ${instance.name} is none from 1 to 255`,
      ),
    ];
  }
  return second === undefined
    ? []
    : [
        onNode(
          { node },
          second.words[0]?.at ?? instance.at,
          `${instance.name} has virtual_router_id ${values.length} times (${values.join(", ")}): the last one holds`,
        ),
      ];
};

/** `$NAME` that nothing in the file defines: comes from elsewhere. */
const isVariable = (text: string): boolean => text.includes("$");

const isWhole = (text: string, least: number, most: number): boolean =>
  /^\d+$/.test(text) && Number(text) >= least && Number(text) <= most;

const interfaces = (entry: NodeInstance): readonly Finding[] => {
  const { node, instance } = entry;
  const links = node.facts?.links;
  if (links === null || links === undefined) return [];
  const made = instance.statements.some(({ words }) =>
    ["use_vmac", "use_ipvlan"].includes(words[0]?.text ?? ""),
  );
  const named = [
    ...(instance.interface === null ? [] : [instance.interface]),
    ...instance.trackers
      .filter(({ kind }) => kind === "interface")
      .map(({ name, at }) => ({ text: name, at })),
    ...instance.virtualAddresses.flatMap(({ dev, at }) => (dev === null || made ? [] : [{ text: dev, at }])),
  ].filter(({ text }) => !isVariable(text));
  const missing = [...grouped(named, ({ text }) => text)].flatMap(([name, [first]]) =>
    first === undefined || links.some((link) => link.name === name)
      ? []
      : [
          onNode(
            { node },
            first.at,
            `there is no interface ${name}, only ${linkNames(links)}: keepalived would exit`,
          ),
        ],
  );
  return [...missing, ...unfit(entry, links)];
};

const linkNames = (links: NonNullable<NodeFacts["links"]>): string =>
  links
    .map(({ name }) => name)
    .filter((name) => name !== "lo")
    .join(", ");

const unfit = (
  { node, instance }: NodeInstance,
  links: NonNullable<NodeFacts["links"]>,
): readonly Finding[] => {
  const link = links.find(({ name }) => name === instance.interface?.text);
  const at = instance.interface?.at ?? instance.at;
  if (link === undefined) return [];
  if (!link.flags.includes("UP")) {
    return [onNode({ node }, at, `${link.name} is down: ${instance.name} starts in FAULT`)];
  }
  return instance.unicastPeers.length === 0 && !link.flags.includes("MULTICAST")
    ? [
        onNode(
          { node },
          at,
          `${link.name} knows no multicast: keepalived disables ${instance.name} without unicast_peer`,
        ),
      ]
    : [];
};

const sharedIds = ({ node, config }: KeepalivedNode): readonly Finding[] => {
  const numbered = config.instances.filter(({ virtualRouterId }) => virtualRouterId !== null);
  const groups = grouped(
    numbered,
    (instance) =>
      `${instance.virtualRouterId?.value} ${instance.interface?.text ?? ""} ${familyOf(instance)}`,
  );
  return [...groups.values()].flatMap((equal) => {
    const [first, second] = equal;
    return first === undefined || second === undefined
      ? []
      : [
          onNode(
            { node },
            second.virtualRouterId?.at ?? second.at,
            `${first.name} and ${second.name} both use virtual_router_id ${first.virtualRouterId?.value} on ${first.interface?.text ?? "one interface"}`,
          ),
        ];
  });
};

const emptiness = ({ node, config }: KeepalivedNode): readonly Finding[] => {
  if (config.instances.length === 0) {
    return includesOthers(config)
      ? []
      : [onNode({ node }, null, `keepalived.conf has no vrrp_instance: the node takes no part in the pair`)];
  }
  return config.instances.flatMap((instance) => {
    const silent = ["no_virtual_ipaddress", "include", "includea"].some(
      (keyword) => placeOf(instance.statements, keyword) !== null,
    );
    if (advertised(instance).length > 0 || silent) return [];
    return [onNode({ node }, instance.at, `${instance.name} has no virtual address`)];
  });
};
