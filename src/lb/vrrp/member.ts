import type { KeepalivedConfig, VrrpInstance } from "../keepalived/config.ts";
import type { PairNode } from "../pair/pair.ts";
import type { Version } from "../version.ts";
import { advertMs, type Manners, mannersOf, masterDownMs, skewMs } from "./timers.ts";
import { type ResolvedTracker, resolveTrackers } from "./trackers.ts";

/** One node's part in a virtual router. */
export interface Member {
  readonly node: PairNode;
  readonly config: KeepalivedConfig;
  readonly instance: VrrpInstance;
  readonly trackers: readonly ResolvedTracker[];
  readonly version: Version | null;
  readonly manners: Manners;
  /** As they hold: keepalived clears nopreempt where the state is MASTER or the priority 255, preempt_delay likewise. */
  readonly nopreempt: boolean;
  readonly preemptDelayMs: number;
  readonly advertMs: number;
}

/** How a node stands in the election: FAULT, or the priority that it advertises. */
export type Standing = { readonly kind: "fault" } | { readonly kind: "running"; readonly priority: number };

/** A node's instance with everything that follows from its configuration. */
export const memberOf = (node: PairNode, config: KeepalivedConfig, instance: VrrpInstance): Member => {
  const version = node.facts?.keepalived?.version ?? null;
  const backup = instance.state === "BACKUP";
  const nopreempt = instance.nopreempt && backup && instance.priority.value !== 255;
  return {
    node,
    config,
    instance,
    trackers: resolveTrackers(node, config, instance),
    version,
    manners: mannersOf(version),
    nopreempt,
    preemptDelayMs: backup && !nopreempt ? instance.preemptDelay * 1000 : 0,
    advertMs: advertMs(instance),
  };
};

/** 1 to 254, as keepalived clamps what trackers make of a priority; what is no priority becomes the default of 100. */
const clamp = (priority: number): number => Math.min(Math.max(priority, 1), 254);

/** How a node stands while exactly the trackers of these keys have failed. */
export const standing = (member: Member, failed: ReadonlySet<string> = new Set()): Standing => {
  const { value } = member.instance.priority;
  const effects = member.trackers
    .filter((tracker) => failed.has(tracker.key))
    .map((tracker) => tracker.failed);
  if (effects.some(({ kind }) => kind === "fault")) return { kind: "fault" };
  if (value === 255) return { kind: "running", priority: 255 };
  const base = value >= 1 && value <= 254 ? value : 100;
  const healthy = member.trackers.reduce((sum, tracker) => sum + tracker.healthy, 0);
  const lost = effects.reduce((sum, effect) => sum + (effect.kind === "priority" ? effect.delta : 0), 0);
  return { kind: "running", priority: clamp(base + healthy + lost) };
};

/** The priority while nothing has failed. */
export const healthyPriority = (member: Member): number => {
  const now = standing(member);
  return now.kind === "running" ? now.priority : 0;
};

/** Milliseconds of a backup's two timers under a master that advertises each `masterAdvertMs`. */
export const timersOf = (
  { instance, manners, advertMs: own }: Member,
  priority: number,
  masterAdvertMs: number,
): { readonly skew: number; readonly down: number } => {
  const { version, downTimerAdverts } = instance;
  const counted =
    manners === "classic"
      ? instance.priority.value >= 1 && instance.priority.value <= 255
        ? instance.priority.value
        : 100
      : priority;
  const heard = version === 2 ? own : masterAdvertMs;
  const input = { version, priority: counted, advertMs: heard, downTimerAdverts };
  return { skew: skewMs(input), down: masterDownMs(input) };
};
