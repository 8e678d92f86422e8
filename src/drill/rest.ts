import { findStatement } from "../lb/keepalived/statements.ts";
import { planHandover } from "../lb/live/handover.ts";
import { addressesProbe } from "../lb/live/live.ts";
import { type LiveNode, stateOf } from "../lb/live/node.ts";
import { pairHealth } from "../lb/live/pair-health.ts";
import { performHandover } from "../lb/live/perform-handover.ts";
import { injectScript, prepareScript, UNDO_SCRIPT } from "./guard.ts";
import { keepalivedOf } from "./live-node.ts";
import { ask, persist, run } from "./on-node.ts";
import { differences, type Snapshot, snapshotProbe } from "./snapshot.ts";
import type { DrillGround } from "./world.ts";

/** How the pair is now, whole. Throws TransportError. */
export const takeSnapshot = async (world: DrillGround): Promise<Snapshot> => {
  const seen = await Promise.all(
    world.nodes.map(async ({ name }) => {
      const { live, print } = await persist(world, name, 20_000, () => ask(world, name, snapshotProbe));
      return { live: keepalivedOf(name, live), print };
    }),
  );
  return {
    nodes: seen.map(({ live }) => live),
    prints: new Map(seen.map(({ live, print }) => [live.name, print])),
  };
};

/** How long the pair may take until it is at rest, in milliseconds: starts, startup delays, checks. */
const PATIENCE_MS = 60_000;

const PAUSE_MS = 400;

/** What a wait for rest came to. */
export interface Rest {
  readonly snapshot: Snapshot;
  /** Empty: the pair is at rest. */
  readonly left: readonly string[];
}

/** Waits until the pair is as before, but for who has the addresses; or as before altogether with `owner`. Throws TransportError. */
export const untilRest = async (
  world: DrillGround,
  before: Snapshot,
  { owner, patienceMs = PATIENCE_MS }: { readonly owner: boolean; readonly patienceMs?: number },
): Promise<Rest> => {
  const began = world.now();
  for (;;) {
    const snapshot = await takeSnapshot(world);
    const left = [
      ...differences(before, snapshot, { owner }),
      ...(pairHealth(snapshot.nodes).owner === null ? ["no node has all addresses alone"] : []),
      ...snapshot.nodes.flatMap(unripe),
    ];
    if (left.length === 0 || world.now() - began > patienceMs) return { snapshot, left };
    await world.wait(PAUSE_MS);
  }
};

/** keepalived that has just started takes nothing over before its startup delay and an election are behind it. */
const unripe = (node: LiveNode): readonly string[] => {
  const uptime = stateOf(node)?.keepalived.uptime ?? null;
  if (uptime === null || node.keepalived === null) return [];
  const { globals, instances } = node.keepalived;
  const delay = Number(findStatement(globals, "vrrp_startup_delay")?.words[1]?.text ?? 0) || 0;
  const election = Math.max(0, ...instances.map(({ advertInt }) => 4 * advertInt.seconds));
  const needed = delay + Math.min(election, 10) + 1;
  return uptime >= needed
    ? []
    : [
        `${node.name}: keepalived has run for ${Math.round(uptime)} s, and takes part after ${Math.ceil(needed)} s`,
      ];
};

/** Seconds after which a node takes part again by itself, should nobody see to it. */
const GUARD_SECONDS = 40;

/** Hands the addresses back to who had them; null, or why that failed. Throws TransportError. */
export const handBack = async (
  world: DrillGround,
  snapshot: Snapshot,
  to: string,
): Promise<string | null> => {
  const health = pairHealth(snapshot.nodes);
  const [from, target] = [health.owner, to].map((name) => snapshot.nodes.find((node) => node.name === name));
  if (from === undefined || target === undefined) return "no node has all addresses alone";
  const handover = planHandover(from, target);
  const give = `(\n${prepareScript({ inject: handover.give, undo: handover.undo })}\n) && (\n${injectScript(GUARD_SECONDS)}\n)`;
  const outcome = await performHandover(
    { ...handover, give, undo: UNDO_SCRIPT, rejoin: { ...handover.rejoin, script: UNDO_SCRIPT } },
    {
      addresses: (name) => ask(world, name, addressesProbe),
      run: async (name, script) => {
        const { code, stderr } = await run(world, name, script);
        return { code, stderr: stderr.toString("utf8") };
      },
      now: world.now,
      sleep: world.wait,
    },
  );
  return outcome.kind === "moved" ? null : outcome.reason;
};
