import { setImmediate } from "node:timers/promises";
import { LbplayError } from "../core/error.ts";

/** Throws E_INTERRUPTED once the run was stopped. */
export const refuseStopped = (stopped: boolean): void => {
  if (stopped) throw new LbplayError({ code: "E_INTERRUPTED", message: "the run was interrupted" });
};

/**
 * Between two pieces of work: lets signals and the display have their turn, which work that waits for no node would
 * never do. Throws E_INTERRUPTED.
 */
export const breathe = async (signal: AbortSignal): Promise<void> => {
  await setImmediate();
  refuseStopped(signal.aborted);
};
