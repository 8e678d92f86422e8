import { liveProbe } from "../lb/live/live.ts";
import { stateOf } from "../lb/live/node.ts";
import type { LiveState } from "../lb/live/state.ts";
import { type Expectation, gateFaults } from "../lb/roll/gates.ts";
import { onNode } from "./on-node.ts";
import { type Roll, RollFailure } from "./parts.ts";

/** How long a node may take until it is as expected. */
const PATIENCE_MS = 20_000;

/** Between two looks. */
const PAUSE_MS = 250;

/** Waits until a node is as it has to be; throws RollFailure where it is not, or not in time. */
export const passGate = async (
  roll: Roll,
  host: string,
  expected: Omit<Expectation, "before">,
): Promise<LiveState> => {
  const { job, world } = roll;
  const node = roll.before.get(host);
  // What a pair that serves nobody had before is no measure for what it is built to be.
  const before = node === undefined || roll.decision.order === "build" ? null : stateOf(node);
  const began = world.now();
  for (;;) {
    const now = await onNode(host, () => job.read(host, liveProbe));
    const faults = gateFaults(now, { ...expected, before });
    if (faults.length === 0) {
      tell(roll, host, expected, world.now() - began);
      return now;
    }
    const hopeless = faults.filter(({ passing }) => !passing);
    if (hopeless.length > 0 || world.now() - began > PATIENCE_MS) {
      const shown = (hopeless.length > 0 ? hopeless : faults).map(({ message }) => message).join("; ");
      job.report({
        group: roll.pair.name,
        host,
        step: "gate",
        status: "failed",
        message: shown,
        data: { faults: faults.map(({ message }) => message) },
      });
      throw new RollFailure(host, shown, { told: true });
    }
    await world.sleep(PAUSE_MS);
  }
};

const tell = (
  { job, pair }: Roll,
  host: string,
  { role, haproxy, keepalived }: Omit<Expectation, "before">,
  milliseconds: number,
): void => {
  const parts = [
    ...(haproxy ? ["HAProxy works with what is on the disk, its servers are up as before"] : []),
    ...(keepalived
      ? [
          { standby: "it is the standby", owner: "it has the virtual addresses", any: "keepalived runs" }[
            role
          ],
        ]
      : []),
  ];
  job.report({
    group: pair.name,
    host,
    step: "gate",
    status: "ok",
    message: parts.join("; "),
    data: { milliseconds },
  });
};
