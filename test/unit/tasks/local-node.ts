import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { coerce } from "../../../src/core/coerce.ts";
import type { ActionReport, Input, Inputs, Params, PlannedState, Task } from "../../../src/core/task.ts";
import { fromJson, type Json } from "../../../src/core/value.ts";
import { joinReads } from "../../../src/engine/batch.ts";
import { composeActions } from "../../../src/engine/perform.ts";

/** What applying a state task to this machine came to. */
export interface Applied {
  /** The plan before anything was done. */
  readonly first: PlannedState["plan"];
  /** The plan afterwards: what a second run would do. */
  readonly second: PlannedState["plan"];
  readonly values: PlannedState["values"];
  /** The first action's error output, where one failed. */
  readonly error: string | null;
}

/** The shells that nodes have. */
export const SHELLS: readonly (readonly string[])[] = [["dash"], ["bash"], ["busybox", "sh"]].filter(
  ([name = ""]) => spawnSync("sh", ["-c", `command -v ${name}`]).status === 0,
);

/** A directory that the test may fill; it goes with the test. */
export const testDirectory = (): string => {
  const directory = mkdtempSync(join(tmpdir(), "lbplay-test-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
};

/** Parameters as the engine would hand them to a module. */
export const paramsOf = (task: Task, raw: Json): Params => {
  const { value, faults } = coerce(task.schema, fromJson(raw));
  // Coercion gives an object for a mapping.
  const params = value as Params;
  const messages = faults.length > 0 ? faults.map(({ message }) => message) : task.rules(params);
  if (messages.length > 0) throw new Error(messages.join("\n"));
  return params;
};

/** Plans a state task from what its reads find on this machine. */
export const planHere = (
  task: Task,
  raw: Json,
  inputs: Inputs = [],
  shell: readonly string[] = ["sh"],
): PlannedState => {
  const bound = task.bind(paramsOf(task, raw), inputs);
  if (bound.kind !== "state") throw new Error(`${task.name} is no state module`);
  const batch = joinReads(bound.probe.reads, NONCE);
  const ran = run(shell, batch.script, Buffer.alloc(0));
  const answers = batch.split(ran.stdout, ran.stderr).map((answer) => {
    if (answer === null) throw new Error("a read got no answer");
    return answer;
  });
  return bound.probe.parse(answers);
};

/** Plans, performs through the engine's own script, and plans again. */
export const applyHere = (
  task: Task,
  raw: Json,
  inputs: Inputs = [],
  shell: readonly string[] = ["sh"],
): Applied => {
  const before = planHere(task, raw, inputs, shell);
  if (before.plan.kind !== "changes") {
    return { first: before.plan, second: before.plan, values: before.values, error: null };
  }
  const actions = before.plan.changes.flatMap((change) => change.actions);
  const performance = composeActions(actions, {
    nonce: NONCE,
    before: "",
    after: "",
    journal: false,
    unchanged: "",
    environment: {},
    reads: [],
  });
  const ran = run(shell, performance.script, performance.stdin);
  const { outcomes, failed } = performance.split(ran.stdout, ran.stderr);
  const after = planHere(task, raw, inputs, shell);
  return {
    first: before.plan,
    second: after.plan,
    values: after.values,
    error: failed ? (outcomes.at(-1)?.stderr.toString("utf8") ?? "") : null,
  };
};

/** Decides an action task on this machine and, if something is to be done, does it. */
export const actHere = (
  task: Task,
  raw: Json,
  shell: readonly string[] = ["sh"],
  environment: Readonly<Record<string, string>> = {},
): ActionReport => {
  const bound = task.bind(paramsOf(task, raw), []);
  if (bound.kind !== "action") throw new Error(`${task.name} is no action module`);
  const batch = joinReads(bound.probe.reads, NONCE);
  const asked = run(shell, batch.script, Buffer.alloc(0));
  const answers = batch.split(asked.stdout, asked.stderr).map((answer) => {
    if (answer === null) throw new Error("a read got no answer");
    return answer;
  });
  const { decision, report } = bound.probe.parse(answers);
  if (decision.kind === "done") {
    return { changed: false, failed: false, msg: decision.msg, values: decision.values };
  }
  const options = {
    nonce: NONCE,
    before: "",
    after: "",
    journal: false,
    unchanged: "",
    environment,
    reads: [],
  };
  const performance = composeActions(decision.actions, options);
  const ran = run(shell, performance.script, performance.stdin);
  return report(performance.split(ran.stdout, ran.stderr).outcomes);
};

const NONCE = "f00dfeedf00dfeed";

const run = ([command = "sh", ...words]: readonly string[], script: string, stdin: Buffer) => {
  const ran = spawnSync(command, [...words, "-c", script], {
    input: stdin,
    env: { ...process.env, LC_ALL: "C" },
  });
  return { stdout: ran.stdout, stderr: ran.stderr };
};

/** A controller's file for a module. */
export const input = (path: string, content: string | Buffer, mode = 0o644): Input => ({
  path,
  content: Buffer.from(content),
  mode,
  directory: false,
  entries: [],
});

/** `mode owner type` of a path, by the system's own stat. */
export const statOf = (path: string): string =>
  execFileSync("stat", ["-c", "%a %u %F", path], { encoding: "utf8" }).trim();
