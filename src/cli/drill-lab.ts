import type { Inventory } from "../core/play.ts";
import type { Power } from "../drill/world.ts";
import { kill } from "../lab/faults.ts";
import { type LabPlace, openLab } from "../lab/lab.ts";
import { nodeState } from "../lab/node.ts";
import { armPower, restorePower } from "../lab/power.ts";
import type { Io } from "./io.ts";

/** The embedded lab that a pair's nodes belong to. */
export interface DrillLab {
  readonly name: string;
  readonly power: Power;
}

/** Where labs are unless LBPLAY_STATE says otherwise. */
const STATE_ROOT = "/var/lib/lbplay";

/**
 * The lab of this machine that all of the hosts are nodes of, by name and by address; null where they are not, whatever
 * an inventory calls itself: its lab_name only says where to look.
 */
export const labOf = async (
  inventory: Inventory,
  hosts: readonly string[],
  io: Io,
): Promise<DrillLab | null> => {
  const name = inventory.groups.get("all")?.vars.get("lab_name");
  if (typeof name !== "string" || !/^[a-z0-9][a-z0-9-]{0,31}$/.test(name)) return null;
  const place: LabPlace = {
    name,
    stateRoot: io.env.LBPLAY_STATE ?? STATE_ROOT,
    platform: io.platform,
    onProgress: (line) => io.stderr.write(`${line}\n`),
    now: io.now,
  };
  const site = await openLab(place).catch(() => null);
  if (site === null) return null;
  const mine = hosts.every((host) =>
    site.record.nodes.some(
      (node) => node.name === host && node.address === inventory.hosts.get(host)?.vars.get("ansible_host"),
    ),
  );
  if (!mine) return null;
  return {
    name,
    power: {
      arm: (node, seconds) => armPower(place, site, node, seconds),
      off: (node) => kill(site, node),
      isOff: async (node) => (await nodeState(site, node)) === "off",
      on: (node) => restorePower(place, site, node),
    },
  };
};
