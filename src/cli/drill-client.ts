import { performance } from "node:perf_hooks";
import { LbplayError } from "../core/error.ts";
import { measureClock } from "../drill/clock.ts";
import type { DrillClient } from "../drill/world.ts";
import type { Node } from "../engine/nodes.ts";
import { type HeldReport, holdUntil } from "../probe/held.ts";
import { canHoldThere, heldOf, startHoldScript, stopHoldScript } from "../probe/held-remote.ts";
import type { ProbeSettings, Sample } from "../probe/sample.ts";
import type { ProbeTarget } from "../probe/target.ts";
import { type Client, openClient } from "./continuity.ts";

/** The client of a drill, with what its result says of it. */
export interface OpenedClient extends DrillClient {
  readonly label: string;
  readonly settings: ProbeSettings;
  /** Connections that are held; 0 where that host cannot. */
  readonly held: number;
}

/** Milliseconds since the epoch, with fractions, as samples have them. */
export const preciseNow = (): number => performance.timeOrigin + performance.now();

/** Scripts on a host that asks take no longer, in milliseconds. */
const LIMIT_MS = 30_000;

/** A client that asks anew and holds connections open, here or on a host. Throws E_PROBE where nothing answers. */
export const openDrillClient = async (
  target: ProbeTarget,
  from: Node | null,
  { everyMs, held }: { readonly everyMs: number; readonly held: number },
): Promise<OpenedClient> => {
  const client = await openClient(target, from, everyMs);
  const holds = from === null || canHoldThere(client.settings) ? held : 0;
  return {
    label: client.label,
    settings: client.settings,
    held: holds,
    isGood: client.isGood,
    start: () => (from === null ? startHere(client, holds) : startThere(client, from, holds)),
  };
};

const startHere = async (client: Client, held: number): ReturnType<DrillClient["start"]> => {
  let end: () => void = () => undefined;
  const over = new Promise<void>((resolve) => {
    end = resolve;
  });
  const holding = held === 0 ? null : holdUntil(client.settings, held, over);
  const stop = await client.start();
  return {
    stop: async () => {
      const samples = await stop();
      end();
      return { samples, held: reported(await holding) };
    },
  };
};

const startThere = async (client: Client, from: Node, held: number): ReturnType<DrillClient["start"]> => {
  const { offsetMs } = await measureClock(from, preciseNow);
  const directory = held === 0 ? null : await startHolding(client.settings, from, held);
  const stop = await client.start();
  const ours = (sample: Sample): Sample => ({
    ...sample,
    startedAt: sample.startedAt - offsetMs,
    endedAt: sample.endedAt - offsetMs,
  });
  return {
    stop: async () => {
      const samples = (await stop()).map(ours);
      if (directory === null) return { samples, held: null };
      const { stdout } = await from.act(stopHoldScript(directory), LIMIT_MS);
      const { opened, cutAt, ended } = heldOf(stdout.toString("utf8"));
      return { samples, held: reported({ opened, ended, cutAt: cutAt.map((ms) => ms - offsetMs) }) };
    },
  };
};

const startHolding = async (settings: ProbeSettings, from: Node, held: number): Promise<string> => {
  const { code, stdout, stderr } = await from.act(startHoldScript(settings, held), LIMIT_MS);
  if (code === 0) return stdout.toString("utf8").trim();
  throw new LbplayError({
    code: "E_PROBE",
    message: `${from.name}: ${stderr.toString("utf8").trim()}`,
    hint: "--held 0 holds none",
  });
};

/** Where none could be opened there is nothing to say of them. */
const reported = (report: HeldReport | null): HeldReport | null =>
  report === null || report.opened === 0 ? null : report;
