import { LbplayError } from "../core/error.ts";
import type { Inventory } from "../core/play.ts";

/** One of several parts into which an inventory is split; `index` counts from 1. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

/** `2/4`, or null. */
export const parseShard = (text: string): Shard | null => {
  const [, index, count] = /^(\d{1,6})\/(\d{1,6})$/.exec(text) ?? [];
  const shard = { index: Number(index), count: Number(count) };
  return shard.index >= 1 && shard.index <= shard.count ? shard : null;
};

/**
 * The hosts of an inventory that are other shards' business. Every host is in exactly one shard, the nodes of a pair in
 * the same; the shards' sizes differ by at most the largest pair. Which host is where depends on the inventory alone, so
 * that runs which know nothing of each other agree. Throws E_SHARD where there are more shards than there is to split.
 */
export const outsideOf = (
  { index, count }: Shard,
  inventory: Inventory,
  pairs: readonly { readonly hosts: readonly string[] }[],
): ReadonlySet<string> => {
  const paired = new Set(pairs.flatMap(({ hosts }) => hosts));
  const units = [
    ...pairs.map(({ hosts }) => hosts),
    ...[...inventory.hosts.keys()].filter((host) => !paired.has(host)).map((host) => [host]),
  ].toSorted((a, b) => b.length - a.length || ((a[0] ?? "") < (b[0] ?? "") ? -1 : 1));
  if (count > units.length)
    throw new LbplayError({
      code: "E_SHARD",
      message: `--shard ${index}/${count}: the inventory can be split into ${units.length} at most, as pairs stay whole`,
      hint: `say --shard 1/${Math.max(1, units.length)} or less`,
    });
  const sizes = Array.from({ length: count }, () => 0);
  const outside = new Set<string>();
  for (const unit of units) {
    const smallest = sizes.indexOf(Math.min(...sizes));
    sizes[smallest] = (sizes[smallest] ?? 0) + unit.length;
    if (smallest !== index - 1) for (const host of unit) outside.add(host);
  }
  return outside;
};
