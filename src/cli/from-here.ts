import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { FromHere } from "../lb/diagnose/cause.ts";
import { haproxyConfig } from "../lb/haproxy/read-config.ts";
import { type LiveNode, stateOf } from "../lb/live/node.ts";
import { request } from "../probe/request.ts";

/** A virtual address that does not answer within this many milliseconds is taken not to. */
const PATIENCE_MS = 3000;

/** Connections are opened to this many ports of an address at most. */
const MOST_PORTS = 8;

/** How virtual addresses look from this machine: which of HAProxy's ports answer, and which hardware address. */
export const fromHere = (
  nodes: readonly LiveNode[],
  addresses: readonly string[],
): Promise<readonly FromHere[]> =>
  Promise.all(
    addresses.map(async (address): Promise<FromHere> => {
      const ports = await Promise.all(
        portsOf(nodes, address).map(async (port) => ({ port, error: await connectionError(address, port) })),
      );
      return { address, ports, mac: await neighbour(address) };
    }),
  );

/** The TCP ports that any haproxy.cfg of the pair opens on an address, or on all. */
const portsOf = (nodes: readonly LiveNode[], address: string): readonly number[] => {
  const all = nodes.flatMap((node) =>
    haproxyConfig(stateOf(node)?.haproxy.config ?? []).proxies.flatMap(({ binds }) =>
      binds.flatMap((bind) =>
        bind.protocol === "tcp" &&
        bind.ports !== null &&
        ["*", "", "0.0.0.0", "::", address].includes(bind.address)
          ? [bind.ports[0]]
          : [],
      ),
    ),
  );
  return [...new Set(all)].slice(0, MOST_PORTS);
};

const connectionError = async (host: string, port: number): Promise<string | null> => {
  const { error } = await request({
    scheme: "tcp",
    host,
    port,
    path: "",
    everyMs: PATIENCE_MS,
    timeoutMs: PATIENCE_MS,
    verify: false,
    serverHeader: "",
  });
  return error;
};

/** As the kernel's neighbour table has it, which the connections have filled; only where there is iproute2. */
const neighbour = async (address: string): Promise<string | null> => {
  try {
    const { stdout } = await promisify(execFile)("ip", ["neigh", "show", "to", address], {
      timeout: PATIENCE_MS,
    });
    return /lladdr (\S+)/.exec(stdout)?.[1] ?? null;
  } catch {
    return null;
  }
};
