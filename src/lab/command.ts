import { performance } from "node:perf_hooks";
import { $ } from "zx/core";
import { LbplayError } from "../core/error.ts";
import { argv as commandLine } from "../core/shell.ts";

/** What a command of the lab's host answered; one that fails is a value. */
export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command of the host, words as given. */
export const run = async (words: readonly string[], input = ""): Promise<CommandResult> => {
  const output = await $({ quiet: true, nothrow: true, input, verbose: false })`${words}`;
  return { code: output.exitCode ?? 255, stdout: output.stdout, stderr: output.stderr };
};

/** Runs a command that has to succeed; E_LAB_COMMAND otherwise. */
export const must = async (words: readonly string[], input = ""): Promise<string> => {
  const { code, stdout, stderr } = await run(words, input);
  if (code !== 0) {
    throw new LbplayError({
      code: "E_LAB_COMMAND",
      message: `${commandLine(...words)} exited ${code}: ${(stderr.trim() || stdout.trim()).slice(-2000)}`,
    });
  }
  return stdout;
};

/** Runs a command on the caller's own terminal; its exit code. */
export const runAttached = async (words: readonly string[]): Promise<number> => {
  const output = await $({ quiet: true, nothrow: true, stdio: "inherit", detached: false })`${words}`;
  return output.exitCode ?? 255;
};

/** Waits. */
export const sleep = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Asks again and again until the answer is not null; null when there is still none after that many milliseconds. */
export const poll = async <T>(
  ask: () => Promise<T | null>,
  { everyMs, forMs }: { readonly everyMs: number; readonly forMs: number },
): Promise<T | null> => {
  const begin = performance.now();
  for (;;) {
    const answer = await ask();
    if (answer !== null || performance.now() - begin >= forMs) return answer;
    await sleep(everyMs);
  }
};
