import type { ChildProcessWithoutNullStreams } from "node:child_process";
import type { Channel } from "./channel.ts";

/** How long output is awaited after the process has ended: something it left behind may hold the streams open. */
export const DRAIN_MS = 100;

/** What `destroy` does to the process beyond closing its input: a shell ends by that, `ssh` has to be told. */
export type Destruction = "close-input" | "terminate";

/** A child process as a channel; rejects where it cannot be started. */
export const processChannel = (
  child: ChildProcessWithoutNullStreams,
  destruction: Destruction,
): Promise<Channel> =>
  new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("spawn", () => {
      child.on("error", () => {});
      for (const stream of [child.stdin, child.stdout, child.stderr]) stream.on("error", () => {});
      const destroy = (): void => {
        child.stdin.destroy();
        child.stdout.resume();
        child.stderr.resume();
        if (destruction === "terminate" && child.exitCode === null) child.kill("SIGTERM");
      };
      resolve({
        stdin: child.stdin,
        stdout: child.stdout,
        stderr: child.stderr,
        ended: ending(child),
        destroy,
      });
    });
  });

const ending = (child: ChildProcessWithoutNullStreams): Promise<number | null> =>
  new Promise((resolve) => {
    child.once("close", (code) => resolve(code));
    child.once("exit", (code) => {
      setTimeout(() => {
        child.stdout.destroy();
        child.stderr.destroy();
        resolve(code);
      }, DRAIN_MS);
    });
  });
