import { stateOf } from "../lb/live/node.ts";
import type { Expectation } from "../lb/roll/gates.ts";
import { passGate } from "./gate.ts";
import { noteText } from "./note.ts";
import { onNode } from "./on-node.ts";
import { type Roll, RollFailure } from "./parts.ts";

/** How one node is changed. */
export interface NodeChange {
  /** Units that the roll starts itself, afterwards. */
  readonly held: readonly string[];
  readonly expected: Omit<Expectation, "before">;
}

/** How long a node waits for its runner before it puts everything back by itself. */
const GUARD_SECONDS = 90;

/** Runs the play on one node and sees that it is well afterwards. Throws RollFailure. */
export const changeNode = async (roll: Roll, host: string, { held, expected }: NodeChange): Promise<void> => {
  const { job } = roll;
  if (!job.hosts.includes(host)) return;
  const cuts = roll.impacts.get(host)?.cuts ?? [];
  await onNode(host, async () => {
    await job.beginJournal(host, noteText(roll.decision.order));
    if (cuts.length > 0) await job.guard(host, GUARD_SECONDS);
  });
  await job.run([host], { journal: true, held: new Set(held) });
  if (job.standing(host) === "unreachable")
    throw new RollFailure(host, "it was lost while it was changed", { told: true });
  if (job.standing(host) === "failed") throw new RollFailure(host, "a task failed", { told: true });
  if (cuts.length > 0) {
    await onNode(host, () => job.confirm(host));
    report(roll, host, "guard", `still reached over a new connection after ${cuts.join(" and ")} changed`);
  }
  await passGate(roll, host, expected);
};

/** Stops, starts or reloads a unit on a node, in a way that the journal can take back. */
export const systemctl = async (
  roll: Roll,
  host: string,
  verb: "stop" | "start" | "reload",
  unit: string,
): Promise<void> => {
  const { code, stderr } = await onNode(host, () =>
    roll.job.act(host, `systemctl ${verb} ${unit}`, { touches: [{ kind: "unit", unit, verb }] }),
  );
  if (code !== 0)
    throw new RollFailure(host, `systemctl ${verb} ${unit} failed: ${stderr.toString("utf8").trim()}`);
};

/** Says what the roll does. */
export const report = (roll: Roll, host: string | null, step: string, message: string): void => {
  roll.job.report({ group: roll.pair.name, host, step, status: "ok", message, data: null });
};

/** Which daemons a node has to run after its change: those that it had, and those that its files are for. */
export const daemonsOf = (roll: Roll, host: string): Pick<Expectation, "haproxy" | "keepalived"> => {
  const node = roll.before.get(host);
  const state = node === undefined ? null : stateOf(node);
  const after = roll.impacts.get(host)?.after;
  return {
    haproxy: (after?.haproxy.length ?? 0) > 0 || state?.haproxy.mainPid != null,
    keepalived: (after?.keepalived.length ?? 0) > 0 || state?.keepalived.mainPid != null,
  };
};
