import { PyError } from "../objects.ts";
import { characters, strip, textLength } from "../python/text.ts";

/** How long lines are broken. */
export interface WrapOptions {
  readonly width: number;
  readonly breakLongWords: boolean;
  readonly breakOnHyphens: boolean;
}

/** Where Python's textwrap may break: white space, dashes, and after the hyphens of compound words. */
const CHUNKS =
  /([\t\n\v\f\r ]+|(?<=[\p{L}\p{N}_!"'&.,?])-{2,}(?=[\p{L}\p{N}_])|[^\t\n\v\f\r ]+?(?:-(?:(?<=[\p{L}_]{2}-)|(?<=[\p{L}_]-[\p{L}_]-))(?=[\p{L}_]-?[\p{L}_])|(?=[\t\n\v\f\r ]|$)|(?<=[\p{L}\p{N}_!"'&.,?])(?=-{2,}[\p{L}\p{N}_])))/u;

const SPACES = /([\t\n\v\f\r ]+)/;

/** The lines that a paragraph is wrapped to, as Python's textwrap.wrap does it. */
export const wordWrap = (text: string, options: WrapOptions): readonly string[] => {
  const { width } = options;
  if (width <= 0) throw new PyError("ValueError", `invalid width ${width} (must be > 0)`);
  const chunks = text
    .split(options.breakOnHyphens ? CHUNKS : SPACES)
    .filter((chunk) => chunk !== "")
    .reverse();
  const lines: string[] = [];
  while (chunks.length > 0) {
    const line = takeLine(chunks, options, lines.length > 0);
    if (line.length > 0) lines.push(line.join(""));
  }
  return lines;
};

const isBlank = (chunk: string | undefined): boolean => chunk !== undefined && strip(chunk, null) === "";

const takeLine = (chunks: string[], options: WrapOptions, isFurther: boolean): string[] => {
  const line: string[] = [];
  let length = 0;
  if (isFurther && isBlank(chunks.at(-1))) chunks.pop();
  for (;;) {
    const next = chunks.at(-1);
    if (next === undefined || length + textLength(next) > options.width) break;
    line.push(next);
    length += textLength(next);
    chunks.pop();
  }
  const long = chunks.at(-1);
  if (long !== undefined && textLength(long) > options.width) breakLong(chunks, long, line, length, options);
  if (isBlank(line.at(-1))) line.pop();
  return line;
};

const breakLong = (
  chunks: string[],
  long: string,
  line: string[],
  length: number,
  options: WrapOptions,
): void => {
  if (!options.breakLongWords) {
    if (line.length === 0) {
      line.push(long);
      chunks.pop();
    }
    return;
  }
  const letters = characters(long);
  const space = options.width - length;
  let end = space;
  if (options.breakOnHyphens && letters.length > space) {
    const hyphen = letters.slice(0, space).lastIndexOf("-");
    if (hyphen > 0 && letters.slice(0, hyphen).some((letter) => letter !== "-")) end = hyphen + 1;
  }
  line.push(letters.slice(0, end).join(""));
  chunks[chunks.length - 1] = letters.slice(end).join("");
};
