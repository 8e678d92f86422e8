import { stateOf } from "../lb/live/node.ts";
import { unfitness } from "../lb/live/pair-health.ts";
import { handOver } from "./handover.ts";
import { type Roll, RollFailure } from "./parts.ts";
import { agreed } from "./settle.ts";
import { survey } from "./survey.ts";

/** How long a node may take until it could take over: keepalived's startup delay, checks that have to pass. */
const PATIENCE_MS = 60_000;

/**
 * Moves the virtual addresses to the other node and back, so that both directions are known to work with what the run
 * left. Throws RollFailure, which puts the whole pair back.
 */
export const proveFailover = async (roll: Roll): Promise<void> => {
  const { job, pair } = roll;
  const tell = (status: "ok" | "warning", message: string): void =>
    job.report({ group: pair.name, host: null, step: "proof", status, message, data: null });
  const [owner, ...more] = [...new Set((await agreed(roll)).values())];
  const [standby] = job.hosts.filter((host) => host !== owner);
  if (owner === undefined || more.length > 0 || standby === undefined || !job.hosts.includes(owner))
    return tell(
      "warning",
      "no failover is proven: that takes one owner of all addresses and another node, both in this run",
    );
  try {
    await untilFit(roll, standby, owner);
    const there = await handOver(roll, owner, standby);
    if (there.returns) await there.rejoin();
    else {
      await untilFit(roll, owner, standby);
      await (await handOver(roll, standby, owner)).rejoin();
    }
    await untilBack(roll, owner);
  } catch (error) {
    if (!(error instanceof RollFailure)) throw error;
    throw new RollFailure(error.host, `failover is not proven: ${error.message}`, { wholePair: true });
  }
  tell("ok", `the addresses went from ${owner} to ${standby} and back`);
};

/** Waits until a node has all addresses again: one that takes them back by itself does so after its adverts. */
const untilBack = async (roll: Roll, owner: string): Promise<void> => {
  const { world } = roll;
  const began = world.now();
  for (;;) {
    const owners = new Set((await agreed(roll)).values());
    if (owners.size === 1 && owners.has(owner)) return;
    if (world.now() - began > PATIENCE_MS)
      throw new RollFailure(owner, `the addresses did not come back to ${owner}`);
    await world.sleep(250);
  }
};

/** Waits until a node could take the addresses. Throws RollFailure where it does not get there. */
const untilFit = async (roll: Roll, host: string, owner: string): Promise<void> => {
  const { world } = roll;
  const began = world.now();
  for (;;) {
    const nodes = await survey(roll.pair, roll.job);
    const [node, other] = [host, owner].map((name) => nodes.find((one) => one.name === name));
    if (node === undefined || other === undefined) throw new Error(`${host} or ${owner} is not of the pair`);
    const why = unfitness(node, other, { running: true });
    if (why.length === 0 && stateOf(node) !== null) return;
    if (world.now() - began > PATIENCE_MS)
      throw new RollFailure(host, `${host} could not take over: ${why.join("; ")}`);
    await world.sleep(250);
  }
};
