import { connect, isIP, type Socket } from "node:net";
import { performance } from "node:perf_hooks";
import { connect as connectSecurely } from "node:tls";
import type { ProbeSettings } from "./sample.ts";

/** What became of connections that were held open. Times are milliseconds since the epoch. */
export interface HeldReport {
  readonly opened: number;
  /** Reset, closed with a request under way, or silent for longer than the time-out. */
  readonly cutAt: readonly number[];
  /** Closed between two requests, or after the server had said that it would. */
  readonly ended: number;
}

/** A held connection asks for something small so often, in milliseconds: a service may close idle ones. */
const ASK_EVERY_MS = 100;

type Fate = { readonly kind: "open" | "unopened" | "ended" } | { readonly kind: "cut"; readonly at: number };

const now = (): number => performance.timeOrigin + performance.now();

/** Opens connections and keeps them busy until `stop`: by HTTP with HEAD requests, by TCP with the kernel's own. */
export const holdUntil = async (
  settings: ProbeSettings,
  count: number,
  stop: Promise<void>,
): Promise<HeldReport> => {
  const fates = await Promise.all(Array.from({ length: count }, () => hold(settings, stop)));
  return {
    opened: fates.filter(({ kind }) => kind !== "unopened").length,
    cutAt: fates.flatMap((fate) => (fate.kind === "cut" ? [fate.at] : [])),
    ended: fates.filter(({ kind }) => kind === "ended").length,
  };
};

const hold = (settings: ProbeSettings, stop: Promise<void>): Promise<Fate> =>
  new Promise((resolve) => {
    const { scheme, host, port, path, verify, timeoutMs } = settings;
    const secure = { host, port, rejectUnauthorized: verify, servername: isIP(host) === 0 ? host : "" };
    const socket: Socket = scheme === "https" ? connectSecurely(secure) : connect({ host, port });
    let opened = false;
    let askedAt: number | null = null;
    let leaves = false;
    let text = "";
    const timer = setInterval(() => {
      if (!opened || scheme === "tcp") return;
      if (askedAt === null) {
        askedAt = now();
        socket.write(`HEAD ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
      } else if (now() - askedAt > timeoutMs) end({ kind: "cut", at: askedAt });
    }, ASK_EVERY_MS);
    const end = (fate: Fate): void => {
      clearInterval(timer);
      socket.destroy();
      resolve(fate);
    };
    // The kernel asks after a second of silence, and hears a reset from whoever does not know the connection.
    socket.setKeepAlive(true, 1000);
    socket.setNoDelay(true);
    socket.once(scheme === "https" ? "secureConnect" : "connect", () => {
      opened = true;
    });
    socket.setEncoding("utf8");
    socket.on("data", (part: string) => {
      text += part;
      const last = text.lastIndexOf("\r\n\r\n");
      if (last === -1) return;
      if (/^connection: *close/im.test(text.slice(0, last))) leaves = true;
      text = text.slice(last + 4);
      askedAt = null;
    });
    socket.on("error", () => end(opened ? { kind: "cut", at: askedAt ?? now() } : { kind: "unopened" }));
    socket.on("close", () => {
      if (!opened) return end({ kind: "unopened" });
      end(askedAt === null || leaves ? { kind: "ended" } : { kind: "cut", at: askedAt });
    });
    void stop.then(() => end(opened ? { kind: "open" } : { kind: "unopened" }));
  });
