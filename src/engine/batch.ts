import type { ReadResult } from "../core/probe.ts";
import { quote } from "../core/shell.ts";

/** A script made of parts whose answers can be told apart. */
export interface Batch {
  readonly script: string;
  /** The answers in the order of the parts; a part that the script never came to is absent. */
  readonly split: (stdout: Buffer, stderr: Buffer) => readonly (ReadResult | null)[];
}

/**
 * Several scripts as one: each runs in a subshell of its own, and its end is marked on both streams with a mark that no
 * content can hold (`nonce` is random). Builtins only, so a part costs one fork.
 */
export const joinReads = (reads: readonly string[], nonce: string): Batch => ({
  script: `${reads.map((script) => readPart(script, nonce)).join("\n")}\n`,
  split: (stdout, stderr) => splitParts(nonce, reads.length, stdout, stderr),
});

/** One read as a part of a script; through eval, so that a syntax error stays its own. */
export const readPart = (script: string, nonce: string): string =>
  `( eval ${quote(script)} ) </dev/null 9>&-\n${endOfPart(nonce)}`;

/** The shell text that marks the end of a part; `$?` of the command before it becomes its exit code. */
export const endOfPart = (nonce: string): string =>
  `lbp_c=$?; printf '%s %d\\n' ${nonce} $lbp_c; printf '%s\\n' ${nonce} >&2`;

/** Takes the streams of a script of `count` marked parts apart. */
export const splitParts = (
  nonce: string,
  count: number,
  stdout: Buffer,
  stderr: Buffer,
): readonly (ReadResult | null)[] => {
  const mark = Buffer.from(`${nonce} `);
  const errorMark = Buffer.from(`${nonce}\n`);
  const answers: (ReadResult | null)[] = [];
  let from = 0;
  let errorFrom = 0;
  for (let part = 0; part < count; part += 1) {
    const end = stdout.indexOf(mark, from);
    if (end === -1) {
      answers.push(null);
      continue;
    }
    const lineEnd = stdout.indexOf(0x0a, end);
    const errorEnd = stderr.indexOf(errorMark, errorFrom);
    answers.push({
      code: Number.parseInt(stdout.toString("latin1", end + mark.length, lineEnd), 10),
      stdout: stdout.subarray(from, end),
      stderr: stderr.subarray(errorFrom, errorEnd === -1 ? stderr.length : errorEnd),
    });
    from = lineEnd + 1;
    errorFrom = errorEnd === -1 ? stderr.length : errorEnd + errorMark.length;
  }
  return answers;
};
