import type { Redactor } from "../core/secret.ts";
import type { Json } from "../core/value.ts";
import { jsonLine } from "../report/json-text.ts";
import { createPalette, wantsColour } from "../report/palette.ts";
import type { Io } from "./io.ts";
import type { PairOutput } from "./run-options.ts";

/** How a command says what it does: sentences for people while it works, or one line of JSON at the end. */
export interface Speech {
  readonly say: (sentence: string) => void;
  /** What kept the command from its work. */
  readonly fail: (sentence: string) => void;
  /** All there is to say, for programs. */
  readonly result: (json: Json) => void;
}

/** A voice for `--output plain` or `json`; what is secret stays so. */
export const createSpeech = (output: PairOutput, { redact }: Pick<Redactor, "redact">, io: Io): Speech => {
  const palette = createPalette(wantsColour({ env: io.env, isTTY: io.stdout.isTTY }));
  const plain = output === "plain";
  const line = (text: string): void => {
    if (plain) io.stdout.write(`${redact(text)}\n`);
  };
  return {
    say: line,
    fail: (sentence) => line(`${palette.failed("failed")}: ${sentence}`),
    result: (json) => {
      if (!plain) io.stdout.write(`${redact(jsonLine(json))}\n`);
    },
  };
};
