import { quote } from "../../core/shell.ts";
import { atLeast, parseVersion } from "../version.ts";
import { ASK } from "./socket.ts";
import type { LiveHaproxy, LiveServer } from "./state.ts";

/** What an operator wants of a server: no new clients, no clients and no checks, or its part as configured. */
export type ServerWish = "drain" | "maint" | "ready";

/**
 * A script that gives a server of a backend a part in HAProxy's work, until its next reload; fails with HAProxy's own words.
 * Null where the node's HAProxy has no socket to ask.
 */
export const serverScript = (haproxy: LiveHaproxy, server: string, wish: ServerWish): string | null => {
  if (haproxy.socket === null || haproxy.stats.kind === "silent") return null;
  const version = parseVersion(haproxy.stats.version);
  const old = version !== null && !atLeast(version, [1, 6, 0]);
  const commands = old ? BEFORE_1_6[wish](server) : [`set server ${server} state ${wish}`];
  const asks = commands.map(
    (command) =>
      `said=$(ask ${quote(haproxy.socket ?? "")} ${quote(command)}) || exit 1\n[ -z "$(printf '%s' "$said" | tr -d ' \\n')" ] || { printf '%s\\n' "$said" >&2; exit 1; }`,
  );
  return `${ASK}\n${asks.join("\n")}`;
};

/** 1.5 knows no states, but weights, and enable and disable. */
const BEFORE_1_6: Readonly<Record<ServerWish, (server: string) => readonly string[]>> = {
  drain: (server) => [`enable server ${server}`, `set weight ${server} 0%`],
  maint: (server) => [`disable server ${server}`],
  ready: (server) => [`enable server ${server}`, `set weight ${server} 100%`],
};

/** The server of `BACKEND/SERVER` as a node's HAProxy has it; null where it has none. */
export const findServer = ({ stats }: LiveHaproxy, id: string): LiveServer | null =>
  stats.kind === "silent"
    ? null
    : (stats.servers.find(({ backend, name }) => `${backend}/${name}` === id) ?? null);

/** Whether a server has the part that was wished for. */
export const hasPart = ({ health }: LiveServer, wish: ServerWish): boolean =>
  wish === "ready" ? health !== "drain" && health !== "maint" : health === wish;
