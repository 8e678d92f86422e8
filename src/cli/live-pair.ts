import { LbplayError } from "../core/error.ts";
import { type Answer, type Node, probeNodes } from "../engine/nodes.ts";
import { keepalivedConfig } from "../lb/keepalived/read-config.ts";
import { liveProbe } from "../lb/live/live.ts";
import type { LiveNode } from "../lb/live/node.ts";
import type { LiveState } from "../lb/live/state.ts";
import { NO_SETTINGS } from "../lb/pair/settings.ts";
import type { Live } from "./nodes.ts";
import { type InventoryPair, pairsOf } from "./pairs.ts";

/** The group that lbplay's roles take for the pair where nothing else is said. */
const USUAL_GROUP = "lb";

/** A look at a node takes a fraction of a second; one that takes this long will not be answered, in milliseconds. */
export const LOOK_LIMIT_MS = 20_000;

/**
 * The pairs that a command is about: the one of a name, which may be any group, or all that the inventory marks and
 * `--limit` leaves a host of. Pairs are always whole.
 */
export const chosenPairs = async (
  { inventory, hosts }: Pick<Live, "inventory" | "hosts">,
  name: string | null,
): Promise<readonly InventoryPair[]> => {
  const pairs = await pairsOf(inventory);
  const wanted = name ?? (pairs.length === 0 ? USUAL_GROUP : null);
  if (wanted === null) return pairs.filter((pair) => pair.hosts.some((host) => hosts.includes(host)));
  const marked = pairs.find((pair) => pair.name === wanted);
  if (marked !== undefined) return [marked];
  const group = inventory.groups.get(wanted);
  if (group !== undefined && group.hosts.length > 0)
    return [{ name: wanted, hosts: group.hosts, settings: NO_SETTINGS, at: null }];
  throw new LbplayError({
    code: "E_NO_PAIR",
    message:
      name === null
        ? "the inventory marks no group as a pair, and has none that is called lb"
        : `the inventory has no pair and no group ${name}`,
    hint: `${pairs.length > 0 ? `its pairs are ${pairs.map((pair) => pair.name).join(", ")}; ` : ""}name the group of the load balancers, or set lbplay_pair: true in its variables`,
  });
};

/** The one pair that a command is about. */
export const chosenPair = async (
  live: Pick<Live, "inventory" | "hosts">,
  name: string | null,
): Promise<InventoryPair> => {
  const [pair, ...others] = await chosenPairs(live, name);
  if (pair !== undefined && others.length === 0) return pair;
  const all = (await pairsOf(live.inventory)).map((one) => one.name);
  throw new LbplayError({
    code: "E_NO_PAIR",
    message: pair === undefined ? "--limit leaves no pair" : "the inventory has several pairs",
    hint: `say which: ${all.join(", ")}`,
  });
};

/** How nodes are this moment; one that cannot be reached is part of the answer. */
export const lookAt = async (nodes: readonly Node[], width: number): Promise<readonly LiveNode[]> => {
  const answers = await probeNodes(nodes, width, () => liveProbe, LOOK_LIMIT_MS);
  return nodes.map(({ name }) => liveNode(name, answers.get(name)));
};

const liveNode = (name: string, answer: Answer<LiveState> | undefined): LiveNode => {
  if (answer?.kind !== "answered") {
    const reason = answer?.error.message ?? "it was not asked";
    return { name, seen: { kind: "unreachable", reason }, keepalived: null };
  }
  const { config } = answer.value.keepalived;
  const seen = { kind: "seen", state: answer.value } as const;
  return {
    name,
    seen,
    keepalived: config.length === 0 ? null : keepalivedConfig(config, name.split(".")[0]),
  };
};
