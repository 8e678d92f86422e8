import { performance } from "node:perf_hooks";
import { request } from "./request.ts";
import type { ProbeSettings, Sample } from "./sample.ts";

/** A client that is so many requests late has stood still itself; it does not make up for them, which would only hold it up more. */
const MOST_LATE = 10;

/**
 * Makes a request on a fixed schedule, whatever became of the ones before, each on a connection of its own, until
 * `stop`; all samples once every request has ended.
 */
export const probeUntil = async (
  settings: ProbeSettings,
  stop: Promise<void>,
): Promise<readonly Sample[]> => {
  const underway: Promise<Sample>[] = [];
  const { everyMs } = settings;
  let due = performance.now();
  await new Promise<void>((resolve) => {
    const timer = setInterval(
      () => {
        if (performance.now() - due > MOST_LATE * everyMs) due = performance.now();
        for (; due <= performance.now(); due += everyMs) underway.push(request(settings));
      },
      Math.max(1, Math.floor(everyMs / 5)),
    );
    void stop.then(() => {
      clearInterval(timer);
      resolve();
    });
  });
  return Promise.all(underway);
};
