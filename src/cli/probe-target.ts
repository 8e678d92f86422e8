import type { Bind, ProxySection } from "../lb/haproxy/config.ts";
import { haproxyConfig } from "../lb/haproxy/read-config.ts";
import { type LiveNode, stateOf } from "../lb/live/node.ts";
import { type ProbeTarget, parseTarget } from "../probe/target.ts";

/**
 * What a client asks to see whether a virtual address serves: as it is said, else the first port that HAProxy opens on one
 * of the addresses, HTTP before HTTPS before TCP. Null: nothing is to be asked, or nothing is open.
 */
export const probeTarget = (
  said: string | null,
  owner: LiveNode,
  addresses: readonly string[],
): ProbeTarget | null => {
  if (said !== null) return said === "none" ? null : parseTarget(said);
  const config = haproxyConfig(stateOf(owner)?.haproxy.config ?? []);
  const targets = config.proxies.flatMap((proxy) =>
    proxy.binds.flatMap((bind) => targetOf(proxy, bind, addresses)),
  );
  const ranks: readonly ProbeTarget["scheme"][] = ["http", "https", "tcp"];
  return ranks.flatMap((scheme) => targets.filter((target) => target.scheme === scheme))[0] ?? null;
};

const targetOf = (proxy: ProxySection, bind: Bind, addresses: readonly string[]): readonly ProbeTarget[] => {
  const any =
    bind.address === "*" || bind.address === "" || bind.address === "0.0.0.0" || bind.address === "::";
  const host = any ? addresses[0] : addresses.find((address) => address === bind.address);
  const port = bind.protocol === "udp" ? undefined : bind.ports?.[0];
  if (host === undefined || port === undefined) return [];
  if (proxy.mode !== "http") return [{ scheme: "tcp", host, port, path: "" }];
  return [{ scheme: bind.options.has("ssl") ? "https" : "http", host, port, path: "/" }];
};
