#!/usr/bin/env node
import { hostname } from "node:os";
import { currentUser } from "../core/user.ts";
import type { Output } from "./io.ts";
import { runProgram } from "./program.ts";

// The process, and nothing else in the project touches it: everything below gets what it needs from here.

const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

const output = (stream: NodeJS.WriteStream): Output => ({
  write: (text) => {
    stream.write(text);
  },
  isTTY: stream.isTTY === true,
  columns: () => stream.columns ?? null,
  rows: () => stream.rows ?? null,
});

const listeners = new Set<(signal: string) => void>();

const onProcessSignal = (signal: keyof typeof SIGNALS): void => {
  const heard = [...listeners];
  listeners.clear();
  if (heard.length > 0) for (const listener of heard) listener(signal);
  else {
    // A live view may have hidden the cursor.
    if (process.stdout.isTTY === true) process.stdout.write("\u001b[?25h");
    process.exit(SIGNALS[signal]);
  }
};

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => onProcessSignal(signal));
}

// Whoever reads us may stop reading (`lbplay … | head`), or the terminal may close. What is being done on the nodes is
// done to its end all the same: a run cut in half because nobody looks would be the worse surprise. So it is where the
// disk with the output is full; only that is told, once, and by the exit code.
const lost = new Set<NodeJS.WriteStream>();

for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE" || error.code === "EIO" || lost.has(stream)) return;
    lost.add(stream);
    if (stream === process.stdout) process.stderr.write(`the output cannot be written: ${error.message}\n`);
  });
}

const code = await runProgram(process.argv.slice(2), {
  stdout: output(process.stdout),
  stderr: output(process.stderr),
  env: process.env,
  cwd: process.cwd(),
  platform: process.platform,
  owner: `${currentUser(process.env).username}@${hostname()} pid ${process.pid}`,
  uid: process.geteuid?.() ?? null,
  now: Date.now,
  ask: async (question) => {
    const { ask } = await import("./terminal.ts");
    return ask(question, { input: process.stdin, output: process.stderr });
  },
  input: async () => {
    if (process.stdin.isTTY === true) return null;
    const { buffer } = await import("node:stream/consumers");
    return buffer(process.stdin);
  },
  onSignal: (listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
});

// Output to a pipe may still be on its way.
process.stdout.write("", () => process.exit(code === 0 && lost.has(process.stdout) ? 1 : code));
