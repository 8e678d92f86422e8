import { get } from "node:http";
import { performance } from "node:perf_hooks";
import type { Sample } from "./outage.ts";

/** What to ask for, and how often. */
export interface ProberSettings {
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly everyMs: number;
  /** For one request as a whole. */
  readonly timeoutMs: number;
  /** Lower-case name of the response header that says who answered. */
  readonly serverHeader: string;
}

const BODY_KEPT = 80;

const now = (): number => performance.timeOrigin + performance.now();

/**
 * Makes a request on a fixed schedule, whatever became of the ones before, each on a connection of its own, until
 * `stop`; all samples once every request has ended.
 */
export const probeUntil = async (
  settings: ProberSettings,
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

const request = ({ host, port, path, timeoutMs, serverHeader }: ProberSettings): Promise<Sample> =>
  new Promise((resolve) => {
    const startedAt = now();
    const end = (part: Pick<Sample, "status" | "error" | "server" | "body">): void => {
      clearTimeout(timer);
      resolve({ startedAt, endedAt: now(), ...part });
    };
    const failed = (error: string): void => end({ status: null, error, server: null, body: "" });
    const outgoing = get({ host, port, path, agent: false, headers: { connection: "close" } }, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (part: string) => {
        if (body.length < BODY_KEPT) body += part;
      });
      response.on("error", (error: NodeJS.ErrnoException) => failed(error.code ?? error.message));
      response.on("end", () => {
        const server = response.headers[serverHeader];
        end({
          status: response.statusCode ?? null,
          error: null,
          server: Array.isArray(server) ? server.join(", ") : (server ?? null),
          body: body.split("\n", 1).join("").slice(0, BODY_KEPT),
        });
      });
    });
    const timer = setTimeout(() => {
      failed("timeout");
      outgoing.destroy();
    }, timeoutMs);
    outgoing.on("error", (error: NodeJS.ErrnoException) => failed(error.code ?? error.message));
  });
