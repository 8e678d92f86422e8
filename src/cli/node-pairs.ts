import { LbplayError, LbplayErrors, type SourceText } from "../core/error.ts";
import { type Answer, type Node, probeNodes } from "../engine/nodes.ts";
import { haproxyConfig } from "../lb/haproxy/read-config.ts";
import { keepalivedConfig } from "../lb/keepalived/read-config.ts";
import { configProbe, type NodeConfigs } from "../lb/pair/config-probe.ts";
import type { NodeFacts } from "../lb/pair/facts.ts";
import { factsProbe } from "../lb/pair/facts-probe.ts";
import type { PairNode, PairSettings } from "../lb/pair/pair.ts";
import { type NodePlan, plannedFacts, plannedFiles } from "../lb/pair/planned.ts";
import { NO_SETTINGS } from "../lb/pair/settings.ts";
import type { Io } from "./io.ts";
import { type Live, withNodes } from "./nodes.ts";
import { pairsOf } from "./pairs.ts";
import type { FoundPairs } from "./read-pairs.ts";
import type { LiveOptions } from "./run-options.ts";

/** Reads the pairs of an inventory from their nodes, and changes nothing there. */
export const withLivePairs = (
  options: LiveOptions,
  io: Io,
  work: (found: FoundPairs) => number | Promise<number>,
): Promise<number> => withNodes(options, io, async (live) => work(await readPairs(live, options, io.now)));

/** Hosts that are taken for a pair. */
export interface PairGroup {
  readonly name: string;
  readonly hosts: readonly string[];
  readonly settings: PairSettings;
  /** The inventory says that they are one. */
  readonly marked: boolean;
}

/**
 * The pairs among hosts: those that the inventory marks, or else all hosts as one. Throws E_NO_HOSTS where it marks
 * pairs and the hosts are in none of them.
 */
export const pairGroups = async (
  { inventory, hosts }: Pick<Live, "inventory" | "hosts">,
  limit: string | null,
): Promise<readonly PairGroup[]> => {
  const pairs = await pairsOf(inventory);
  if (pairs.length === 0) return [{ name: limit ?? "all", hosts, settings: NO_SETTINGS, marked: false }];
  const groups = pairs.map(
    (pair): PairGroup => ({
      ...pair,
      hosts: pair.hosts.filter((host) => hosts.includes(host)),
      marked: true,
    }),
  );
  const left = groups.filter((group) => group.hosts.length > 0);
  if (left.length > 0) return left;
  throw new LbplayError({
    code: "E_NO_HOSTS",
    message: `--limit ${limit} leaves no node of a pair`,
    hint: `the inventory's pairs are ${pairs.map((pair) => `${pair.name} (${pair.hosts.join(", ")})`).join(" and ")}`,
  });
};

const readPairs = async (live: Live, options: LiveOptions, now: Io["now"]): Promise<FoundPairs> => {
  const groups = await pairGroups(live, options.limit);
  const nodes = live.open([...new Set(groups.flatMap((group) => group.hosts))]).all;
  const { known, unreachable } = await readNodes(nodes, options.forks, now);
  return { ...foundGroups(groups, known), unreachable, redact: live.redactor.redact };
};

/** Nodes with what they answered, or why they did not. */
interface ReadNodes extends Pick<FoundPairs, "unreachable"> {
  readonly known: ReadonlyMap<string, PairNode>;
}

/**
 * Reads the configurations of nodes, and then what these make it worth to know of them; with `plans` both as they would
 * be after the plan. Throws LbplayErrors.
 */
export const readNodes = async (
  nodes: readonly Node[],
  width: number,
  now: () => number,
  plans: ReadonlyMap<string, NodePlan> = new Map(),
): Promise<ReadNodes> => {
  const read = answered(await probeNodes(nodes, width, () => configProbe));
  refuseUnreadable(read.values);
  const configs = new Map(
    [...read.values].map(([name, own]) => [name, plannedFiles(own, plans.get(name)?.actions ?? [])] as const),
  );
  const plain = new Map([...configs].map(([name, own]) => [name, nodeOf(name, own)] as const));
  const facts = answered(
    await probeNodes(
      nodes.filter(({ name }) => plain.has(name)),
      width,
      ({ name }) => factsProbe(plain.get(name) ?? NOTHING, now),
    ),
  );
  const known = [...facts.values].flatMap(([name, present]): (readonly [string, PairNode])[] => {
    const config = configs.get(name);
    const plan = plans.get(name);
    const own = plan === undefined ? present : plannedFacts(present, plan);
    return config === undefined ? [] : [[name, nodeOf(name, config, own)]];
  });
  return { known: new Map(known), unreachable: [...read.unreachable, ...facts.unreachable] };
};

const NOTHING: Pick<PairNode, "haproxy" | "keepalived"> = { haproxy: null, keepalived: null };

const answered = <T>(answers: ReadonlyMap<string, Answer<T>>) => {
  const values = new Map<string, T>();
  const unreachable: { readonly node: string; readonly message: string }[] = [];
  for (const [node, answer] of answers) {
    if (answer.kind === "answered") values.set(node, answer.value);
    else unreachable.push({ node, message: answer.error.message });
  }
  return { values, unreachable };
};

/** Nodes as pairs. In a group that nobody marked, those without any configuration are no load balancers. */
export const foundGroups = (
  groups: readonly PairGroup[],
  known: ReadonlyMap<string, PairNode>,
): Pick<FoundPairs, "pairs" | "notes"> => {
  const left = new Set<string>();
  const pairs = groups.flatMap(({ name, hosts, settings, marked }) => {
    const nodes = hosts.flatMap((host) => known.get(host) ?? []);
    const balancers = nodes.filter((node) => marked || node.haproxy !== null || node.keepalived !== null);
    for (const node of nodes) if (!balancers.includes(node)) left.add(node.name);
    return balancers.length === 0 ? [] : [{ name, nodes: balancers, settings }];
  });
  if (pairs.length === 0 && left.size > 0) throw noBalancer([...left]);
  const notes =
    left.size === 0
      ? []
      : [`Not looked at, as they have neither HAProxy nor keepalived: ${[...left].join(", ")}.`];
  return { pairs, notes };
};

const noBalancer = (names: readonly string[]): LbplayError =>
  new LbplayError({
    code: "E_NO_PAIR",
    message: `no configuration of HAProxy or keepalived was found on ${names.join(", ")}`,
    hint: "name the load balancers with --limit, or mark their group with lbplay_pair",
  });

const nodeOf = (
  name: string,
  { haproxy, keepalived, configId }: NodeConfigs,
  facts: NodeFacts | null = null,
): PairNode => {
  const own = (sources: readonly SourceText[]): readonly SourceText[] =>
    sources.map(({ path, text }) => ({ path: `${name}:${path}`, text }));
  return {
    name,
    haproxy: haproxy.length === 0 ? null : haproxyConfig(own(haproxy), facts?.haproxy?.version ?? null),
    keepalived: keepalived.length === 0 ? null : keepalivedConfig(own(keepalived), configId),
    facts,
  };
};

const refuseUnreadable = (configs: ReadonlyMap<string, NodeConfigs>): void => {
  const faults = [...configs].flatMap(([name, { unreadable }]) =>
    unreadable.map(
      (path) =>
        new LbplayError({
          code: "E_UNREADABLE",
          message: `${name}: ${path} may not be read`,
          hint: "let the login user become root: ansible_become, and -K where sudo asks for a password",
        }),
    ),
  );
  if (faults.length > 0) throw new LbplayErrors(faults);
};
