import type { Place } from "../../../core/error.ts";
import type { KeepalivedConfig, VirtualAddress, VrrpInstance } from "../../keepalived/config.ts";
import { findStatement, keywordOf } from "../../keepalived/statements.ts";
import type { KeepalivedStatement } from "../../keepalived/syntax.ts";
import type { Pair, PairNode } from "../../pair/pair.ts";
import type { Member } from "../../vrrp/member.ts";
import { type VirtualRouter, virtualRouters } from "../../vrrp/router.ts";
import { eachNode } from "../each-node.ts";
import type { Finding } from "../rule.ts";

/** A node that has a keepalived.conf. */
export interface KeepalivedNode {
  readonly node: PairNode;
  readonly config: KeepalivedConfig;
}

/** One instance of one node. */
export interface NodeInstance extends KeepalivedNode {
  readonly instance: VrrpInstance;
}

/** The nodes of a pair that have a keepalived.conf. */
export const keepalivedNodes = (pair: Pair): readonly KeepalivedNode[] =>
  pair.nodes.flatMap((node) => (node.keepalived === null ? [] : [{ node, config: node.keepalived }]));

/** All instances of all nodes. */
export const nodeInstances = (pair: Pair): readonly NodeInstance[] =>
  keepalivedNodes(pair).flatMap((entry) => instancesOf(entry));

const instancesOf = ({ node, config }: KeepalivedNode): readonly NodeInstance[] =>
  config.instances.map((instance) => ({ node, config, instance }));

/** Looks at the keepalived.conf of every node that has one; what several have in the same line is one finding. */
export const eachKeepalived = (
  pair: Pair,
  look: (entry: KeepalivedNode) => readonly Finding[],
): readonly Finding[] =>
  eachNode(pair, (node) =>
    node.keepalived === null
      ? []
      : look({ node, config: node.keepalived }).map(({ nodes: _, ...found }) => found),
  );

/** Looks at every instance of every node in the same way. */
export const eachInstance = (
  pair: Pair,
  look: (entry: NodeInstance) => readonly Finding[],
): readonly Finding[] => eachKeepalived(pair, (entry) => instancesOf(entry).flatMap(look));

/** The virtual routers that more than one node takes part in. */
export const sharedRouters = (pair: Pair): readonly VirtualRouter[] =>
  virtualRouters(pair).filter(({ members }) => members.length > 1);

/** A finding about one node. */
export const onNode = (
  { node }: { readonly node: PairNode },
  at: Place | null,
  message: string,
  more: Partial<Pick<Finding, "fix" | "severity">> = {},
): Finding => ({ nodes: [node.name], at, message, fix: null, ...more });

/** The place of the first word of the statement with this keyword; null without one. */
export const placeOf = (statements: readonly KeepalivedStatement[], keyword: string): Place | null =>
  findStatement(statements, keyword)?.words[0]?.at ?? null;

/** Whether a statement with this keyword is there. */
export const says = (statements: readonly KeepalivedStatement[], keyword: string): boolean =>
  findStatement(statements, keyword) !== null;

/** The addresses of an instance that are in its adverts. */
export const advertised = (instance: VrrpInstance): readonly VirtualAddress[] =>
  instance.virtualAddresses.filter(({ excluded }) => !excluded);

/** Whether a configuration takes in other files: what is missing here may be there. */
export const includesOthers = ({ statements }: KeepalivedConfig): boolean =>
  everyStatement(statements).some((statement) => /^include[rmwba]?$/.test(keywordOf(statement)));

/** Statements with those of their blocks, depth first. */
export const everyStatement = (statements: readonly KeepalivedStatement[]): readonly KeepalivedStatement[] =>
  statements.flatMap((statement) => [statement, ...everyStatement(statement.block ?? [])]);

/** A value as each member of a router has it: `lb1 51, lb2 52`; null where all have the same. */
export const difference = ({ members }: VirtualRouter, shown: (member: Member) => string): string | null => {
  const values = members.map(shown);
  return new Set(values).size < 2
    ? null
    : members.map(({ node }, index) => `${node.name} ${values[index]}`).join(", ");
};

/** A finding about all members of a router, shown at the first that differs from the first node, then at the others. */
export const onRouter = (
  { members }: VirtualRouter,
  at: (member: Member) => Place | null,
  message: string,
  shown: (member: Member) => string = () => "",
): Finding => {
  const odd = members.find((member) => shown(member) !== shown(members[0])) ?? members[0];
  return {
    nodes: members.map(({ node }) => node.name),
    at: at(odd) ?? odd.instance.at,
    also: members.filter((member) => member !== odd).map((member) => at(member) ?? member.instance.at),
    message,
    fix: null,
  };
};

/** Items by a key, in the order of their first. */
export const grouped = <T, K>(items: readonly T[], keyOf: (item: T) => K): ReadonlyMap<K, readonly T[]> => {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
};
