import { setTimeout as sleep } from "node:timers/promises";
import { LbplayError } from "../core/error.ts";
import type { Node } from "../engine/nodes.ts";
import { probeUntil } from "../probe/loop.ts";
import { type Outage, outageOf } from "../probe/outage.ts";
import { remoteEveryMs, samplesOf, startScript, stopScript } from "../probe/remote.ts";
import type { ProbeSettings, Sample } from "../probe/sample.ts";
import { type ProbeTarget, targetText } from "../probe/target.ts";

/** A client that watches whether a service answers. */
export interface Continuity {
  /** `http://192.0.2.10/, 200 times a second from here`. */
  readonly label: string;
  /** Starts counting. */
  readonly start: () => Promise<Counting>;
}

/** A host that asks. */
export type Asker = Pick<Node, "name" | "act">;

/** A client that is counting. */
export interface Counting {
  /** Ends it; what it saw. */
  readonly stop: () => Promise<Outage>;
}

const EVERY_MS = 5;
const TIMEOUT_MS = 1000;

/** How long the client asks before it is believed that the service answers. */
const BASELINE_MS = 500;

/** A client has to have its script started and stopped in this time, beyond the limit of one request. */
const REMOTE_LIMIT_MS = 30_000;

/** A client that can be started again and again, with what its answers are like. */
export interface Client {
  /** `http://192.0.2.10/, 200 times a second from here`. */
  readonly label: string;
  readonly settings: ProbeSettings;
  /** Whether a sample is an answer as they usually are. */
  readonly isGood: (sample: Sample) => boolean;
  /** Starts to ask; gives back how to stop, which gives the samples, by the asking machine's clock. */
  readonly start: () => Promise<() => Promise<readonly Sample[]>>;
}

/**
 * A client for a target, here or on a host. Asks for a moment first: what answers then is what is expected from then on.
 * Throws E_PROBE where nothing answers.
 */
export const openClient = async (
  target: ProbeTarget,
  from: Asker | null,
  wishedMs = EVERY_MS,
): Promise<Client> => {
  const everyMs = from === null ? wishedMs : remoteEveryMs(wishedMs);
  const settings: ProbeSettings = {
    ...target,
    everyMs,
    timeoutMs: TIMEOUT_MS,
    serverHeader: "x-served-by",
    verify: false,
  };
  const start = from === null ? hereOf(settings) : thereOf(settings, from);
  const first = await start();
  await sleep(BASELINE_MS);
  const status = expectedStatus(await first(), settings, from);
  const perSecond = Math.round(1000 / everyMs);
  return {
    label: `${targetText(target)}, ${perSecond} times a second from ${from?.name ?? "here"}`,
    settings,
    isGood: (sample) => sample.status === status,
    start,
  };
};

/** The same, for those who only want the figures. */
export const openContinuity = async (target: ProbeTarget, from: Asker | null): Promise<Continuity> => {
  const { label, isGood, start } = await openClient(target, from);
  return {
    label,
    start: async () => {
      const stop = await start();
      return { stop: async () => outageOf(await stop(), isGood) };
    },
  };
};

type Asking = () => Promise<() => Promise<readonly Sample[]>>;

const hereOf =
  (settings: ProbeSettings): Asking =>
  async () => {
    let end: () => void = () => undefined;
    const counted = probeUntil(
      settings,
      new Promise((resolve) => {
        end = resolve;
      }),
    );
    return () => {
      end();
      return counted;
    };
  };

const thereOf =
  (settings: ProbeSettings, from: Asker): Asking =>
  async () => {
    const begun = await from.act(startScript(settings), REMOTE_LIMIT_MS);
    if (begun.code !== 0)
      throw new LbplayError({
        code: "E_PROBE",
        message: `${from.name}: ${begun.stderr.toString("utf8").trim()}`,
      });
    const directory = begun.stdout.toString("utf8").trim();
    return async () => {
      const ended = await from.act(stopScript(directory, settings.timeoutMs), REMOTE_LIMIT_MS);
      return samplesOf(ended.stdout.toString("utf8"), settings);
    };
  };

/** The status of most answers; a page that asks for a login or redirects is an answer too. */
const expectedStatus = (samples: readonly Sample[], settings: ProbeSettings, from: Asker | null): number => {
  const counts = new Map<number, number>();
  for (const { status } of samples)
    if (status !== null && status < 500) counts.set(status, (counts.get(status) ?? 0) + 1);
  const [usual] = [...counts].toSorted(([, a], [, b]) => b - a);
  if (usual !== undefined && usual[1] * 2 > samples.length) return usual[0];
  const causes = Object.keys(outageOf(samples).errors).join(", ");
  throw new LbplayError({
    code: "E_PROBE",
    message: `${targetText(settings)} does not answer ${from === null ? "here" : `on ${from.name}`}${causes === "" ? "" : ` (${causes})`}, so nothing could be measured`,
    hint: "name a page that answers with --probe, a host that gets there with --probe-from, or --probe none",
  });
};
