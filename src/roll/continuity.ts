import { LbplayError } from "../core/error.ts";
import { TransportError } from "../core/transport.ts";
import type { Json } from "../core/value.ts";
import { overBudget } from "../probe/budget.ts";
import type { Outage } from "../probe/outage.ts";
import type { Continuity, Roll } from "./parts.ts";

/** Watches a virtual address while a roll is under way. */
export interface ContinuityWatch {
  /** Stops, says what was found, and fails the run where it cost more than is allowed. */
  readonly end: () => Promise<void>;
}

const NOBODY: ContinuityWatch = { end: async () => undefined };

/** Begins to ask the virtual address, where somebody answers there. */
export const watchContinuity = async (roll: Roll): Promise<ContinuityWatch> => {
  if (roll.decision.order === "build") return NOBODY;
  const client = await clientOf(roll);
  if (client === null) return NOBODY;
  const { stop } = await client.start();
  const from = roll.world.now();
  return {
    end: async () => {
      try {
        const outage = await stop();
        judge(roll, client.label, outage, { from, to: roll.world.now() });
      } catch (error) {
        if (!(error instanceof TransportError)) throw error;
        tell(roll, "warning", `what ${client.label} saw is lost: ${error.message}`, null);
      }
    },
  };
};

/** null: nobody counts, which is said. */
const clientOf = async (roll: Roll): Promise<Continuity | null> => {
  const { pair, job, world, before, decision, addresses } = roll;
  const owner = before.get(decision.sequence.at(-1) ?? "");
  if (owner === undefined) return null;
  const { probe, probeFrom } = pair.settings;
  try {
    const client = await world.openContinuity({
      said: probe,
      owner,
      addresses: addresses.before,
      from: probeFrom === null ? null : { name: probeFrom, act: (script) => job.act(probeFrom, script) },
    });
    if (client === null)
      tell(roll, "warning", "nobody counts: there is nothing to ask (probe in lbplay_pair says what)", null);
    return client;
  } catch (error) {
    if (!(error instanceof LbplayError)) throw error;
    tell(roll, "warning", `nobody counts: ${error.message}`, null);
    return null;
  }
};

/** More times without an answer than this are counted, not told one by one. */
const MOST_WINDOWS = 200;

const judge = (
  roll: Roll,
  label: string,
  outage: Outage,
  asked: { readonly from: number; readonly to: number },
): void => {
  const { settings, pair, job } = roll;
  const { requests, failed, longestGapMs, errors } = outage;
  const excess = failed === 0 ? null : overBudget(outage, settings.maxOutageMs ?? pair.settings.maxOutageMs);
  const causes = Object.entries(errors).map(([cause, count]) => `${cause} ${count}`);
  const text = `${label}: ${requests} requests, ${failed} failed${causes.length === 0 ? "" : ` (${causes.join(", ")})`}, longest time without an answer ${Math.round(longestGapMs)} ms`;
  tell(roll, excess === null ? "ok" : "failed", excess === null ? text : `${text}\n${excess}`, {
    requests,
    failed,
    longestGapMs,
    ...asked,
    windows: outage.windows.slice(0, MOST_WINDOWS).map((window) => ({ ...window })),
  });
  if (excess !== null) for (const host of job.hosts) job.drop(host, "failed");
};

const tell = (
  { job, pair }: Roll,
  status: "ok" | "warning" | "failed",
  message: string,
  data: Json,
): void => {
  job.report({ group: pair.name, host: null, step: "continuity", status, message, data });
};
