import type { Bind } from "./config.ts";

/** An address as a bind or server line has it. */
export type Address = Pick<Bind, "address" | "family" | "ports" | "protocol"> & {
  /** One port; null for a range, an offset (`+1000`), none, and a variable. */
  readonly port: number | null;
};

/** What a prefix says: `ipv6@`, `quic4@`, `unix@`, `stream+ipv4@`. */
interface Prefix {
  readonly family: "ip" | "ipv4" | "ipv6" | "unix";
  readonly protocol: Bind["protocol"];
}

const tcp = (family: Prefix["family"]): Prefix => ({ family, protocol: "tcp" });
const udp = (family: Prefix["family"]): Prefix => ({ family, protocol: "udp" });

const PREFIXES: ReadonlyMap<string, Prefix> = new Map([
  ["ip@", tcp("ip")],
  ["tcp@", tcp("ip")],
  ["mptcp@", tcp("ip")],
  ["udp@", udp("ip")],
  ["ipv4@", tcp("ipv4")],
  ["tcp4@", tcp("ipv4")],
  ["mptcp4@", tcp("ipv4")],
  ["udp4@", udp("ipv4")],
  ["quic4@", udp("ipv4")],
  ["ipv6@", tcp("ipv6")],
  ["tcp6@", tcp("ipv6")],
  ["mptcp6@", tcp("ipv6")],
  ["udp6@", udp("ipv6")],
  ["quic6@", udp("ipv6")],
  ["unix@", tcp("unix")],
  ["uxst@", tcp("unix")],
  ["uxdg@", udp("unix")],
]);

/** An address by HAProxy's rules (str2sa_range of its tools.c): the port stands behind the last colon that no bracket follows. */
export const readAddress = (text: string): Address => {
  const [, socket = "", prefix = "", rest = text] =
    /^((?:stream|dgram|quic)\+)?([a-z0-9]+@)?(.*)$/s.exec(text) ?? [];
  const named = prefix === "" ? tcp(rest.startsWith("/") ? "unix" : "ip") : PREFIXES.get(prefix);
  const protocol = socket === "dgram+" || socket === "quic+" ? "udp" : (named?.protocol ?? "tcp");
  if (named === undefined) return { address: text, family: "other", ports: null, port: null, protocol };
  if (named.family === "unix") return { address: rest, family: "unix", ports: null, port: null, protocol };

  const colon = portColon(rest);
  const host = (colon === null ? rest : rest.slice(0, colon)).replace(/^\[(.*)\]$/, "$1");
  const ports = colon === null ? null : portRange(rest.slice(colon + 1));
  return {
    address: host === "" ? "*" : host,
    family: named.family === "ip" ? familyOf(host) : named.family,
    ports,
    port: ports !== null && ports[0] === ports[1] ? ports[0] : null,
    protocol,
  };
};

/** Where the colon before the port stands: the last one, unless a bracket or a variable's brace holds it. */
const portColon = (text: string): number | null => {
  const plain = text.replace(/\$\{[^}]*\}/g, (variable) => "x".repeat(variable.length));
  const at = Math.max(plain.lastIndexOf(":"), plain.lastIndexOf("]"));
  return plain.charAt(at) === ":" ? at : null;
};

const portRange = (text: string): Bind["ports"] => {
  const [, first, last = first] = /^(\d+)(?:-(\d+))?$/.exec(text) ?? [];
  return first === undefined ? null : [Number(first), Number(last)];
};

const familyOf = (host: string): Bind["family"] => {
  if (host === "" || host === "*" || /^\d{1,3}(\.\d{1,3}){3}$/.test(host)) return "ipv4";
  return host.includes(":") && /^[0-9A-Fa-f:.]+(%\w+)?$/.test(host) ? "ipv6" : "other";
};
