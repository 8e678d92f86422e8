import type { Place } from "../../core/error.ts";
import type { HaproxyConfig } from "../haproxy/config.ts";
import type { NodeFacts } from "../pair/facts.ts";
import type { Pair, PairNode } from "../pair/pair.ts";
import type { Finding } from "./rule.ts";

/** What is found on one node, before it is known whether others have it too. */
export type Found = Omit<Finding, "nodes">;

/** A finding at a place, which the rule's own `fix` mends. */
export const found = (
  at: Place | null,
  message: string,
  more: Partial<Omit<Found, "at" | "message">> = {},
): Found => ({
  at,
  message,
  fix: null,
  ...more,
});

/** Looks at every node by itself. What several nodes have in the same words at the same line is one finding. */
export const eachNode = (pair: Pair, look: (node: PairNode) => readonly Found[]): readonly Finding[] => {
  const merged = new Map<string, Finding>();
  for (const node of pair.nodes) {
    for (const finding of look(node)) {
      const key = JSON.stringify([finding.message, finding.fix, finding.severity, lineOf(finding.at)]);
      const before = merged.get(key);
      if (before?.nodes.includes(node.name) === true) continue;
      merged.set(
        key,
        before === undefined
          ? { nodes: [node.name], ...finding }
          : { ...before, nodes: [...before.nodes, node.name] },
      );
    }
  }
  return [...merged.values()];
};

const lineOf = (at: Place | null): readonly unknown[] =>
  at === null ? [] : [at.line, at.column, at.source.text.split("\n")[at.line - 1]];

/** Looks at the haproxy.cfg of every node that has one. */
export const eachHaproxy = (
  pair: Pair,
  look: (config: HaproxyConfig, node: PairNode) => readonly Found[],
): readonly Finding[] => eachNode(pair, (node) => (node.haproxy === null ? [] : look(node.haproxy, node)));

/** Looks at the haproxy.cfg of every node of which facts are known. */
export const eachHaproxyWithFacts = (
  pair: Pair,
  look: (config: HaproxyConfig, facts: NodeFacts, node: PairNode) => readonly Found[],
): readonly Finding[] =>
  eachHaproxy(pair, (config, node) => (node.facts === null ? [] : look(config, node.facts, node)));

/** Every two nodes of a pair: one couple of two, three of three. */
export const couples = (pair: Pair): readonly (readonly [PairNode, PairNode])[] =>
  pair.nodes.flatMap((left, index) =>
    pair.nodes.slice(index + 1).map((right): readonly [PairNode, PairNode] => [left, right]),
  );
