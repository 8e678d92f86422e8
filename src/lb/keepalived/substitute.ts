import type { PlaceOf } from "./words.ts";

/** A line with definitions put in. */
export interface Substituted {
  readonly text: string;
  /** Where what stands at an offset of the new text is written: a whole `$NAME` for what stands for it. */
  readonly placeOf: PlaceOf;
}

/**
 * Puts definitions in for `${NAME}`, and for `$NAME` where a blank, a comma, a parenthesis or the end follows; null where
 * there is none to put in. One of several lines needs the end behind it.
 */
export const substitute = (
  line: string,
  placeOf: PlaceOf,
  definitions: ReadonlyMap<string, string>,
): Substituted | null => {
  const pieces: Piece[] = [];
  let text = "";
  let from = 0;
  for (const use of line.matchAll(/\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*)(?=[ \t,)]|$))/g)) {
    const value = definitions.get(use[1] ?? use[2] ?? "");
    const end = use.index + use[0].length;
    if (value === undefined || (value.includes("\n") && end < line.trimEnd().length)) continue;
    text += line.slice(from, use.index);
    pieces.push({ start: text.length, end: text.length + value.length, from: use.index, to: end });
    text += value;
    from = end;
  }
  if (pieces.length === 0) return null;
  return {
    text: text + line.slice(from),
    placeOf: (offset, length) => {
      const start = originOf(pieces, offset, "from");
      const end = originOf(pieces, offset + Math.max(1, length) - 1, "to");
      return placeOf(start, Math.max(1, end - start));
    },
  };
};

/** A stretch of the new text and what it stands for. */
interface Piece {
  readonly start: number;
  readonly end: number;
  readonly from: number;
  readonly to: number;
}

/** Where the character at an offset of the new text comes from: where it begins (`from`), or where it ends (`to`). */
const originOf = (pieces: readonly Piece[], offset: number, edge: "from" | "to"): number => {
  const piece = pieces.findLast(({ start }) => start <= offset);
  const beyond = edge === "to" ? 1 : 0;
  if (piece === undefined) return offset + beyond;
  return offset < piece.end ? piece[edge] : piece.to + offset - piece.end + beyond;
};
