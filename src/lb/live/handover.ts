import { quote } from "../../core/shell.ts";
import type { TrackerUse, VrrpInstance } from "../keepalived/config.ts";
import { parseVersion } from "../version.ts";
import { advertMs, mannersOf, masterDownMs, skewMs } from "../vrrp/timers.ts";
import { type DrainFile, drainFiles } from "./drain.ts";
import { markOut, UNMARK } from "./mark.ts";
import { allAddresses, heldBy, type LiveNode, stateOf } from "./node.ts";

/** How a node gives its addresses away. */
export type HandoverWay =
  /** It writes into a file that its keepalived tracks. */
  | { readonly kind: "drain"; readonly path: string; readonly effect: "fault" | "weight" }
  /** Its keepalived says goodbye and ends. */
  | { readonly kind: "stop" };

/** A planned handover from one node to another, as scripts for them. */
export interface Handover {
  readonly from: string;
  readonly to: string;
  /** What moves. */
  readonly addresses: readonly string[];
  readonly way: HandoverWay;
  /** Milliseconds until `to` takes part at all: its keepalived has just started, and waits (vrrp_startup_delay). */
  readonly readyInMs: number;
  /** Begins the handover; for `from`. */
  readonly give: string;
  /** Takes it back; for `from`. */
  readonly undo: string;
  /**
   * Lets `from` take part again, for `from`: at once, as it stays a standby then; or later, when the addresses are to
   * come back, as it would take them.
   */
  readonly rejoin: { readonly when: "at-once" | "later"; readonly script: string };
  /** Milliseconds until `to` has the addresses, as keepalived's timers make them. */
  readonly expectedMs: number;
  /** Both serve until then: nothing is lost in between. */
  readonly overlap: boolean;
  /** Milliseconds after which it is taken back. */
  readonly deadlineMs: number;
}

/**
 * The cheapest way that the configurations allow: a drain file with a weight, with which the standby takes over while
 * the owner still serves; a drain file that means FAULT; else a stop of keepalived.
 */
export const planHandover = (from: LiveNode, to: LiveNode): Handover => {
  const moving = movingInstances(from);
  const { way, give, undo, expectedMs } = cheapest(from, to, moving);
  const rejoins = moving.every((pair) => staysStandby(pair, from, to));
  return {
    from: from.name,
    to: to.name,
    addresses: heldBy(from, allAddresses([from, to])),
    way,
    readyInMs: startupMs(to),
    give: rejoins ? give : `${markOut("switchover", "it would take the addresses back at once")}\n${give}`,
    undo: `${UNMARK}\n${undo}`,
    rejoin: { when: rejoins ? "at-once" : "later", script: `${UNMARK}\n${undo}` },
    expectedMs,
    overlap: way.kind === "drain" && way.effect === "weight",
    deadlineMs: 3 * expectedMs + 1000,
  };
};

/** Whether a node that takes part again would take the addresses from the one that has them. */
export const takesBack = (node: LiveNode, owner: LiveNode): boolean =>
  !movingInstances(owner).every((instance) => {
    const own = peer(node, instance);
    return own === null || staysStandby(own, node, owner);
  });

/** Shell text for keepalived's service, by systemd or by what there was before. */
export const keepalivedService = (verb: "start" | "stop"): string =>
  `if command -v systemctl >/dev/null; then systemctl ${verb} keepalived; else service keepalived ${verb}; fi`;

/** Shell text that has a drain file take its node out, or not. */
export const writeDrain = ({ kind, path }: Pick<DrainFile, "kind" | "path">, value: number): string => {
  if (kind === "number") return `echo ${value} >${quote(path)}`;
  if (value !== 0) return `echo 1 >${quote(path)}`;
  return kind === "content" ? `: >${quote(path)}` : `rm -f ${quote(path)}`;
};

/** An uptime of whole seconds and the start of the process that speaks VRRP are this inexact, in milliseconds. */
const STARTUP_SLACK_MS = 500;

/** Milliseconds for which a node that has just started hears and sends nothing yet. */
const startupMs = (node: LiveNode): number => {
  const said = node.keepalived?.globals.findLast(({ words }) => words[0]?.text === "vrrp_startup_delay");
  const delay = Number(said?.words[1]?.text ?? 0) || 0;
  const uptime = stateOf(node)?.keepalived.uptime ?? null;
  return uptime === null || uptime >= delay ? 0 : (delay - uptime) * 1000 + STARTUP_SLACK_MS;
};

/** The instances whose addresses a node has. */
const movingInstances = (from: LiveNode): readonly VrrpInstance[] => {
  const instances = from.keepalived?.instances ?? [];
  const held = instances.filter(({ virtualAddresses }) =>
    virtualAddresses.some(({ address }) => stateOf(from)?.addresses.has(address)),
  );
  return held.length > 0 ? held : instances;
};

interface Chosen extends Pick<Handover, "way" | "give" | "undo" | "expectedMs"> {}

const cheapest = (from: LiveNode, to: LiveNode, moving: readonly VrrpInstance[]): Chosen => {
  const files = from.keepalived === null ? [] : drainFiles(from.keepalived);
  const ways = files.flatMap((file) => byDrain(file, from, to, moving));
  return (
    ways.find(({ way }) => way.kind === "drain" && way.effect === "weight") ?? ways[0] ?? byStop(to, moving)
  );
};

const byStop = (to: LiveNode, moving: readonly VrrpInstance[]): Chosen => ({
  way: { kind: "stop" },
  give: keepalivedService("stop"),
  undo: keepalivedService("start"),
  expectedMs: slowest(moving, (instance) => timers(instance, to).skew),
});

const byDrain = (
  file: DrainFile,
  from: LiveNode,
  to: LiveNode,
  moving: readonly VrrpInstance[],
): readonly Chosen[] => {
  const uses = moving.map((instance) => useOf(file, instance, from));
  if (uses.some((use) => use === null || use.reverse)) return [];
  const weights = uses.map((use) => use?.weight ?? file.tracker.weight);
  const detection = detectionMs(file);
  const chosen = (value: number, effect: "fault" | "weight", ms: number): Chosen => ({
    way: { kind: "drain", path: file.path, effect },
    give: writeDrain(file, value),
    undo: writeDrain(file, 0),
    expectedMs: detection + ms,
  });
  if (weights.every((weight) => weight === 0))
    return [
      chosen(
        1,
        "fault",
        slowest(moving, (instance) => timers(instance, to).skew),
      ),
    ];
  const value = demotion(file, weights, from, to, moving);
  return value === null
    ? []
    : [
        chosen(
          value,
          "weight",
          slowest(moving, (instance) => timers(instance, to).down),
        ),
      ];
};

/** How an instance, or its sync group, tracks a file. */
const useOf = (file: DrainFile, instance: VrrpInstance, from: LiveNode): TrackerUse | null => {
  const group = from.keepalived?.syncGroups.find(({ name }) => name === instance.syncGroup);
  return (
    [...instance.trackers, ...(group?.trackers ?? [])].find(
      ({ kind, name }) => kind === file.tracker.kind && name === file.tracker.name,
    ) ?? null
  );
};

/** A loss of this much or more is a FAULT. */
const FAULT_FROM = 253;

/**
 * The value that brings every instance below its standby and none into FAULT; null where there is none, or where a standby
 * would not take over from a master that became weaker (nopreempt, preempt_delay).
 */
const demotion = (
  file: DrainFile,
  weights: readonly number[],
  from: LiveNode,
  to: LiveNode,
  moving: readonly VrrpInstance[],
): number | null => {
  const losses = moving.map((instance, index) => {
    const own = peer(to, instance);
    if (own === null || own.nopreempt || own.preemptDelay > 0) return null;
    const gap = priorityOf(from, instance) - priorityOf(to, own);
    const weight = weights[index] ?? 0;
    if (weight === 0) return null;
    const steps = Math.max(1, Math.ceil((gap + 1) / Math.abs(weight)));
    return file.kind !== "number" && steps > 1 ? null : { steps, weight };
  });
  if (losses.some((loss) => loss === null)) return null;
  const steps = Math.max(...losses.map((loss) => loss?.steps ?? 1));
  const sign = Math.sign(weights[0] ?? 0);
  const fits = losses.every(
    (loss) => loss !== null && Math.sign(loss.weight) === sign && steps * Math.abs(loss.weight) < FAULT_FROM,
  );
  return fits ? -sign * steps : null;
};

/** The same instance on the other node: they share the virtual router id, whatever they are called. */
const peer = (node: LiveNode, instance: VrrpInstance): VrrpInstance | null =>
  node.keepalived?.instances.find(
    ({ virtualRouterId }) => virtualRouterId?.value === instance.virtualRouterId?.value,
  ) ?? null;

const priorityOf = (node: LiveNode, instance: VrrpInstance): number =>
  stateOf(node)?.keepalived.instances.find(({ name }) => name === instance.name)?.effectivePriority ??
  instance.priority.value;

const timers = (instance: VrrpInstance, to: LiveNode): { readonly skew: number; readonly down: number } => {
  const own = peer(to, instance) ?? instance;
  const input = {
    version: own.version,
    priority: priorityOf(to, own),
    advertMs: own.version === 2 ? advertMs(own) : advertMs(instance),
    downTimerAdverts: own.downTimerAdverts,
  };
  const version = parseVersion(stateOf(to)?.keepalived.version ?? "");
  const classic = mannersOf(version) === "classic";
  return { skew: skewMs(input), down: classic ? 2 * input.advertMs : masterDownMs(input) };
};

const slowest = (moving: readonly VrrpInstance[], ms: (instance: VrrpInstance) => number): number =>
  Math.max(0, ...moving.map(ms));

/** A file is noticed at once; a script only when it runs the next time, and has failed often enough. */
const detectionMs = ({ kind, tracker }: DrainFile): number => {
  if (kind === "number") return 0;
  const number = (keyword: string): number =>
    Number(tracker.statements.find(({ words }) => words[0]?.text === keyword)?.words[1]?.text ?? 1) || 1;
  return number("interval") * number("fall") * 1000;
};

/** Whether the former owner stays a standby when it takes part again. */
const staysStandby = (instance: VrrpInstance, from: LiveNode, to: LiveNode): boolean => {
  if (instance.nopreempt && instance.state === "BACKUP" && instance.priority.value !== 255) return true;
  const own = peer(to, instance);
  return own !== null && priorityOf(from, instance) <= priorityOf(to, own);
};
