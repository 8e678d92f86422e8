import { stateOf } from "../lb/live/node.ts";
import type { LiveState } from "../lb/live/state.ts";
import type { Effect } from "./faults/fault.ts";
import type { Reason } from "./result.ts";
import type { Snapshot } from "./snapshot.ts";
import type { DrillGround } from "./world.ts";

/** Looks whether a fault did what it is meant to; null where it did. */
export const effectTrouble = async (
  world: DrillGround,
  effect: Effect,
  nodes: readonly string[],
  before: Snapshot,
): Promise<Reason | null> => {
  const seen = await world.look();
  const faults = seen.flatMap((node) => {
    const [was, is] = [stateOf(before.nodes.find(({ name }) => name === node.name) ?? node), stateOf(node)];
    if (was === null || is === null) return [`${node.name} is not reached`];
    return effect.kind === "servers-down" || nodes.includes(node.name)
      ? missing(effect, was, is).map((text) => `${node.name}: ${text}`)
      : [];
  });
  return faults.length === 0 ? null : { kind: "effect", text: faults.join("; ") };
};

/** What of an effect is not there on a node. */
export const missing = (effect: Effect, was: LiveState, is: LiveState): readonly string[] => {
  switch (effect.kind) {
    case "servers-down": {
      const { stats } = is.haproxy;
      if (stats.kind === "silent") return [`HAProxy tells nothing: ${stats.reason}`];
      const up = stats.servers.filter(
        ({ backend, name, health }) => health === "up" && effect.servers.includes(`${backend}/${name}`),
      );
      return up.map(({ backend, name }) => `HAProxy has not noticed that ${backend}/${name} does not answer`);
    }
    case "haproxy-reloaded":
      return [
        ...((is.haproxy.failedReloads ?? 0) > (was.haproxy.failedReloads ?? 0)
          ? [
              "the reload was refused: HAProxy still works with what it had read before (journalctl -u haproxy says why)",
            ]
          : is.haproxy.workers.some(({ pid }) => !was.haproxy.workers.some((old) => old.pid === pid))
            ? []
            : [
                "the reload did nothing: no new process of HAProxy has begun, so what is on the disk is not what works",
              ]),
        ...is.haproxy.changedSince.map((path) => `${path} is newer than what HAProxy has read`),
      ];
    case "keepalived-reloaded":
      return is.keepalived.mainPid === was.keepalived.mainPid
        ? []
        : [
            is.keepalived.mainPid === null
              ? "keepalived ended at its reload"
              : "keepalived was started anew instead of reading its configuration again",
          ];
  }
};
