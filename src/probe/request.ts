import { Agent, get, type RequestOptions } from "node:http";
import { get as getSecurely } from "node:https";
import { connect, isIP } from "node:net";
import { performance } from "node:perf_hooks";
import { ACCEPTED, type ProbeSettings, type Sample } from "./sample.ts";

const BODY_KEPT = 80;

/** Keeps no connection: one agent for all requests costs less than one for each. */
const CLOSING = new Agent({ keepAlive: false });

/** A timer that comes so much too late tells that the process stood still, in milliseconds. */
const STOOD_STILL_MS = 50;

type End = (part: Pick<Sample, "status" | "error" | "server" | "body">) => void;

const now = (): number => performance.timeOrigin + performance.now();

/** One request on a connection of its own; whatever becomes of it is a sample. */
export const request = (settings: ProbeSettings): Promise<Sample> =>
  new Promise((resolve) => {
    const startedAt = now();
    const end: End = (part) => {
      clearTimeout(timer);
      resolve({ startedAt, endedAt: now(), ...part });
    };
    const give = settings.scheme === "tcp" ? accepted(settings, end) : answered(settings, end);
    const late = (): void => {
      // A process that stood still has not even looked whether an answer was there: it gets that time on top.
      const beyond = now() - startedAt - granted;
      if (beyond > STOOD_STILL_MS && granted < 2 * settings.timeoutMs) {
        granted += beyond;
        timer = setTimeout(late, Math.min(beyond, settings.timeoutMs));
        return;
      }
      end(failure("timeout"));
      give();
    };
    let granted = settings.timeoutMs;
    let timer = setTimeout(late, settings.timeoutMs);
  });

const failure = (error: string): Parameters<End>[0] => ({ status: null, error, server: null, body: "" });

const codeOf = (error: NodeJS.ErrnoException): string => error.code ?? error.message;

/** Asks by HTTP; gives back how to give up. */
const answered = (settings: ProbeSettings, end: End): (() => void) => {
  const { scheme, host, port, path, verify } = settings;
  const options: RequestOptions = { host, port, path, agent: false, headers: { connection: "close" } };
  // An address is no name that a server could be asked for.
  const secure = { ...options, rejectUnauthorized: verify, servername: isIP(host) === 0 ? host : "" };
  const outgoing = scheme === "https" ? getSecurely(secure) : get({ ...options, agent: CLOSING });
  outgoing.on("response", (response) => {
    let body = "";
    response.setEncoding("utf8");
    response.on("data", (part: string) => {
      if (body.length < BODY_KEPT) body += part;
    });
    response.on("error", (error: NodeJS.ErrnoException) => end(failure(codeOf(error))));
    response.on("end", () => {
      const server = response.headers[settings.serverHeader];
      end({
        status: response.statusCode ?? null,
        error: null,
        server: Array.isArray(server) ? server.join(", ") : (server ?? null),
        body: body.split("\n", 1).join("").slice(0, BODY_KEPT),
      });
    });
  });
  outgoing.on("error", (error: NodeJS.ErrnoException) => end(failure(codeOf(error))));
  return () => outgoing.destroy();
};

/** Connects by TCP, says nothing, and hangs up; gives back how to give up. */
const accepted = ({ host, port }: ProbeSettings, end: End): (() => void) => {
  const socket = connect({ host, port });
  socket.once("connect", () => {
    end({ status: ACCEPTED, error: null, server: null, body: "" });
    socket.destroy();
  });
  socket.on("error", (error: NodeJS.ErrnoException) => end(failure(codeOf(error))));
  return () => socket.destroy();
};
