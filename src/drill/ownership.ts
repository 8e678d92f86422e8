import type { OwnershipTrack } from "./result.ts";

/** Who has which virtual address at a moment. */
export const ownersAt = (
  tracks: readonly OwnershipTrack[],
  at: number,
): ReadonlyMap<string, readonly string[]> => {
  const owners = new Map<string, readonly string[]>();
  for (const { node, address, changes } of tracks) {
    const last = changes.findLast((change) => change.at <= at) ?? changes[0];
    owners.set(address, [...(owners.get(address) ?? []), ...(last?.held === true ? [node] : [])]);
  }
  return owners;
};

/** All nodes that have an address at a moment, each once. */
export const holdersAt = (tracks: readonly OwnershipTrack[], at: number): readonly string[] => [
  ...new Set([...ownersAt(tracks, at).values()].flat()),
];

/** For how long nobody, or several nodes, had an address between two moments; of the address with which it was longest. */
export const ownershipTimes = (
  tracks: readonly OwnershipTrack[],
  from: number,
  to: number,
): { readonly nobodyMs: number; readonly severalMs: number } => {
  const moments = [
    from,
    ...new Set(
      tracks.flatMap(({ changes }) => changes.map(({ at }) => at)).filter((at) => at > from && at < to),
    ),
    to,
  ].toSorted((a, b) => a - b);
  const nobody = new Map<string, number>();
  const several = new Map<string, number>();
  moments.slice(0, -1).forEach((moment, index) => {
    const length = (moments[index + 1] ?? moment) - moment;
    for (const [address, owners] of ownersAt(tracks, moment)) {
      const sum = owners.length === 0 ? nobody : owners.length > 1 ? several : null;
      sum?.set(address, (sum.get(address) ?? 0) + length);
    }
  });
  return { nobodyMs: Math.max(0, ...nobody.values()), severalMs: Math.max(0, ...several.values()) };
};

/** When a node that is not among `before` had all addresses for the first time after the fault; null: none got them. */
export const takeoverAt = (
  tracks: readonly OwnershipTrack[],
  before: readonly string[],
  until: number,
): number | null => {
  const moments = tracks
    .flatMap(({ changes }) =>
      changes.flatMap(({ at, held }) => (held === true && at >= 0 && at < until ? [at] : [])),
    )
    .toSorted((a, b) => a - b);
  return (
    moments.find((at) => {
      const owners = [...ownersAt(tracks, at).values()];
      const [first = []] = owners;
      return first.some((node) => !before.includes(node) && owners.every((nodes) => nodes.includes(node)));
    }) ?? null
  );
};
