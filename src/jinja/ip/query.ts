import { type Obj, PyError } from "../objects.ts";
import { int } from "../python/number.ts";
import {
  addressText,
  type Cidr,
  cidrText,
  firstOf,
  hostMask,
  isInside,
  lastOf,
  netMask,
  parseCidr,
  sizeOf,
  widthOf,
} from "./address.ts";

/** What a query of ipaddr() looks at: the address, whether it was written with a prefix, and how it was written. */
export interface Subject {
  readonly cidr: Cidr;
  readonly type: "address" | "network";
  readonly written: Obj;
}

type Query = (subject: Subject) => Obj;

const show = (value: bigint, { cidr }: Subject): string => addressText(value, cidr.version);

const hasBroadcast = ({ version, prefix }: Cidr): boolean => version === 6 || 32 - prefix > 1;

const isHost = ({ cidr }: Subject): boolean => cidr.value !== firstOf(cidr) || !hasBroadcast(cidr);

const needNetwork = ({ type }: Subject): void => {
  if (type === "address") throw new PyError("FilterError", "Not a network address");
};

/** The addresses that hosts may have; null for a single address. */
const usable = ({ cidr }: Subject): { first: bigint; last: bigint } | null => {
  const size = sizeOf(cidr);
  if (size === 1n) return null;
  if (size === 2n) return { first: firstOf(cidr), last: lastOf(cidr) };
  return { first: firstOf(cidr) + 1n, last: lastOf(cidr) - 1n };
};

const network = (text: string): Cidr => {
  const cidr = parseCidr(text);
  if (cidr === null) throw new Error(`no network: ${text}`);
  return cidr;
};

const range = (version: 4, first: string, last: string) => ({
  version,
  first: network(first).value,
  last: network(last).value,
});

const inRange = (cidr: Cidr, { version, first, last }: ReturnType<typeof range>): boolean =>
  cidr.version === version && firstOf(cidr) >= first && lastOf(cidr) <= last;

const PRIVATE: readonly Cidr[] = [
  "10.0.0.0/8",
  "100.64.0.0/10",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "169.254.0.0/16",
  "fc00::/7",
  "fec0::/10",
  "fe80::/10",
].map(network);

const PRIVATE_MULTICAST = range(4, "239.0.0.0", "239.255.255.255");
const MULTICAST = ["224.0.0.0/4", "ff00::/8"].map(network);
const LOOPBACK = ["127.0.0.0/8", "::1/128"].map(network);
const LINK_LOCAL = ["169.254.0.0/16", "fe80::/10"].map(network);

const isIn = (cidr: Cidr, networks: readonly Cidr[]): boolean =>
  networks.some((candidate) => isInside(cidr, candidate));

const alone = (cidr: Cidr): Cidr => ({ ...cidr, prefix: widthOf(cidr.version) });

const isPrivate = (cidr: Cidr): boolean => isIn(cidr, PRIVATE) || inRange(cidr, PRIVATE_MULTICAST);

/** True for an address that is the mask of some network or of some hosts. */
const isMask = ({ value, version }: Cidr): boolean => {
  const bits = value.toString(2).padStart(widthOf(version), "0");
  return /^1*0*$/.test(bits) || /^0*1*$/.test(bits);
};

const isPublic = (cidr: Cidr): boolean =>
  !isIn(cidr, MULTICAST) && !isPrivate(cidr) && !isIn(cidr, LOOPBACK) && !isMask(cidr);

/** The address as it was written, where a condition holds. */
const written =
  (holds: (subject: Subject) => boolean): Query =>
  (subject) =>
    holds(subject) ? subject.written : null;

const address: Query = (subject) => {
  const size = sizeOf(subject.cidr);
  if (size === 1n || isHost(subject) || subject.cidr.version === 6) return show(subject.cidr.value, subject);
  return null;
};

const addressPrefix: Query = (subject) => {
  const { cidr } = subject;
  const atEdge = cidr.value === firstOf(cidr) || (hasBroadcast(cidr) && cidr.value === lastOf(cidr));
  if (sizeOf(cidr) > 2n && atEdge) return false;
  return cidrText(cidr);
};

const hostWith =
  (suffix: (cidr: Cidr, subject: Subject) => string): Query =>
  (subject) => {
    const { cidr } = subject;
    const size = sizeOf(cidr);
    if (size === 2n || (size > 1n && cidr.value !== firstOf(cidr)))
      return show(cidr.value, subject) + suffix(cidr, subject);
    return null;
  };

const host: Query = (subject) => {
  const size = sizeOf(subject.cidr);
  return size === 1n || isHost(subject) ? cidrText(subject.cidr) : null;
};

const usableEdge =
  (edge: "first" | "last"): Query =>
  (subject) => {
    needNetwork(subject);
    const hosts = usable(subject);
    return hosts === null ? null : show(hosts[edge], subject);
  };

const neighbour =
  (step: bigint): Query =>
  (subject) => {
    needNetwork(subject);
    const hosts = usable(subject);
    const next = subject.cidr.value + step;
    return hosts !== null && next >= hosts.first && next <= hosts.last ? show(next, subject) : null;
  };

const usableRange: Query = (subject) => {
  needNetwork(subject);
  const hosts = usable(subject);
  return hosts === null ? null : `${show(hosts.first, subject)}-${show(hosts.last, subject)}`;
};

const peer: Query = (subject) => {
  needNetwork(subject);
  const { cidr } = subject;
  const size = sizeOf(cidr);
  if (size === 2n) return show(cidr.value ^ 1n, subject);
  if (size !== 4n) throw new PyError("FilterError", "Not a point-to-point network");
  if (cidr.value % 4n === 0n) throw new PyError("FilterError", "Network address of /30 has no peer");
  if (cidr.value % 4n === 3n) throw new PyError("FilterError", "Broadcast address of /30 has no peer");
  return show(cidr.value ^ 3n, subject);
};

const reverseName: Query = ({ cidr }) => {
  if (cidr.version === 4) return `${addressText(cidr.value, 4).split(".").reverse().join(".")}.in-addr.arpa.`;
  const digits = cidr.value.toString(16).padStart(32, "0");
  return `${[...digits].reverse().join(".")}.ip6.arpa.`;
};

const asVersion4: Query = ({ cidr, written: text }) => {
  if (cidr.version === 4) return text;
  const low = cidr.value & 0xffffffffn;
  const high = cidr.value >> 32n;
  if (high !== 0n && high !== 0xffffn) return false;
  const prefix = cidr.prefix - 96;
  return prefix < 0 ? false : `${addressText(low, 4)}/${prefix}`;
};

const asVersion6: Query = ({ cidr, written: text }) =>
  cidr.version === 6 ? text : `::ffff:${addressText(cidr.value, 4)}/${cidr.prefix + 96}`;

const wrap: Query = (subject) => {
  const { cidr, type } = subject;
  if (cidr.version === 4) return subject.written;
  const bracketed = `[${show(cidr.value, subject)}]`;
  return type === "address" ? bracketed : `${bracketed}/${cidr.prefix}`;
};

const number: Query = ({ cidr, type }) =>
  type === "address" ? int(cidr.value) : `${cidr.value}/${cidr.prefix}`;

const plain: Query = (subject) =>
  subject.type === "address" ? show(subject.cidr.value, subject) : cidrText(subject.cidr);

const networkOf = (subject: Subject): string => show(firstOf(subject.cidr), subject);
const maskOf = (subject: Subject): string => show(netMask(subject.cidr), subject);
const wildcardOf = (subject: Subject): string => show(hostMask(subject.cidr), subject);
const subnetOf = ({ cidr }: Subject): string => cidrText({ ...cidr, value: firstOf(cidr) });

const typeOf: Query = ({ cidr }) =>
  sizeOf(cidr) === 1n || cidr.value !== firstOf(cidr) ? "address" : "network";

/** The queries of ipaddr() by name. */
export const QUERIES: ReadonlyMap<string, Query> = new Map<string, Query>([
  ["", plain],
  ["address", address],
  ["ip", address],
  ["address/prefix", addressPrefix],
  ["gateway", addressPrefix],
  ["gw", addressPrefix],
  ["host/prefix", addressPrefix],
  ["hostnet", addressPrefix],
  ["router", addressPrefix],
  ["bool", () => true],
  ["broadcast", (subject) => (sizeOf(subject.cidr) > 2n ? show(lastOf(subject.cidr), subject) : null)],
  ["cidr", ({ cidr }) => cidrText(cidr)],
  ["first_usable", usableEdge("first")],
  ["last_usable", usableEdge("last")],
  ["next_usable", neighbour(1n)],
  ["previous_usable", neighbour(-1n)],
  ["range_usable", usableRange],
  ["host", host],
  ["hostmask", wildcardOf],
  ["wildcard", wildcardOf],
  ["int", number],
  ["ip/prefix", hostWith((cidr) => `/${cidr.prefix}`)],
  ["ip_netmask", hostWith((_, subject) => ` ${maskOf(subject)}`)],
  ["ipv4", asVersion4],
  ["v4", asVersion4],
  ["ipv6", asVersion6],
  ["v6", asVersion6],
  ["link-local", written(({ cidr }) => isIn(alone(cidr), LINK_LOCAL))],
  ["lo", written(({ cidr }) => isIn(alone(cidr), LOOPBACK))],
  ["loopback", written(({ cidr }) => isIn(alone(cidr), LOOPBACK))],
  ["multicast", written(({ cidr }) => isIn(cidr, MULTICAST))],
  ["unicast", written(({ cidr }) => !isIn(cidr, MULTICAST))],
  ["private", written(({ cidr }) => isPrivate(cidr))],
  ["public", written(({ cidr }) => isPublic(alone(cidr)))],
  ["net", ({ cidr }) => (sizeOf(cidr) > 1n && cidr.value === firstOf(cidr) ? cidrText(cidr) : null)],
  ["netmask", maskOf],
  ["network", networkOf],
  ["network_id", networkOf],
  ["network/prefix", subnetOf],
  ["subnet", subnetOf],
  ["network_netmask", (subject) => `${networkOf(subject)} ${maskOf(subject)}`],
  ["network_wildcard", (subject) => `${networkOf(subject)} ${wildcardOf(subject)}`],
  ["peer", peer],
  ["prefix", ({ cidr }) => cidr.prefix],
  ["revdns", reverseName],
  ["size", ({ cidr }) => int(sizeOf(cidr))],
  ["size_usable", ({ cidr }) => (sizeOf(cidr) === 1n ? 0 : sizeOf(cidr) === 2n ? 2 : int(sizeOf(cidr) - 2n))],
  ["type", typeOf],
  ["version", ({ cidr }) => cidr.version],
  ["wrap", wrap],
]);
