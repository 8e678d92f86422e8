/** An address with its prefix length: `10.0.0.5/24` keeps the 5. */
export interface Cidr {
  readonly version: 4 | 6;
  readonly value: bigint;
  readonly prefix: number;
}

/** Bits of an address. */
export const widthOf = (version: 4 | 6): number => (version === 4 ? 32 : 128);

const DECIMAL = /^(?:0|[1-9]\d{0,2})$/;

const parse4 = (text: string): bigint | null => {
  const parts = text.split(".");
  if (parts.length !== 4 || parts.some((part) => !DECIMAL.test(part) || Number(part) > 255)) return null;
  return parts.reduce((value, part) => value * 256n + BigInt(part), 0n);
};

const parse6 = (text: string): bigint | null => {
  const halves = text.split("::");
  if (halves.length > 2) return null;
  const groups = halves.map((half) => (half === "" ? [] : groupsOf(half.split(":"))));
  const [left, right] = groups;
  if (left === undefined || left === null || right === null) return null;
  const missing = 8 - left.length - (right?.length ?? 0);
  if (right === undefined ? missing !== 0 : missing < 1) return null;
  const all = right === undefined ? left : [...left, ...Array<bigint>(missing).fill(0n), ...right];
  return all.reduce((value, group) => (value << 16n) | group, 0n);
};

/** Groups of 16 bits; the last may be an IPv4 address. */
const groupsOf = (parts: readonly string[]): bigint[] | null => {
  const out: bigint[] = [];
  for (const [index, part] of parts.entries()) {
    const tail = index === parts.length - 1 && part.includes(".") ? parse4(part) : null;
    if (tail !== null) out.push(tail >> 16n, tail & 0xffffn);
    else if (/^[0-9a-fA-F]{1,4}$/.test(part)) out.push(BigInt(`0x${part}`));
    else return null;
  }
  return out;
};

/** An address without prefix, or null. */
export const parseAddress = (text: string): { version: 4 | 6; value: bigint } | null => {
  const value4 = parse4(text);
  if (value4 !== null) return { version: 4, value: value4 };
  const value6 = text.includes(":") ? parse6(text) : null;
  return value6 === null ? null : { version: 6, value: value6 };
};

/** An IPv4 address that lacks its last parts (`10.1`), filled with zeros. */
const parsePartial = (text: string): { version: 4; value: bigint } | null => {
  const parts = text.split(".");
  if (text.includes(":") || text === "" || parts.length >= 4) return null;
  const value = parse4([...parts, "0", "0", "0"].slice(0, 4).join("."));
  return value === null ? null : { version: 4, value };
};

/** An address or network as netaddr reads them: a prefix length, a netmask or a hostmask after the slash. */
export const parseCidr = (text: string): Cidr | null => {
  const slash = text.indexOf("/");
  const head = slash === -1 ? text : text.slice(0, slash);
  const address = parseAddress(head) ?? parsePartial(head);
  if (address === null) return null;
  const width = widthOf(address.version);
  if (slash === -1) return { ...address, prefix: width };
  const prefix = parsePrefix(text.slice(slash + 1), address.version);
  return prefix === null || prefix < 0 || prefix > width ? null : { ...address, prefix };
};

const parsePrefix = (text: string, version: 4 | 6): number | null => {
  if (/^\s*[+-]?\d+\s*$/.test(text)) return Number(text);
  const mask = parseAddress(text);
  if (mask === null || mask.version !== version) return null;
  const bits = mask.value.toString(2).padStart(widthOf(version), "0");
  if (/^1*0*$/.test(bits)) return bits.lastIndexOf("1") + 1;
  return /^0*1*$/.test(bits) ? bits.indexOf("1") : null;
};

/** The bits of the host part, set. */
export const hostMask = ({ version, prefix }: Cidr): bigint => (1n << BigInt(widthOf(version) - prefix)) - 1n;

/** The bits of the network part, set. */
export const netMask = (cidr: Cidr): bigint => ((1n << BigInt(widthOf(cidr.version))) - 1n) ^ hostMask(cidr);

/** The first address of the network. */
export const firstOf = (cidr: Cidr): bigint => cidr.value & netMask(cidr);

/** The last address of the network. */
export const lastOf = (cidr: Cidr): bigint => cidr.value | hostMask(cidr);

/** How many addresses the network has. */
export const sizeOf = (cidr: Cidr): bigint => hostMask(cidr) + 1n;

/** True if all of `inner` lies in `outer`. */
export const isInside = (inner: Cidr, outer: Cidr): boolean =>
  inner.version === outer.version && firstOf(inner) >= firstOf(outer) && lastOf(inner) <= lastOf(outer);

/** An address as text, IPv6 in its shortest form. */
export const addressText = (value: bigint, version: 4 | 6): string => {
  if (version === 4) return [24n, 16n, 8n, 0n].map((shift) => ((value >> shift) & 255n).toString()).join(".");
  const groups = Array.from({ length: 8 }, (_, index) =>
    Number((value >> BigInt(112 - 16 * index)) & 0xffffn),
  );
  const embedded = embedded4(value, groups);
  return embedded ?? compressed(groups.map((group) => group.toString(16)));
};

/** The C library shows the last 32 bits of `::a.b.c.d` and `::ffff:a.b.c.d` in dots. */
const embedded4 = (value: bigint, groups: readonly number[]): string | null => {
  const low = value & 0xffffffffn;
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  const isCompatible = groups.slice(0, 6).every((group) => group === 0) && (groups[6] ?? 0) !== 0;
  if (!isMapped && !isCompatible) return null;
  return `::${isMapped ? "ffff:" : ""}${addressText(low, 4)}`;
};

/** The longest run of zeros, the first of equals, becomes `::`. */
const compressed = (groups: readonly string[]): string => {
  let best = { start: -1, length: 1 };
  for (let start = 0; start < groups.length; start += 1) {
    let length = 0;
    while (groups[start + length] === "0") length += 1;
    if (length > best.length) best = { start, length };
  }
  if (best.start === -1) return groups.join(":");
  const left = groups.slice(0, best.start).join(":");
  const right = groups.slice(best.start + best.length).join(":");
  return `${left}::${right}`;
};

/** `address/prefix`. */
export const cidrText = (cidr: Cidr): string => `${addressText(cidr.value, cidr.version)}/${cidr.prefix}`;
