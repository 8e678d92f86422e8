/** An IP address in one spelling: IPv6 in lower case, written out in full; anything else as it is. */
export const canonicalAddress = (address: string): string => {
  const groups = ipv6Groups(address);
  return groups === null ? address : groups.map((group) => group.toString(16)).join(":");
};

/** An IP address as a number with its width in bits; null where it is none (a name, a variable). */
export const addressValue = (address: string): { readonly value: bigint; readonly bits: 32 | 128 } | null => {
  const four = ipv4Value(address);
  if (four !== null) return { value: four, bits: 32 };
  const groups = ipv6Groups(address);
  return groups === null
    ? null
    : { value: groups.reduce((sum, group) => (sum << 16n) | BigInt(group), 0n), bits: 128 };
};

/** Whether an address lies in the network that another address and its prefix are of; false across families. */
export const inNetwork = (address: string, network: string, prefix: number): boolean => {
  const [a, b] = [addressValue(address), addressValue(network)];
  if (a === null || b === null || a.bits !== b.bits) return false;
  const shift = BigInt(a.bits - prefix);
  return a.value >> shift === b.value >> shift;
};

const ipv4Value = (address: string): bigint | null => {
  const parts = address.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256)) return null;
  return parts.reduce((sum, part) => (sum << 8n) | BigInt(part), 0n);
};

/** The eight groups of an IPv6 address, a zone (`%eth0`) left out; null where it is none. */
const ipv6Groups = (address: string): readonly number[] | null => {
  const text = (address.split("%")[0] ?? "").replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, a, b, c, d) =>
    [Number(a) * 256 + Number(b), Number(c) * 256 + Number(d)].map((group) => group.toString(16)).join(":"),
  );
  if (!text.includes(":")) return null;
  const halves = text.split("::");
  if (halves.length > 2) return null;
  const [left = [], right = []] = halves.map((half) => (half === "" ? [] : half.split(":")));
  const missing = 8 - left.length - right.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return null;
  const groups = [...left, ...Array.from({ length: halves.length === 1 ? 0 : missing }, () => "0"), ...right];
  return groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))
    ? groups.map((group) => Number.parseInt(group, 16))
    : null;
};
