import type { KeepalivedConfig, SyncGroup, Tracker, TrackerUse, VrrpInstance } from "../keepalived/config.ts";
import { findStatement } from "../keepalived/statements.ts";
import type { PairNode } from "../pair/pair.ts";
import { type Detection, detection } from "./detection.ts";
import { type Purpose, purposeOf } from "./purpose.ts";

/** What a failed tracker does to an instance: FAULT, or so much less (or more) of priority. */
export type Effect = { readonly kind: "fault" } | { readonly kind: "priority"; readonly delta: number };

/** A tracker as one instance feels it. */
export interface ResolvedTracker {
  /** Kind and name: what fails together on a node has one key. */
  readonly key: string;
  readonly name: string;
  readonly use: TrackerUse;
  readonly definition: Tracker | null;
  readonly purpose: Purpose;
  /** 0: its failure is a FAULT. */
  readonly weight: number;
  /** Added to the priority while all is well. */
  readonly healthy: number;
  /** What becomes of it when what it watches fails. */
  readonly failed: Effect;
  readonly detection: Detection;
}

/**
 * The trackers that count for an instance, with the weights that count. In a sync group also what puts another member
 * into FAULT, because the group is in FAULT as a whole.
 */
export const resolveTrackers = (
  node: PairNode,
  config: KeepalivedConfig,
  instance: VrrpInstance,
): readonly ResolvedTracker[] => {
  const group = groupOf(config, instance);
  const own = ownTrackers(node, config, instance);
  if (group === null) return own;
  const shared = group.trackers.flatMap((use) => resolve(node, config, instance, use, false));
  const siblings = config.instances
    .filter(({ name }) => name !== instance.name && group.members.some(({ text }) => text === name))
    .flatMap((sibling) => [...ownTrackers(node, config, sibling), ...ownInterface(sibling)])
    .filter(({ failed, use }) => failed.kind === "fault" && use.name !== instance.interface?.text);
  const all = [...own, ...shared, ...siblings];
  return all.filter(({ key }, index) => all.findIndex((other) => other.key === key) === index);
};

const ownTrackers = (
  node: PairNode,
  config: KeepalivedConfig,
  instance: VrrpInstance,
): readonly ResolvedTracker[] => {
  const group = groupOf(config, instance);
  const weightless = instance.priority.value === 255 || (group !== null && !keepsWeights(group));
  return instance.trackers.flatMap((use) => resolve(node, config, instance, use, weightless));
};

/** The interface of a group's other member: its loss is a FAULT of the group. */
const ownInterface = (sibling: VrrpInstance): readonly ResolvedTracker[] => {
  if (sibling.interface === null || findStatement(sibling.statements, "dont_track_primary") !== null)
    return [];
  const { text: name, at } = sibling.interface;
  const use: TrackerUse = { at, kind: "interface", name, weight: null, reverse: false };
  return [tracked(use, null, "link", 0, false)];
};

/** The sync group that an instance is in; null: none. */
export const groupOf = (config: KeepalivedConfig, instance: VrrpInstance): SyncGroup | null =>
  config.syncGroups.find(({ members }) => members.some(({ text }) => text === instance.name)) ?? null;

/** Whether a sync group lets the trackers of its members have weights. */
export const keepsWeights = (group: SyncGroup): boolean =>
  group.statements.some(({ words }) =>
    ["sync_group_tracking_weight", "global_tracking"].includes(words[0]?.text ?? ""),
  );

const resolve = (
  node: PairNode,
  config: KeepalivedConfig,
  instance: VrrpInstance,
  use: TrackerUse,
  weightless: boolean,
): readonly ResolvedTracker[] => {
  const definition = config.trackers.find(({ kind, name }) => kind === use.kind && name === use.name) ?? null;
  if (definition === null && ["script", "file", "process"].includes(use.kind)) return [];
  const written = use.weight ?? definedWeight(definition);
  // keepalived tracks the instance's own interface anyway and ignores that it is named.
  if (use.kind === "interface" && use.name === instance.interface?.text) return [];
  const weight = weightless ? weightOfWeightless(use.kind, written) : written;
  if (weight === null) return [];
  return [
    tracked(
      use,
      definition,
      purposeOf(node, use, definition),
      weight,
      use.reverse || saysReverse(definition),
    ),
  ];
};

const tracked = (
  use: TrackerUse,
  definition: Tracker | null,
  purpose: Purpose,
  weight: number,
  reverse: boolean,
): ResolvedTracker => ({
  key: `${use.kind} ${use.name}`,
  name: use.name,
  use,
  definition,
  purpose,
  weight,
  ...effects(use.kind, weight, reverse),
  detection: detection(use.kind, definition),
});

/** A tracked file multiplies by 1 where no weight is written; everything else puts the instance into FAULT. */
const definedWeight = (definition: Tracker | null): number => {
  if (definition === null) return 0;
  const written = findStatement(definition.statements, "weight") !== null;
  return definition.kind === "file" && !written ? 1 : definition.weight;
};

/** In a sync group, and at priority 255, keepalived takes no weights from the instance's own trackers unless told to. */
const weightOfWeightless = (kind: TrackerUse["kind"], weight: number): number | null => {
  if (weight === 0 || kind === "process") return weight;
  if (kind === "interface" || (kind === "file" && weight === 1)) return 0;
  return null;
};

const saysReverse = (definition: Tracker | null): boolean =>
  definition !== null &&
  (findStatement(definition.statements, "weight")
    ?.words.slice(2)
    .some(({ text }) => text === "reverse") ??
    false);

/**
 * What a tracker adds while all is well, and what its failure does. A script or interface adds a positive weight while
 * it is well and takes a negative one when it fails, the other way round with `reverse`. A tracked file adds its number
 * times the weight: 0 while all is well and 1 when not is how such files are written.
 */
const effects = (
  kind: TrackerUse["kind"],
  weight: number,
  reverse: boolean,
): Pick<ResolvedTracker, "healthy" | "failed"> => {
  if (weight === 0) return { healthy: 0, failed: { kind: "fault" } };
  if (kind === "file") {
    const delta = reverse ? -weight : weight;
    return { healthy: 0, failed: delta <= -254 ? { kind: "fault" } : { kind: "priority", delta } };
  }
  return {
    healthy: weight > 0 === reverse ? 0 : Math.abs(weight),
    failed: { kind: "priority", delta: -Math.abs(weight) },
  };
};
