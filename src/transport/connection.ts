import { argv } from "../core/shell.ts";
import type { Become, Connection, Transport } from "../core/transport.ts";
import { openShell } from "./become.ts";
import type { Link } from "./channel.ts";
import { createShell } from "./shell.ts";
import { runUpload } from "./upload.ts";

/** What a connection needs besides its link. */
export interface ConnectionOptions {
  /** Fresh random hex, at least 128 bits, for marks and prompts. */
  readonly nonce: () => string;
  /** How long a shell may take to open. */
  readonly openTimeoutMs: number;
}

/** How long `close` waits for the node to end what is still running there. */
const KILL_WAIT_MS = 2_000;

/** A connection over any link: its shells, one per user, and its figures. */
export const createConnection = (link: Link, { nonce, openTimeoutMs }: ConnectionOptions): Connection => {
  const shells = new Map<string, Promise<Transport>>();
  const kills = new Set<Promise<void>>();
  let roundTrips = 0;
  let bytesSent = 0;
  let bytesReceived = 0;
  let closing: Promise<void> | null = null;
  const count = {
    trip: () => {
      roundTrips += 1;
    },
    sent: (bytes: number) => {
      bytesSent += bytes;
    },
    received: (bytes: number) => {
      bytesReceived += bytes;
    },
  };

  const open = async (become: Become | null, key: string): Promise<Transport> => {
    const label = become === null ? link.label : `${link.label} (${become.method} ${become.user})`;
    const request = { become, script: null, nonce, timeoutMs: openTimeoutMs };
    const channel = await openShell(link, request);
    if (become !== null && (become.password !== null || become.method === "su")) count.trip();
    return createShell({
      channel,
      label,
      become,
      nonce: nonce(),
      count,
      openTimeoutMs,
      upload: (upload) => runUpload({ link, label, shell: request, upload, count }),
      killGroup: (group) => killGroup(become, group),
      linkFault: link.fault,
      onEnd: () => shells.delete(key),
      giveUp: () => void close(),
    });
  };

  /** A detached child waits for what does not heed TERM, so that nobody else has to. */
  const killGroup = async (become: Become | null, group: string): Promise<void> => {
    const script = `kill -TERM -${group}; { sleep 1; kill -KILL -${group}; } >/dev/null 2>&1 </dev/null &`;
    const killed = openShell(link, { become, script, nonce, timeoutMs: KILL_WAIT_MS }).then((channel) => {
      channel.stdout.resume();
      channel.stderr.resume();
      return channel.ended.finally(channel.destroy);
    });
    const wait = withinKillWait(killed.catch(() => null));
    kills.add(wait);
    await wait;
  };

  const shell = (become: Become | null): Promise<Transport> => {
    const target = become === null || become.user === link.user ? null : become;
    const key = target === null ? "" : argv(target.exe ?? target.method, target.user, ...target.flags);
    const opened = shells.get(key) ?? open(target, key);
    shells.set(key, opened);
    opened.catch(() => shells.delete(key));
    return opened;
  };

  const close = (): Promise<void> => {
    closing ??= (async () => {
      const opened = await Promise.allSettled(shells.values());
      await Promise.all(opened.map((one) => (one.status === "fulfilled" ? one.value.close() : null)));
      await Promise.all(kills);
      await link.close();
    })();
    return closing;
  };

  return { label: link.label, shell, traffic: () => ({ roundTrips, bytesSent, bytesReceived }), close };
};

const withinKillWait = (work: Promise<unknown>): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, KILL_WAIT_MS);
    void work.finally(() => {
      clearTimeout(timer);
      resolve();
    });
  });
