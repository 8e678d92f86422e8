import { dict, type Value } from "../../core/value.ts";
import { type Gathered, sectionLines, sectionText } from "./gather.ts";
import type { Facts } from "./platform.ts";

/** Interfaces, addresses, default routes and name servers. */
export const networkFacts = (gathered: Gathered): Facts => {
  const links = sectionLines(gathered, "links").map(parseLink);
  const addresses = sectionLines(gathered, "addresses").flatMap((line) => parseAddress(line) ?? []);
  const names = [...new Set([...links.map(({ name }) => name), ...labelsOf(addresses)])];
  const four = addresses.filter((item) => item.family === "inet");
  const six = addresses.filter((item) => item.family === "inet6");
  return {
    interfaces: names,
    all_ipv4_addresses: four
      .filter(({ address }) => !address.startsWith("127."))
      .map(({ address }) => address),
    all_ipv6_addresses: six.filter(({ address }) => address !== "::1").map(({ address }) => address),
    default_ipv4: defaultRoute(sectionText(gathered, "route4"), links, four),
    default_ipv6: defaultRoute(sectionText(gathered, "route6"), links, six),
    ...Object.fromEntries(
      names.map((name) => [name.replace(/[-:]/g, "_"), interfaceFacts(name, links, addresses)]),
    ),
  };
};

interface Link {
  readonly name: string;
  readonly mac: string;
  readonly mtu: number;
  readonly active: boolean;
  readonly type: string;
  readonly promisc: boolean;
  /** Mbit/s; null where the kernel does not know. */
  readonly speed: number | null;
  readonly more: Readonly<Record<string, Value>>;
}

const parseLink = (line: string): Link => {
  const [
    name = "",
    mac = "",
    mtu = "",
    operstate = "",
    type = "",
    flags = "",
    speed = "",
    bridge = "",
    stp = "",
    mode = "",
    miimon = "",
    lacp = "",
    members = "",
    slaves = "",
  ] = line.split("|");
  const bond = mode !== "";
  return {
    name,
    mac: /^[0:]*$/.test(mac) ? "" : mac,
    mtu: Number(mtu),
    active: operstate !== "down",
    type: bridge !== "" ? "bridge" : bond ? "bonding" : (LINK_TYPES[type] ?? "unknown"),
    promisc: (Number(flags) & 0x100) !== 0,
    speed: /^-?\d+$/.test(speed) ? Number(speed) : null,
    more: {
      ...(bridge === "" ? {} : { id: bridge, stp: stp === "1", interfaces: words(members) }),
      ...(bond
        ? { slaves: words(slaves), mode: words(mode)[0] ?? "", miimon, lacp_rate: words(lacp)[0] ?? "" }
        : {}),
    },
  };
};

/** ARPHRD_ numbers of if_arp.h. */
const LINK_TYPES: Readonly<Record<string, string>> = {
  "1": "ether",
  "32": "infiniband",
  "512": "ppp",
  "772": "loopback",
  "65534": "tunnel",
};

const words = (text: string): readonly string[] => text.split(/\s+/).filter((word) => word !== "");

interface Address {
  readonly device: string;
  /** The address's own name (`eth0:1`), or the device's. */
  readonly label: string;
  readonly family: "inet" | "inet6";
  readonly address: string;
  readonly prefix: number;
  readonly broadcast: string;
  readonly scope: string;
  readonly secondary: boolean;
}

/** One line of `ip -o addr show`. */
const parseAddress = (line: string): Address | null => {
  const match = /^\d+: (\S+?)(?:@\S+)?\s+(inet6?) (\S+) (.*?)\s*(?:\\.*)?$/.exec(line);
  if (match === null) return null;
  const [, device = "", family, cidr = "", rest = ""] = match;
  const [address = "", prefix = family === "inet6" ? "128" : "32"] = cidr.split("/");
  const terms = words(rest);
  const last = terms.at(-1) ?? device;
  return {
    device,
    label: family === "inet" && (last === device || last.startsWith(`${device}:`)) ? last : device,
    family: family === "inet6" ? "inet6" : "inet",
    address,
    prefix: Number(prefix),
    broadcast: /\bbrd (\S+)/.exec(rest)?.[1] ?? "",
    scope: /\bscope (\S+)/.exec(rest)?.[1] ?? "",
    secondary: terms.includes("secondary"),
  };
};

const labelsOf = (addresses: readonly Address[]): readonly string[] => addresses.map(({ label }) => label);

const interfaceFacts = (name: string, links: readonly Link[], addresses: readonly Address[]): Value => {
  const link = links.find((item) => item.name === name);
  const own = addresses.filter(
    ({ device, label }) => label === name || (device === name && label === device),
  );
  const lent = addresses.filter(
    ({ device, label, secondary }) => device === name && label !== name && secondary,
  );
  const four = own.filter(({ family }) => family === "inet");
  const first = four.find(({ secondary }) => !secondary);
  const others = [...four.filter((item) => item !== first), ...lent];
  const six = own.filter(({ family }) => family === "inet6");
  return dict({
    ...(link === undefined ? {} : linkFacts(link)),
    ...(first === undefined ? {} : { ipv4: fourFacts(first) }),
    ...(others.length === 0 ? {} : { ipv4_secondaries: others.map(fourFacts) }),
    ...(six.length === 0
      ? {}
      : {
          ipv6: six.map(({ address, prefix, scope }) => dict({ address, prefix: String(prefix), scope })),
        }),
  });
};

const linkFacts = ({
  name,
  mac,
  mtu,
  active,
  type,
  promisc,
  speed,
  more,
}: Link): Readonly<Record<string, Value>> => ({
  device: name,
  active,
  ...(mac === "" ? {} : { macaddress: mac }),
  mtu,
  promisc,
  ...(speed === null ? {} : { speed }),
  type,
  ...more,
});

const fourFacts = (item: Address): Value =>
  dict({
    address: item.address,
    broadcast: item.broadcast,
    netmask: dotted(maskOf(item.prefix)),
    network: dotted((numberOf(item.address) & maskOf(item.prefix)) >>> 0),
    prefix: String(item.prefix),
  });

const maskOf = (prefix: number): number => (prefix === 0 ? 0 : (0xffffffff << (32 - prefix)) >>> 0);

const numberOf = (address: string): number =>
  address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);

const dotted = (value: number): string => [24, 16, 8, 0].map((shift) => (value >>> shift) & 0xff).join(".");

/** The route that a packet to the world would take: `8.8.8.8 via 192.0.2.1 dev eth0 src 192.0.2.2 uid 0`. */
const defaultRoute = (route: string, links: readonly Link[], addresses: readonly Address[]): Value => {
  const terms = words(route);
  const after = (word: string): string | null => {
    const at = terms.indexOf(word);
    return at === -1 ? null : (terms[at + 1] ?? null);
  };
  const device = after("dev");
  const source = after("src");
  if (device === null || source === null || terms[0] === "unreachable") return new Map();
  const link = links.find(({ name }) => name === device);
  const gateway = after("via");
  const address = addresses.find((item) => item.address === source && item.device === device);
  return dict({
    address: source,
    ...(gateway === null ? {} : { gateway }),
    interface: device,
    ...(link === undefined
      ? {}
      : { macaddress: link.mac === "" ? "unknown" : link.mac, mtu: link.mtu, type: link.type }),
    ...(address === undefined
      ? {}
      : address.family === "inet"
        ? { alias: address.label, ...Object.fromEntries(Object.entries(fourDict(address))) }
        : { prefix: String(address.prefix), scope: address.scope }),
  });
};

const fourDict = (item: Address): Readonly<Record<string, Value>> => ({
  broadcast: item.broadcast,
  netmask: dotted(maskOf(item.prefix)),
  network: dotted((numberOf(item.address) & maskOf(item.prefix)) >>> 0),
  prefix: String(item.prefix),
});

/** Name servers and search domains of resolv.conf. */
export const dnsFacts = (gathered: Gathered): Facts => {
  const found: Record<string, readonly string[]> = {};
  const options: [Value, Value][] = [];
  for (const line of sectionLines(gathered, "/etc/resolv.conf")) {
    const [key = "", ...rest] = words(line.replace(/[#;].*/, ""));
    if (key === "nameserver") found.nameservers = [...(found.nameservers ?? []), ...rest];
    if (key === "search") found.search = rest;
    if (key === "sortlist") found.sortlist = rest;
    if (key === "domain" && rest[0] !== undefined) found.domain = rest;
    if (key === "options") {
      for (const option of rest) {
        const [name = "", value] = option.split(":");
        options.push([name, value ?? true]);
      }
    }
  }
  const { domain, ...lists } = found;
  return {
    dns: new Map<Value, Value>([
      ...Object.entries(lists),
      ...(domain === undefined ? [] : [["domain", domain[0] ?? ""] as const]),
      ...(options.length === 0 ? [] : [["options", new Map(options)] as const]),
    ]),
  };
};
