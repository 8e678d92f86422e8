/** Adverts of one sender that were alike, as a node's kernel saw them. */
export interface WireAdvert {
  readonly source: string;
  readonly destination: string;
  /** The interface; empty where the tool does not tell it. */
  readonly dev: string;
  /** The sender's hardware address; null where the tool does not tell it. */
  readonly mac: string | null;
  /** The node itself sent it. */
  readonly sent: boolean;
  readonly version: number;
  readonly virtualRouterId: number;
  readonly priority: number;
  /** Of VRRP 2: `none`, `PASS`, `AH`; null of VRRP 3, which has none. */
  readonly authentication: string | null;
  /** As the sender says it, in milliseconds. */
  readonly advertMs: number;
  /** null where the tool does not tell them. */
  readonly addresses: readonly string[] | null;
  readonly count: number;
}

/** What passed a node's interfaces within some seconds. */
export interface Wire {
  /** What listened; null: the node has nothing that can. */
  readonly by: "perl" | "python" | "tcpdump" | null;
  readonly adverts: readonly WireAdvert[];
}

/** Reads what the shell function `wire` wrote; `links` is what `ip -o link show` says. */
export const wireOf = (text: string, links: string): Wire => {
  const [by = "", ...lines] = text.split("\n");
  if (by === "tcpdump") return { by, adverts: merged(lines.flatMap(fromTcpdump)) };
  if (by !== "perl" && by !== "python") return { by: null, adverts: [] };
  const names = new Map(
    [...links.matchAll(/^(\d+): ([^:@\s]+)/gm)].map(([, index = "", name = ""]) => [index, name]),
  );
  return { by, adverts: merged(lines.flatMap((line) => fromBytes(line, names))) };
};

const OUTGOING = "4";

const AUTHENTICATION: readonly string[] = ["none", "PASS", "AH"];

const fromBytes = (line: string, names: ReadonlyMap<string, string>): readonly WireAdvert[] => {
  const [count = "", link = "", type = "", mac = "", source = "", target = "", hex = ""] = line.split(" ");
  const body = Buffer.from(hex, "hex");
  if (body.length < 8) return [];
  const version = body.readUInt8(0) >> 4;
  return [
    {
      source: addressText(Buffer.from(source, "hex")),
      destination: addressText(Buffer.from(target, "hex")),
      dev: names.get(link) ?? "",
      mac: /^[0-9a-f]{12}$/.test(mac) ? (mac.match(/../g) ?? []).join(":") : null,
      sent: type === OUTGOING,
      version,
      virtualRouterId: body.readUInt8(1),
      priority: body.readUInt8(2),
      authentication:
        version === 2 ? (AUTHENTICATION[body.readUInt8(4)] ?? `type ${body.readUInt8(4)}`) : null,
      advertMs: version === 2 ? body.readUInt8(5) * 1000 : (body.readUInt16BE(4) & 0x0f_ff) * 10,
      addresses: addressesOf(body, source.length === 8 ? 4 : 16),
      count: Number(count),
    },
  ];
};

const addressesOf = (body: Buffer, size: number): readonly string[] =>
  Array.from({ length: body.readUInt8(3) }, (_, index) => 8 + index * size)
    .filter((from) => from + size <= body.length)
    .map((from) => addressText(body.subarray(from, from + size)));

/** IPv6 as RFC 5952 writes it: the longest run of zeros, two groups at least, is `::`. */
const addressText = (bytes: Buffer): string => {
  if (bytes.length === 4) return [...bytes].join(".");
  const groups = Array.from({ length: bytes.length >> 1 }, (_, index) => bytes.readUInt16BE(index * 2));
  const text = groups.map((group) => group.toString(16)).join(":");
  const [longest] = [...text.matchAll(/(?<=^|:)0(?::0)+(?=:|$)/g)].toSorted(
    ([left], [right]) => right.length - left.length,
  );
  if (longest === undefined) return text;
  const rest = text.slice(longest.index + longest[0].length);
  return `${text.slice(0, longest.index)}::${rest}`.replace(/:{3,}/, "::");
};

/** `IP 192.0.2.11 > 224.0.0.18: VRRPv2, Advertisement, vrid 51, prio 101, authtype simple, intvl 1s, length 20` */
const fromTcpdump = (line: string): readonly WireAdvert[] => {
  const [, source = "", destination = "", version = "", id = "", priority = "", rest = ""] =
    /\bIP6? (\S+) > (\S+): VRRPv(\d), Advertisement, (?:\(.*?\), )?vrid (\d+), prio (\d+)(.*)$/.exec(line) ??
    [];
  if (source === "") return [];
  const type = /authtype (\w+)/.exec(rest)?.[1];
  const [, amount = "0", unit = ""] = /intvl (\d+)(cs|s)/.exec(rest) ?? [];
  return [
    {
      source,
      destination,
      dev: /^(?:\S+ )?(\S+)\s+(?:In|Out|M|B)\b/.exec(line)?.[1] ?? "",
      mac: null,
      sent: /\bOut\b/.test(line),
      version: Number(version),
      virtualRouterId: Number(id),
      priority: Number(priority),
      authentication: version === "2" ? (type === "simple" ? "PASS" : (type ?? "none")) : null,
      advertMs: Number(amount) * (unit === "cs" ? 10 : 1000),
      addresses: null,
      count: 1,
    },
  ];
};

const merged = (all: readonly WireAdvert[]): readonly WireAdvert[] => {
  const kinds = new Map<string, WireAdvert>();
  for (const advert of all) {
    const key = JSON.stringify({ ...advert, count: 0 });
    kinds.set(key, { ...advert, count: advert.count + (kinds.get(key)?.count ?? 0) });
  }
  return [...kinds.values()];
};
