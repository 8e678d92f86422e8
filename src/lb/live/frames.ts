import type { ReadResult } from "../../core/probe.ts";

/** A part of a script's answer: what a command said, and how it ended. */
export interface Frame {
  readonly name: string;
  readonly code: number;
  readonly text: string;
}

/** Shell function `put NAME CODE TEXT`: a part of the answer, told apart by its length, so that no content can forge another. */
export const PUT = `put() { printf '%s %s %s\\n%s\\n' "\${#3}" "$2" "$1" "$3"; }`;

/** The parts of an answer in their order; what is cut short ends them. */
export const frames = ({ stdout }: ReadResult): readonly Frame[] => {
  const found: Frame[] = [];
  let at = 0;
  while (at < stdout.length) {
    const end = stdout.indexOf(0x0a, at);
    const head = /^(\d+) (\d+) (.*)$/.exec(stdout.toString("utf8", at, end === -1 ? stdout.length : end));
    if (head === null || end === -1) break;
    const [, length = "0", code = "0", name = ""] = head;
    const from = end + 1;
    const until = from + Number(length);
    if (until > stdout.length) break;
    found.push({ name, code: Number(code), text: stdout.toString("utf8", from, until) });
    at = until + 1;
  }
  return found;
};

/** The text of the only frame of a name; null where there is none, or where its command failed. */
export const textOf = (all: readonly Frame[], name: string): string | null => {
  const frame = all.find((one) => one.name === name);
  return frame === undefined || frame.code !== 0 ? null : frame.text;
};

/** What stands behind `PREFIX:` in the names of frames, with their texts. */
export const named = (
  all: readonly Frame[],
  prefix: string,
): readonly { readonly name: string; readonly text: string }[] =>
  all.flatMap(({ name, text }) =>
    name.startsWith(`${prefix}:`) ? [{ name: name.slice(prefix.length + 1), text }] : [],
  );
