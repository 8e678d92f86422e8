import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { RunEvent } from "../../src/core/event.ts";

/** The built command; `npm run e2e` builds it first. */
export const PROGRAM = fileURLToPath(new URL("../../dist/lbplay.js", import.meta.url));

/** The checkout: playbooks, roles and inventories are found from here. */
export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** What a finished command left. */
export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command under way. */
export interface Started {
  readonly pid: number;
  readonly done: Promise<Finished>;
  readonly signal: (name: NodeJS.Signals) => void;
  /** Resolves once the output holds a text. */
  readonly said: (text: string) => Promise<void>;
}

/** How lbplay is started, where it matters. */
interface StartOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Another Node than the tests'. */
  readonly node?: string;
}

/** Starts lbplay as a user would. */
export const start = (
  words: readonly string[],
  { cwd = ROOT, env = {}, node = process.execPath }: StartOptions = {},
): Started => {
  const child = spawn(node, [PROGRAM, ...words], {
    cwd,
    env: { ...process.env, NO_COLOR: "1", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  const waiting: { text: string; resolve: () => void }[] = [];
  const hear = (): void => {
    for (const one of [...waiting]) {
      if (!(stdout + stderr).includes(one.text)) continue;
      waiting.splice(waiting.indexOf(one), 1);
      one.resolve();
    }
  };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    hear();
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
    hear();
  });
  const done = new Promise<Finished>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code: code ?? -1, stdout, stderr }));
  });
  return {
    pid: child.pid ?? -1,
    done,
    signal: (name) => void child.kill(name),
    said: (text) =>
      new Promise((resolve) => {
        waiting.push({ text, resolve });
        hear();
      }),
  };
};

/** Runs lbplay to its end. */
export const lbplay = (words: readonly string[], options: StartOptions = {}): Promise<Finished> =>
  start(words, options).done;

/** A run with `--output json`: its events and how it ended. */
export const runEvents = async (
  words: readonly string[],
  options: StartOptions = {},
): Promise<Finished & { readonly events: readonly RunEvent[] }> => {
  const finished = await lbplay(["run", ...words, "--output", "json"], options);
  const events = finished.stdout
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as RunEvent);
  return { ...finished, events };
};

/** The tasks (with host) that changed, or that check mode says would. */
export const changedTasks = (events: readonly RunEvent[]): readonly string[] => [
  ...new Set(
    events.flatMap((event) =>
      event.kind === "host-result" &&
      event.item === null &&
      ["changed", "would-follow"].includes(event.status)
        ? [`${event.host}: ${event.task.name}`]
        : [],
    ),
  ),
];

/** The recap of a run. */
export const recapOf = (events: readonly RunEvent[]): Extract<RunEvent, { readonly kind: "recap" }> => {
  const recap = events.find((event) => event.kind === "recap");
  if (recap === undefined) throw new Error("the run gave no recap");
  return recap;
};
