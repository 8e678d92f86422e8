import { placeOf } from "../config/node.ts";
import { originOf } from "../config/origins.ts";
import { LbplayError, LbplayErrors, type Place, placeText } from "../core/error.ts";
import type { Inventory, InventoryGroup } from "../core/play.ts";
import { isDict, type Source } from "../core/value.ts";
import type { PairSettings } from "../lb/pair/pair.ts";
import { parsePairSettings } from "../lb/pair/settings.ts";

/** The variable that makes a group a pair. */
const VARIABLE = "lbplay_pair";

/** A group of the inventory whose hosts share virtual addresses. */
export interface InventoryPair {
  /** The group's name. */
  readonly name: string;
  /** In the group's order. */
  readonly hosts: readonly string[];
  readonly settings: PairSettings;
  /** Where the group is made a pair; null where no file says it. */
  readonly at: Place | null;
}

/**
 * The pairs of an inventory, in its groups' order. Where groups that carry `lbplay_pair` are nested, a host belongs to
 * the innermost; `false` there takes it out. Throws LbplayErrors.
 */
export const pairsOf = async (inventory: Inventory): Promise<readonly InventoryPair[]> => {
  const marked = [...inventory.groups.values()].filter((group) => group.vars.has(VARIABLE));
  const faults = misplaced(inventory, marked);
  const owners = new Map<string, InventoryGroup>();
  for (const host of inventory.hosts.keys()) {
    const [owner, other] = innermost(host, marked, inventory);
    if (owner !== undefined && other !== undefined) faults.push(inTwo(host, owner, other));
    if (owner !== undefined) owners.set(host, owner);
  }
  const rules = await rulesFor(marked);
  const pairs = marked.flatMap((group): InventoryPair[] => {
    const hosts = group.hosts.filter((host) => owners.get(host) === group);
    const { settings, faults: wrong } = parsePairSettings(group.vars.get(VARIABLE) ?? null, {
      nodes: hosts,
      hosts: [...inventory.hosts.keys()],
      rules,
      placeOf: (path) => placeIn(group, path),
    });
    faults.push(...wrong);
    return settings === null || hosts.length === 0
      ? []
      : [{ name: group.name, hosts, settings, at: placeIn(group, []) }];
  });
  if (faults.length > 0) throw new LbplayErrors(faults);
  return pairs;
};

/** The ids of lint's rules. They are a large part of the program, and loaded only where a group turns one off. */
const rulesFor = async (marked: readonly InventoryGroup[]): Promise<readonly string[]> => {
  const turnsOff = marked.some((group) => {
    const value = group.vars.get(VARIABLE);
    return isDict<Source>(value) && value.has("lint_off");
  });
  if (!turnsOff) return [];
  const { rules } = await import("../lb/lint/registry.ts");
  return rules.map((rule) => rule.id);
};

/** The marked groups of a host that have no marked group of that host below them. */
const innermost = (
  host: string,
  marked: readonly InventoryGroup[],
  inventory: Inventory,
): readonly InventoryGroup[] => {
  const mine = marked.filter((group) => group.hosts.includes(host));
  return mine.filter((group) => !mine.some((other) => other !== group && isBelow(other, group, inventory)));
};

const isBelow = (inner: InventoryGroup, outer: InventoryGroup, inventory: Inventory): boolean =>
  outer.children.some((name) => {
    const child = inventory.groups.get(name);
    return child !== undefined && (child === inner || isBelow(inner, child, inventory));
  });

const inTwo = (host: string, one: InventoryGroup, other: InventoryGroup): LbplayError => {
  const elsewhere = placeText(placeIn(other, []));
  return new LbplayError({
    code: "E_PAIR",
    message: `${host} is in two pairs, ${one.name} and ${other.name}`,
    at: placeIn(one, []),
    hint: `a host has one pair: unmark one of the groups${elsewhere === null ? "" : ` (the other is marked at ${elsewhere})`}`,
  });
};

/** A host that has the variable by itself: it is of a group, as a pair is more than one host. */
const misplaced = (inventory: Inventory, marked: readonly InventoryGroup[]): LbplayError[] =>
  [...inventory.hosts.values()].flatMap((host) => {
    if (!host.vars.has(VARIABLE)) return [];
    const origin = originOf(host.vars, VARIABLE);
    const groups = marked.filter((group) => group.hosts.includes(host.name));
    const inherited = groups.some((group) => originOf(group.vars, VARIABLE)?.node === origin?.node);
    if (inherited) return [];
    return [
      new LbplayError({
        code: "E_PAIR",
        message: `${VARIABLE} is set for the host ${host.name} alone`,
        at: origin?.keyAt ?? null,
        hint: "set it for the group of the pair's nodes",
      }),
    ];
  });

const placeIn = (group: InventoryGroup, path: readonly string[]): Place | null => {
  const origin = originOf(group.vars, VARIABLE);
  if (origin === null) return null;
  return path.length === 0 ? origin.keyAt : placeOf(origin.node, path);
};
