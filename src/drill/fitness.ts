import { type Probe, read } from "../core/probe.ts";
import { allAddresses, type LiveNode } from "../lb/live/node.ts";
import { pairHealth, unfitness } from "../lb/live/pair-health.ts";
import type { Pair } from "../lb/pair/pair.ts";
import type { Capabilities, Subject } from "./faults/fault.ts";

/** What a node has, and what it is. */
export interface NodeMeans extends Capabilities {
  /** `Debian GNU/Linux 12 (bookworm)`. */
  readonly system: string | null;
  readonly kernel: string | null;
}

/** What a node has that faults need. */
export const meansProbe: Probe<NodeMeans> = read(
  `PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
for name in nft iptables systemctl; do ! command -v $name >/dev/null 2>&1 || echo "has $name"; done
[ ! -d /run/systemd/system ] || echo 'has systemd'
( . /etc/os-release 2>/dev/null && echo "system $PRETTY_NAME" )
echo "kernel $(uname -r)"`,
  ({ stdout }) => {
    const text = stdout.toString("utf8");
    const has = (name: string): boolean => text.includes(`has ${name}\n`);
    return {
      nft: has("nft"),
      iptables: has("iptables"),
      systemd: has("systemd"),
      system: /^system (.+)$/m.exec(text)?.[1] ?? null,
      kernel: /^kernel (.+)$/m.exec(text)?.[1] ?? null,
    };
  },
);

/** A certificate that ends soon is no reason not to drill. */
const HARMLESS: ReadonlySet<string> = new Set(["certificate"]);

/** Why a pair must not be broken on purpose now, a sentence each; empty: it may. */
export const reasonsAgainst = (nodes: readonly LiveNode[]): readonly string[] => {
  const health = pairHealth(nodes);
  const errors = health.problems.flatMap(({ severity, kind, node, message }) =>
    severity === "error" && !HARMLESS.has(kind) ? [`${node === null ? "" : `${node}: `}${message}`] : [],
  );
  if (errors.length > 0) return errors;
  const owner = nodes.find(({ name }) => name === health.owner);
  if (owner === undefined) {
    const shared = health.addresses.map(({ address, owners }) => `${owners.join(" and ")} has ${address}`);
    return [
      `a drill needs one owner of all addresses, and ${shared.join(", ")}: lbplay switchover --to brings them together`,
    ];
  }
  const others = nodes.filter((node) => node !== owner);
  if (others.length === 0) return ["the pair has only one node"];
  const lacks = others.map((node) => ({ node, why: unfitness(node, owner) }));
  return lacks.some(({ why }) => why.length === 0)
    ? []
    : lacks.map(({ node, why }) => `${node.name} could not take over: ${why.join("; ")}`);
};

/** The pair as faults see it. It has to be fit. */
export const subjectOf = (
  nodes: readonly LiveNode[],
  pair: Pair,
  means: ReadonlyMap<string, Capabilities>,
  power: boolean,
): Subject => {
  const { owner: name } = pairHealth(nodes);
  const owner = nodes.find((node) => node.name === name);
  const standby = nodes.find((node) => node !== owner && unfitness(node, owner ?? null).length === 0);
  if (owner === undefined || standby === undefined)
    throw new Error("a pair that is not fit was to be drilled");
  return { pair, nodes, owner, standby, addresses: allAddresses(nodes), capabilities: means, power };
};
