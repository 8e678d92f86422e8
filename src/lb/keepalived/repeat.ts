/** What the variables of a `~SEQ` or `~LST` are in one repetition. */
export type Assignment = readonly (readonly [name: string, value: string])[];

/** The repetitions of `~SEQ(NAME, start, step, end)`, `~SEQx(…)` or `~LST(NAME, one, two, …)`; null where it is none of them. */
export const repetitions = (head: string, most: number): readonly Assignment[] | null =>
  head.startsWith("~SEQ") ? sequence(head, most) : list(head, most);

const sequence = (head: string, most: number): readonly Assignment[] | null => {
  const [, hex = "", inner = ""] = /^~SEQ(x?)[ \t]*\((.*)\)$/s.exec(head) ?? [];
  const [name = "", ...texts] = inner.split(",").map((text) => text.trim());
  const numbers = texts.map(integer);
  if (name === "" || numbers.length < 1 || numbers.length > 3 || numbers.some(Number.isNaN)) return null;
  const last = numbers.at(-1) ?? 0;
  const first = numbers.length === 1 ? (last < 0 ? -1 : 1) : (numbers[0] ?? 0);
  const natural = numbers.length === 1 ? (last < 1 ? -1 : 1) : first <= last ? 1 : -1;
  const step = numbers.length === 3 ? (numbers[1] ?? 0) : natural;
  if (step === 0 || (first < last && step < 0) || (first > last && step > 0)) return null;
  const found: Assignment[] = [];
  for (let value = first; (step > 0 ? value <= last : value >= last) && found.length < most; value += step)
    found.push([[name, value.toString(hex === "x" ? 16 : 10)]]);
  return found;
};

/** A number as C's strtol reads it: decimal, `0x…`, or octal with a leading 0. */
const integer = (text: string): number => {
  const [, sign, digits] = /^([+-]?)(0[xX][0-9A-Fa-f]+|\d+)$/.exec(text) ?? [];
  if (digits === undefined) return Number.NaN;
  const value = /^0\d/.test(digits) ? Number.parseInt(digits, 8) : Number(digits);
  return sign === "-" ? -value : value;
};

const list = (head: string, most: number): readonly Assignment[] | null => {
  const inner = /^~LST[ \t]*\((.*)\)$/s.exec(head)?.[1];
  if (inner === undefined) return null;
  const groups = (inner.match(/\{[^}]*\}|[^,{}]+/g) ?? [])
    .map((text) => text.trim())
    .filter((text) => text !== "")
    .map((text) =>
      text
        .replace(/^\{|\}$/g, "")
        .split(",")
        .map((part) => part.trim()),
    );
  const [names, ...values] = groups;
  if (names === undefined || values.length === 0) return null;
  return values.slice(0, most).map((group) => names.map((name, index) => [name, group[index] ?? ""]));
};
