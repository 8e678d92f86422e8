/** The world as commands see it: handed in by main.ts, the only place that touches the process. */
export interface Io {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** As Node names it: `linux`, `darwin`, … */
  readonly platform: string;
  /** `user@host pid n`: who holds a lock. */
  readonly owner: string;
  /** The user's number; null where the system has none. */
  readonly uid: number | null;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Asks on the terminal; a secret answer is not echoed. Throws E_NO_TERMINAL where nobody can answer. */
  readonly ask: (question: Question) => Promise<string>;
  /** All of the standard input, where it is no terminal; null where it is one. */
  readonly input: () => Promise<Buffer | null>;
  /**
   * Hears the first Ctrl-C (or TERM, HUP): the command then ends what it is at and returns. Where nobody listens, and
   * at the second signal, the process ends at once. Gives back how to stop listening.
   */
  readonly onSignal: (listener: (signal: string) => void) => () => void;
}

/** One of the two streams that a command writes to. */
export interface Output {
  readonly write: (text: string) => void;
  readonly isTTY: boolean;
  /** null where it is no terminal. */
  readonly columns: () => number | null;
  readonly rows: () => number | null;
}

/** A question on the terminal. */
export interface Question {
  readonly text: string;
  readonly secret: boolean;
}

/** A signal as an AbortSignal for the time of one piece of work, with a word to the user that it will take a moment. */
export const untilSignal = async <T>(io: Io, work: (stop: AbortSignal) => Promise<T>): Promise<T> => {
  const controller = new AbortController();
  const forget = io.onSignal((signal) => {
    io.stderr.write(
      `\n${signal}: the actions under way are finished, then the run stops; once more stops at once\n`,
    );
    controller.abort();
  });
  try {
    return await work(controller.signal);
  } finally {
    forget();
  }
};
