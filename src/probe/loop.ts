import { performance } from "node:perf_hooks";
import { request } from "./request.ts";
import type { ProbeSettings, Sample } from "./sample.ts";

/**
 * Makes a request on a fixed schedule, whatever became of the ones before, each on a connection of its own, until
 * `stop`; all samples once every request has ended.
 */
export const probeUntil = async (
  settings: ProbeSettings,
  stop: Promise<void>,
): Promise<readonly Sample[]> => {
  const underway: Promise<Sample>[] = [];
  const begin = performance.now();
  await new Promise<void>((resolve) => {
    const timer = setInterval(
      () => {
        while (begin + underway.length * settings.everyMs <= performance.now())
          underway.push(request(settings));
      },
      Math.max(1, Math.floor(settings.everyMs / 5)),
    );
    void stop.then(() => {
      clearInterval(timer);
      resolve();
    });
  });
  return Promise.all(underway);
};
