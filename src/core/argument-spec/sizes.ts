const PREFIXES = "BKMGTPEZY";

/**
 * A size such as `10M`, `1.5 GB` or (in bits) `10Mb` as its number of bytes or bits; null where it is none. As in
 * Ansible a capital B stands for bytes and a small one for bits, unless it is the only letter or the word is written out.
 */
export const sizeOf = (text: string, unit: "byte" | "bit"): number | null => {
  const match = /^\s*(\d*\.?\d*)\s*([A-Za-z]+)?/.exec(text);
  const digits = match?.[1] ?? "";
  if (!/\d/.test(digits)) return null;
  const amount = Number(digits);
  const suffix = match?.[2];
  if (suffix === undefined) return roundEven(amount);
  const power = PREFIXES.indexOf(suffix.charAt(0).toUpperCase());
  if (power === -1) return null;
  const letter = unit === "byte" ? "B" : "b";
  const written = suffix.toLowerCase().includes(unit);
  if (suffix.length > 1 && !written && suffix[1] !== letter) return null;
  return roundEven(amount * 2 ** (10 * power));
};

/** As Python rounds: a half to the even neighbour. */
const roundEven = (value: number): number => {
  const down = Math.floor(value);
  if (value - down !== 0.5) return Math.round(value);
  return down % 2 === 0 ? down : down + 1;
};
