import { TransportError } from "../core/transport.ts";
import { liveProbe } from "../lb/live/live.ts";
import { stateOf } from "../lb/live/node.ts";
import { gateFaults } from "../lb/roll/gates.ts";
import type { Roll, RollFailure } from "./parts.ts";

/**
 * Puts the node on which a roll failed back as it was, and proves that it is well again. Where the nodes would not
 * understand each other otherwise, or the failure is that of the pair, the other changed ones too, the last one first.
 */
export const putBack = async (roll: Roll, failure: RollFailure): Promise<void> => {
  const { job, decision, pair } = roll;
  const { host: where, message, told } = failure;
  if (!told)
    job.report({ group: pair.name, host: where, step: "failure", status: "failed", message, data: null });
  job.drop(where, "failed");
  if (decision.order !== "build") {
    const changed = decision.sequence.filter((host) => job.hosts.includes(host));
    const at = changed.indexOf(failure.host);
    const bound = failure.wholePair || decision.order === "stop standby" || decision.order === "overlap";
    const hosts = bound ? [...changed].reverse() : [failure.host];
    for (const host of hosts) await restore(roll, host);
    // What has passed its gates on the other nodes stays there.
    if (!bound) for (const host of changed.slice(0, Math.max(at, 0))) await job.endJournal(host);
  }
  for (const host of job.hosts) if (job.standing(host) === "active") job.drop(host, "ended");
};

const restore = async (roll: Roll, host: string): Promise<void> => {
  const { job, pair } = roll;
  const tell = (status: "ok" | "warning" | "failed", message: string): void =>
    job.report({ group: pair.name, host, step: "restore", status, message, data: null });
  try {
    if ((await job.openJournal(host)) === null) return;
    const { restored, lasting, failures } = await job.restore(host);
    if (failures.length > 0)
      tell("failed", `could not be put back: ${failures.join("; ")}. Run again, it goes on from here`);
    else tell("ok", `put back: ${restored.length === 0 ? "nothing had been changed" : restored.join(", ")}`);
    if (lasting.length > 0) tell("warning", `stays: ${lasting.join(", ")}`);
    await prove(roll, host, tell);
    if (failures.length === 0) await job.endJournal(host);
  } catch (error) {
    if (!(error instanceof TransportError)) throw error;
    tell("failed", `it is lost (${error.message}), so nothing was put back: the next run goes on from here`);
  }
};

const PATIENCE_MS = 20_000;

/** The node is as well as it was before the run. */
const prove = async (
  roll: Roll,
  host: string,
  tell: (status: "ok" | "failed", message: string) => void,
): Promise<void> => {
  const { job, world, before } = roll;
  const node = before.get(host);
  const old = node === undefined ? null : stateOf(node);
  if (old === null) return;
  const began = world.now();
  for (;;) {
    const now = await job.read(host, liveProbe);
    const faults = gateFaults(now, {
      role: "any",
      addresses: [],
      haproxy: old.haproxy.mainPid !== null,
      keepalived: old.keepalived.mainPid !== null,
      before: old,
    }).filter(({ message }) => !/counts a failed reload|adverts that it does not accept/.test(message));
    if (faults.length === 0) return tell("ok", "as well as before");
    if (world.now() - began > PATIENCE_MS)
      return tell("failed", `not as well as before: ${faults.map(({ message }) => message).join("; ")}`);
    await world.sleep(250);
  }
};
