import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** The repository. */
export const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** One command of a check: how it ended. */
export interface StepResult {
  readonly code: number;
  readonly output: string;
  readonly seconds: number;
}

/** How a command is run. */
export interface StepOptions {
  /** `show`: on our own output as it comes; `keep`: only in the result. */
  readonly output: "show" | "keep";
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a command in the repository. */
export const step = (words: readonly string[], { output, env = {} }: StepOptions): Promise<StepResult> =>
  new Promise((resolve, reject) => {
    const [command = "", ...args] = words;
    const started = performance.now();
    const child = spawn(command, args, {
      cwd: ROOT,
      env: { ...process.env, ...env },
      stdio: output === "show" ? ["ignore", "inherit", "inherit"] : ["ignore", "pipe", "pipe"],
    });
    let text = "";
    const keep = (chunk: Buffer): void => {
      text += chunk.toString("utf8");
    };
    child.stdout?.on("data", keep);
    child.stderr?.on("data", keep);
    child.on("error", reject);
    child.on("close", (code) => {
      resolve({ code: code ?? 1, output: text, seconds: (performance.now() - started) / 1000 });
    });
  });

/** A program of node_modules. */
export const bin = (name: string): string => `${ROOT}node_modules/.bin/${name}`;
