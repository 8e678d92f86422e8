import type { Io } from "../../../src/cli/io.ts";

/** An Io for tests that keeps what is written and answers questions from a list. */
export interface RecordedIo {
  readonly io: Io;
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly questions: readonly string[];
}

/** A terminal-less world in a directory. */
export const recordIo = (
  cwd: string,
  more: Partial<Io> & { readonly answers?: readonly string[] } = {},
): RecordedIo => {
  const { answers = [], ...rest } = more;
  let out = "";
  let err = "";
  const questions: string[] = [];
  const stream = (write: (text: string) => void) => ({
    write,
    isTTY: false,
    columns: () => null,
    rows: () => null,
  });
  const io: Io = {
    stdout: stream((text) => {
      out += text;
    }),
    stderr: stream((text) => {
      err += text;
    }),
    env: {},
    cwd,
    platform: "linux",
    owner: "ann@desk pid 7",
    uid: 1000,
    now: () => 0,
    ask: async ({ text }) => {
      questions.push(text);
      return answers[questions.length - 1] ?? "";
    },
    input: async () => null,
    onSignal: () => () => undefined,
    ...rest,
  };
  return { io, stdout: () => out, stderr: () => err, questions };
};
