import { TransportError } from "../core/transport.ts";
import { addressesProbe } from "../lb/live/live.ts";
import { report } from "./change-node.ts";
import { handOver } from "./handover.ts";
import { type Roll, RollFailure } from "./parts.ts";

/** How long the nodes may take to agree. */
const PATIENCE_MS = 30_000;

/** Sees that every virtual address has one owner in the end, and that the preferred node has them where the roll moved them. */
export const settle = async (roll: Roll): Promise<void> => {
  const owners = await agreed(roll);
  const { prefer } = roll.pair.settings;
  const { order } = roll.decision;
  if (prefer === null || owners.size === 0 || (order !== "handover" && order !== "overlap")) return;
  const [owner, ...others] = [...new Set(owners.values())];
  if (owner === undefined || others.length > 0 || owner === prefer) return;
  const { rejoin } = await handOver(roll, owner, prefer);
  await rejoin();
  await agreed(roll);
};

/** Every address with its only owner. Throws RollFailure where the nodes do not get there. */
export const agreed = async (roll: Roll): Promise<ReadonlyMap<string, string>> => {
  const { world, pair, addresses } = roll;
  const began = world.now();
  for (;;) {
    const held = await Promise.all(pair.hosts.map((host) => addressesOf(roll, host)));
    const owners = addresses.after.map((address) => ({
      address,
      owners: pair.hosts.filter((_, index) => held[index]?.has(address)),
    }));
    const open = owners.filter((one) => one.owners.length !== 1);
    if (open.length === 0) {
      const [first] = owners;
      if (first !== undefined)
        report(
          roll,
          null,
          "settled",
          owners.map((one) => `${one.owners.join()} has ${one.address}`).join("; "),
        );
      return new Map(owners.map((one) => [one.address, one.owners.join()]));
    }
    if (world.now() - began > PATIENCE_MS) {
      const shown = open.map(
        (one) =>
          `${one.owners.length === 0 ? "nobody has" : `${one.owners.join(" and ")} both have`} ${one.address}`,
      );
      throw new RollFailure(roll.decision.sequence.at(-1) ?? "", shown.join("; "));
    }
    await world.sleep(200);
  }
};

const addressesOf = async ({ job, before }: Roll, host: string): Promise<ReadonlySet<string>> => {
  if (before.get(host)?.seen.kind === "unreachable") return new Set();
  try {
    return await job.read(host, addressesProbe);
  } catch (error) {
    if (!(error instanceof TransportError)) throw error;
    return new Set();
  }
};
