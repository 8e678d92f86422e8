import type { Line } from "../document.ts";
import type { Fault } from "../fault.ts";

export type Lines = readonly Line[];

/** One line at a depth. */
export const line = (
  depth: number,
  text: string,
  path: Fault["path"],
  origin: Line["origin"] = "wanted",
): Line => ({ depth, text, path, origin });

/** A block in braces. */
export const block = (heading: string, path: Fault["path"], body: Lines, depth = 0): Lines => [
  line(depth, `${heading} {`, path),
  ...body,
  line(depth, "}", path),
];

/** A text that keepalived reads as one parameter. */
export const word = (text: string): string => (/^[^\s"]+$/.test(text) ? text : `"${text}"`);
