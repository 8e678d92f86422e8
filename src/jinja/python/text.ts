import { PyError } from "../objects.ts";

/** True where every character is one UTF-16 unit, so that JavaScript's indices are Python's. */
export const isFlat = (text: string): boolean => !/[\ud800-\udfff]/.test(text);

/** The characters (code points) of a string. */
export const characters = (text: string): readonly string[] =>
  isFlat(text) ? text.split("") : Array.from(text);

/** len() of a string: code points. */
export const textLength = (text: string): number => (isFlat(text) ? text.length : Array.from(text).length);

/** Orders strings as Python does, by code point. */
export const compareText = (a: string, b: string): number => {
  if (a === b) return 0;
  if (isFlat(a) && isFlat(b)) return a < b ? -1 : 1;
  const left = Array.from(a);
  const right = Array.from(b);
  for (let index = 0; index < Math.min(left.length, right.length); index += 1) {
    const difference = (left[index]?.codePointAt(0) ?? 0) - (right[index]?.codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
};

/** What Python's str.split() and strip() count as white space. */
export const SPACE =
  "[\\t-\\r\\x1c-\\x1f \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]";

const LEADING = new RegExp(`^${SPACE}+`);
const TRAILING = new RegExp(`${SPACE}+$`);
const WORDS = new RegExp(`${SPACE}+`);

/** strip(), lstrip(), rstrip(): `chars` is the set to take off, null for white space. */
export const strip = (
  text: string,
  chars: string | null,
  side: "both" | "left" | "right" = "both",
): string => {
  if (chars === null) {
    const left = side === "right" ? text : text.replace(LEADING, "");
    return side === "left" ? left : trimEnd(left);
  }
  const set = new Set(characters(chars));
  const all = characters(text);
  let from = 0;
  let to = all.length;
  if (side !== "right") while (from < to && set.has(all[from] ?? "")) from += 1;
  if (side !== "left") while (to > from && set.has(all[to - 1] ?? "")) to -= 1;
  return all.slice(from, to).join("");
};

/** Without the white space at its end; in linear time, which a regular expression anchored at `$` is not. */
const trimEnd = (text: string): string => {
  let end = text.length;
  while (end > 0 && TRAILING.test(text[end - 1] ?? "")) end -= 1;
  return text.slice(0, end);
};

/** split() without a separator: runs of white space. */
export const splitWords = (text: string, limit: number): string[] => {
  const bare = strip(text, null, "left");
  if (bare === "") return [];
  if (limit < 0) return trimEnd(bare).split(WORDS);
  const parts: string[] = [];
  let rest = bare;
  while (parts.length < limit) {
    const gap = WORDS.exec(rest);
    if (gap === null) break;
    parts.push(rest.slice(0, gap.index));
    rest = rest.slice(gap.index + gap[0].length);
  }
  if (rest !== "") parts.push(trimEnd(rest));
  return parts;
};

/** rsplit() without a separator. */
export const splitWordsRight = (text: string, limit: number): string[] => {
  if (limit < 0) return splitWords(text, -1);
  let rest = trimEnd(text);
  const parts: string[] = [];
  while (rest !== "" && parts.length < limit) {
    const start = lastGap(rest);
    parts.unshift(rest.slice(start));
    rest = trimEnd(rest.slice(0, start));
  }
  const first = strip(rest, null, "left");
  return first === "" ? parts : [first, ...parts];
};

const IS_SPACE = new RegExp(`^${SPACE}$`);

const lastGap = (text: string): number => {
  let at = text.length;
  while (at > 0 && !IS_SPACE.test(text[at - 1] ?? "")) at -= 1;
  return at;
};

/** split(separator, limit); a limit below 0 means all. */
export const split = (text: string, separator: string, limit: number): string[] => {
  if (separator === "") throw new PyError("ValueError", "empty separator");
  const parts = text.split(separator);
  if (limit < 0 || parts.length <= limit + 1) return parts;
  return [...parts.slice(0, limit), parts.slice(limit).join(separator)];
};

/** rsplit(separator, limit). */
export const splitRight = (text: string, separator: string, limit: number): string[] => {
  if (separator === "") throw new PyError("ValueError", "empty separator");
  const parts = text.split(separator);
  if (limit < 0 || parts.length <= limit + 1) return parts;
  const kept = parts.length - limit;
  return [parts.slice(0, kept).join(separator), ...parts.slice(kept)];
};

/** splitlines(); with `keep`, each line with its end. */
export const splitLines = (text: string, keep = false): string[] => {
  const lines: string[] = [];
  const ends = /\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/g;
  let from = 0;
  for (const end of text.matchAll(ends)) {
    lines.push(text.slice(from, end.index + (keep ? end[0].length : 0)));
    from = end.index + end[0].length;
  }
  if (from < text.length) lines.push(text.slice(from));
  return lines;
};

/** replace() with a limit; below 0 means all. */
export const replace = (text: string, from: string, to: string, limit: number): string => {
  if (limit < 0) return text.replaceAll(from, () => to);
  if (from === "") {
    const all = characters(text);
    const out: string[] = [];
    for (let index = 0; index <= all.length; index += 1) {
      if (index < limit) out.push(to);
      out.push(all[index] ?? "");
    }
    return out.join("");
  }
  return split(text, from, limit).join(to);
};

/** A regular expression source that matches this text and nothing else, as Python's re.escape writes it. */
export const escapePattern = (text: string): string =>
  text.replace(/[\t\n\v\f\r #$&()*+\-.?[\\\]^{|}~]/g, "\\$&");

/** capitalize(). */
export const capitalize = (text: string): string => {
  const [first = "", ...rest] = characters(text);
  return first.toUpperCase() + rest.join("").toLowerCase();
};

/** str.title(): a capital after everything that is no letter. */
export const titleCase = (text: string): string =>
  text.replace(/\p{L}+/gu, (word) => {
    const [first = "", ...rest] = characters(word);
    return first.toUpperCase() + rest.join("").toLowerCase();
  });

/** center() of Python, which gives the odd space to the left for odd widths. */
export const center = (text: string, width: number, fill = " "): string => {
  const gap = width - textLength(text);
  if (gap <= 0) return text;
  const left = Math.floor(gap / 2) + (gap & width & 1);
  return fill.repeat(left) + text + fill.repeat(gap - left);
};
