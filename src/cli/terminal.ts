import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { LbplayError } from "../core/error.ts";
import type { Question } from "./io.ts";

/** Ctrl-C or Ctrl-D at a question: the user wants out, which is neither a mistake nor a bug. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
}

/** The two ends of a terminal. */
export interface TerminalStreams {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream;
}

/** Asks a question on a terminal; a secret answer is not echoed. Throws E_NO_TERMINAL, or Interrupted. */
export const ask = async (question: Question, { input, output }: TerminalStreams): Promise<string> => {
  if (input.isTTY !== true) {
    throw new LbplayError({
      code: "E_NO_TERMINAL",
      message: `nobody can answer "${question.text.trim()}": the input is no terminal`,
      hint: question.secret
        ? "read passwords from files: --become-password-file, --connection-password-file, --vault-password-file"
        : "give the answers to vars_prompt with -e name=value, and leave --step out",
    });
  }
  output.write(question.text);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({
    input,
    output: question.secret ? silent : output,
    terminal: true,
    historySize: 0,
  });
  try {
    return await new Promise<string>((resolve, reject) => {
      lines.once("line", resolve);
      lines.once("SIGINT", () => reject(new Interrupted("Ctrl-C")));
      lines.once("close", () => reject(new Interrupted("the terminal was closed")));
    });
  } finally {
    lines.close();
    // An answer that is not echoed leaves the cursor behind the question.
    if (question.secret) output.write("\n");
  }
};
