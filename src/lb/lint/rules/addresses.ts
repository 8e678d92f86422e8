import { canonicalAddress } from "../../address.ts";
import type { Bind, HaproxyConfig, ProxySection } from "../../haproxy/config.ts";
import type { VirtualAddress } from "../../keepalived/config.ts";
import type { Pair, PairNode } from "../../pair/pair.ts";

/** A node's virtual addresses, also those that are not in the adverts. */
export const virtualAddresses = (node: PairNode): readonly VirtualAddress[] =>
  node.keepalived?.instances.flatMap((instance) => instance.virtualAddresses) ?? [];

/** The virtual addresses of all nodes of a pair, in the form in which they can be compared. */
export const pairAddresses = (pair: Pair): ReadonlySet<string> =>
  new Set(pair.nodes.flatMap(virtualAddresses).map(({ address }) => canonicalAddress(address)));

export const isWildcard = (address: string): boolean =>
  address === "*" || address === "0.0.0.0" || isWildcardIpv6(address);

const isWildcardIpv6 = (address: string): boolean => canonicalAddress(address) === canonicalAddress("::");

export const isLoopback = (address: string): boolean =>
  /^127\./.test(address) || canonicalAddress(address) === canonicalAddress("::1");

/** Whether packets to an address arrive at a bind: it is the same, or a wildcard of its family. */
export const binds = (bind: Bind, address: string): boolean => {
  if (bind.family === "unix" || bind.family === "other") return false;
  if (canonicalAddress(bind.address) === canonicalAddress(address)) return true;
  if (!isWildcard(bind.address)) return false;
  if (address.includes(":")) return isWildcardIpv6(bind.address);
  return !isWildcardIpv6(bind.address) || (bind.options.has("v4v6") && !bind.options.has("v6only"));
};

/** Every bind of a configuration with its proxy. */
export const allBinds = (
  config: HaproxyConfig,
): readonly { readonly proxy: ProxySection; readonly bind: Bind }[] =>
  config.proxies.flatMap((proxy) => proxy.binds.map((bind) => ({ proxy, bind })));

/** Whether anybody but the node itself reaches a proxy: what cannot be told counts as reached. */
export const isReachable = (proxy: ProxySection): boolean =>
  proxy.binds.some(({ address, family }) => family !== "unix" && !isLoopback(address));

/** `192.0.2.10:443`, `*:80`, `[2001:db8::1]:80-90`. */
export const bindText = ({ address, family, ports }: Bind): string => {
  const host = family === "ipv6" ? `[${address}]` : address;
  if (ports === null) return host;
  return `${host}:${ports[0] === ports[1] ? ports[0] : `${ports[0]}-${ports[1]}`}`;
};
