import {
  addressText,
  type Cidr,
  cidrText,
  firstOf,
  isInside,
  lastOf,
  parseAddress,
  parseCidr,
  sizeOf,
  widthOf,
} from "../ip/address.ts";
import { QUERIES, type Subject } from "../ip/query.ts";
import { isSequence, type Obj, PyError, textOf, Undefined, UndefinedUse } from "../objects.ts";
import { isFloat, isNumber, toBigInt, toIndex } from "../python/number.ts";
import { truth } from "../python/operators.ts";
import { str } from "../python/print.ts";
import { type Definition, define } from "./define.ts";

type Version = 4 | 6 | null;

/** What is looked at, or null for what is no address. */
const subjectOf = (value: Obj, version: Version): Subject | null => {
  const text = str(value);
  if (/^\d+$/.test(text)) return numeric(BigInt(text), null, version);
  const cidr = textOf(value) === null ? null : parseCidr(text);
  if (cidr !== null) return { cidr, type: text.includes("/") ? "network" : "address", written: text };
  const parts = /^(\d+)\/(\d+)$/.exec(text);
  return parts === null ? null : numeric(BigInt(parts[1] ?? "0"), Number(parts[2]), null);
};

/** A number as an address: of version 4 where it fits, unless version 6 is wanted. */
const numeric = (value: bigint, prefix: number | null, version: Version): Subject | null => {
  for (const candidate of version === 6 ? ([6] as const) : ([4, 6] as const)) {
    const width = widthOf(candidate);
    if (value >> BigInt(width) !== 0n || (prefix ?? 0) > width) continue;
    const cidr: Cidr = { version: candidate, value, prefix: prefix ?? width };
    return { cidr, type: prefix === null ? "address" : "network", written: cidrText(cidr) };
  }
  return null;
};

/** Ansible's ipaddr: what a query says of an address, False for what is none. */
const ipaddr = (value: Obj, query: Obj, version: Version, alias: string): Obj => {
  if (value instanceof Undefined) throw new UndefinedUse(value);
  if (isSequence(value))
    return value.map((item) => ipaddr(item, str(query), version, alias)).filter((item) => truth(item));
  if (!truth(value) || value === true) return false;
  const subject = subjectOf(value, version);
  if (subject === null) return false;
  if (version !== null && subject.cidr.version !== version) return false;
  const name = str(query);
  const known = QUERIES.get(name);
  if (known !== undefined) return known(subject);
  if (/^-?\d+$/.test(name)) return nth(subject, BigInt(name));
  const outer = parseCidr(name);
  if (outer !== null) return isInside(subject.cidr, outer) ? subject.written : null;
  throw new PyError("FilterError", `${alias}: unknown filter type: ${name}`);
};

const nth = ({ cidr, type }: Subject, index: bigint): Obj => {
  const size = sizeOf(cidr);
  if (size === 1n) return type === "address" ? addressText(cidr.value, cidr.version) : cidrText(cidr);
  if (index >= size || index < -size) return false;
  const value = index < 0n ? lastOf(cidr) + index + 1n : firstOf(cidr) + index;
  return cidrText({ ...cidr, value });
};

const family = (name: string, version: Version): Definition =>
  define(name, ["query", "version", "alias"], (value, [query, asked]) => {
    const wanted = asked !== undefined && (asked === 4 || asked === 6) ? asked : version;
    return ipaddr(value, query ?? "", wanted, name);
  });

const wrapped = (value: Obj, query: Obj): Obj => {
  try {
    const found = ipaddr(value, query, null, "ipwrap");
    return truth(found) ? ipaddr(found, "wrap", null, "ipwrap") : value;
  } catch (error) {
    if (error instanceof PyError) return value;
    throw error;
  }
};

const ipwrap = define("ipwrap", ["query"], (value, [query]) => {
  if (value instanceof Undefined) throw new UndefinedUse(value);
  return isSequence(value) ? value.map((item) => wrapped(item, query ?? "")) : wrapped(value, query ?? "");
});

/** An address as it is, a network without the bits of the host. */
const normalized = (value: Obj): Cidr | null => {
  const subject = subjectOf(value, null);
  if (subject === null) return null;
  const { cidr } = subject;
  return cidr.value === firstOf(cidr) ? cidr : { ...cidr, value: firstOf(cidr) };
};

const isAddress = (cidr: Cidr): boolean => sizeOf(cidr) === 1n;

const ipsubnet = define("ipsubnet", ["query", "index"], (value, [query, index]) => {
  const cidr = normalized(value);
  if (cidr === null) return false;
  const wanted = query === undefined ? "" : str(query);
  if (wanted === "") return cidrText(cidr);
  if (/^\d+$/.test(wanted)) return bySize(cidr, Number(wanted), index ?? null);
  const outer = normalized(wanted);
  if (outer === null) {
    throw new PyError("FilterError", `You must pass a valid subnet or IP address; ${wanted} is invalid`);
  }
  if (!isInside(cidr, outer))
    throw new PyError("FilterError", `${cidrText(cidr)} is not in the subnet ${cidrText(outer)}`);
  const shift = BigInt(widthOf(cidr.version) - cidr.prefix);
  return String(((cidr.value - firstOf(outer)) >> shift) + 1n);
});

/** How many subnets of a size there are, one of them, or a supernet of an address. */
const bySize = (cidr: Cidr, prefix: number, index: Obj): Obj => {
  const width = widthOf(cidr.version);
  if (prefix > width) return false;
  if (isAddress(cidr)) return supernet(cidr, prefix, index, width);
  if (prefix < cidr.prefix) throw new PyError("FilterError", `Requested subnet size of ${prefix} is invalid`);
  const count = 1n << BigInt(prefix - cidr.prefix);
  if (index === null) return String(count);
  const asked = BigInt(toIndex(indexOf(index)));
  const position = asked < 0n ? asked + count : asked;
  if (position < 0n || position >= count) return false;
  return cidrText({ ...cidr, prefix, value: cidr.value + (position << BigInt(width - prefix)) });
};

/** Supernets of an address, the widest first. */
const supernet = (cidr: Cidr, prefix: number, index: Obj, width: number): Obj => {
  const position = index === null ? 0 : toIndex(indexOf(index));
  if (index !== null && (position > width + 1 - position || position < prefix - width)) return false;
  const chosen = position < 0 ? width + position : prefix + position;
  if (chosen >= width || chosen < prefix) return false;
  const wide: Cidr = { ...cidr, prefix: chosen };
  return cidrText({ ...wide, value: firstOf(wide) });
};

const indexOf = (index: Obj): Obj => {
  const text = textOf(index);
  return text !== null && /^-?\d+$/.test(text) ? Number(text) : index;
};

const nthHost = define("nthhost", ["query"], (value, [query]) => {
  const cidr = normalized(value);
  const asked = query === undefined ? "" : str(query);
  if (cidr === null || !/^-?\d+$/.test(asked)) return false;
  const index = BigInt(asked);
  const size = sizeOf(cidr);
  if (index >= size || index < -size) return false;
  return addressText(index < 0n ? lastOf(cidr) + index + 1n : firstOf(cidr) + index, cidr.version);
});

const ipMath = define("ipmath", ["amount!"], (value, [amount]) => {
  const text = str(value);
  const address = text.includes("/") ? parseCidr(text) : parseAddress(text);
  if (address === null)
    throw new PyError("FilterError", `You must pass a valid IP address; ${text} is invalid`);
  if (amount === undefined || !isNumber(amount) || isFloat(amount)) {
    throw new PyError(
      "FilterError",
      `You must pass an integer for arithmetic; ${str(amount ?? null)} is not a valid integer`,
    );
  }
  const moved = address.value + toBigInt(amount as number | bigint | boolean); // floats are refused above
  if (moved < 0n || moved >> BigInt(widthOf(address.version)) !== 0n) {
    throw new PyError("IndexError", "result outside valid IP address boundary!");
  }
  return addressText(moved, address.version);
});

/** Filters on IP addresses: ansible.utils' most used ones. */
export const ipFilters: readonly Definition[] = [
  family("ipaddr", null),
  family("ipv4", 4),
  family("ipv6", 6),
  ipwrap,
  ipsubnet,
  nthHost,
  ipMath,
];
