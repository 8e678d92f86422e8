/** The order of two RPM versions or releases, negative where `left` is older (rpmvercmp; epochs are compared apart). */
export const compareRpmVersions = (left: string, right: string): number => {
  let a = left;
  let b = right;
  for (;;) {
    a = a.replace(/^[^A-Za-z0-9~^]+/, "");
    b = b.replace(/^[^A-Za-z0-9~^]+/, "");
    const marked = compareMark(a, b, "~", -1) ?? compareCaret(a, b);
    if (marked !== null) return marked;
    if (a === "" || b === "") return Math.sign(a.length - b.length);
    const segment = /^\d/.test(a) ? /^\d+/ : /^[A-Za-z]+/;
    const one = segment.exec(a)?.[0] ?? "";
    const two = segment.exec(b)?.[0] ?? "";
    if (one !== "" || two !== "") {
      // Digits are newer than letters.
      if (two === "") return /^\d/.test(a) ? 1 : -1;
      const order = /^\d/.test(one) ? compareNumbers(one, two) : one === two ? 0 : one < two ? -1 : 1;
      if (order !== 0) return order;
    }
    a = a.slice(Math.max(one.length, a.startsWith("~") || a.startsWith("^") ? 1 : 0));
    b = b.slice(Math.max(two.length, b.startsWith("~") || b.startsWith("^") ? 1 : 0));
  }
};

/** A tilde is older than everything, the end included. */
const compareMark = (a: string, b: string, mark: string, order: number): number | null => {
  if (a.startsWith(mark) === b.startsWith(mark)) return null;
  return a.startsWith(mark) ? order : -order;
};

/** A caret is newer than the end and older than everything else. */
const compareCaret = (a: string, b: string): number | null => {
  if (a.startsWith("^") === b.startsWith("^")) return null;
  if (a.startsWith("^")) return b === "" ? 1 : -1;
  return a === "" ? -1 : 1;
};

const compareNumbers = (left: string, right: string): number => {
  const difference = BigInt(left) - BigInt(right);
  return difference === 0n ? 0 : difference < 0n ? -1 : 1;
};
