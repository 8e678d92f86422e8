import { spawn } from "node:child_process";

/** What a command is run with beside its words. */
export interface CommandOptions {
  readonly cwd?: string;
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** How long a command took, in milliseconds, and what it printed. */
export interface Timed {
  readonly milliseconds: number;
  readonly output: string;
}

/** Runs a command from its start to its end; throws with its output where it fails. */
export const timed = (
  words: readonly string[],
  { cwd, input = "", env = {} }: CommandOptions = {},
): Promise<Timed> =>
  new Promise((resolve, reject) => {
    const [command = "", ...args] = words;
    const started = performance.now();
    const child = spawn(command, args, {
      env: { ...process.env, ...env },
      ...(cwd === undefined ? {} : { cwd }),
    });
    let output = "";
    const keep = (chunk: Buffer): void => {
      output += chunk.toString("utf8");
    };
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) resolve({ milliseconds: performance.now() - started, output });
      else reject(new Error(`${words.join(" ")} ended with ${code}:\n${output.slice(-4000)}`));
    });
    child.stdin.end(input);
  });
