import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { PROGRAM } from "./lbplay.ts";

test("A run whose output nobody reads any more goes on to its end, and tells by its exit code how it went.", async () => {
  const directory = await mkdtemp(join(tmpdir(), "lbplay-output-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  await writeFile(
    join(directory, "site.yaml"),
    `- hosts: localhost
  gather_facts: false
  tasks:
    - debug: { msg: first }
    - command: sleep 0.5
    - copy: { dest: ${directory}/done, content: "yes" }
    - fail:
`,
  );
  const words = [PROGRAM, "run", "site.yaml", "-i", "localhost,", "-c", "local"];
  const child = spawn(process.execPath, words, {
    cwd: directory,
    env: { ...process.env, LBPLAY_STATE_DIR: directory },
    stdio: ["ignore", "pipe", "pipe"],
  });
  child.stdout.once("data", () => child.stdout.destroy());
  let stderr = "";
  child.stderr.on("data", (text) => {
    stderr += text;
  });
  const code = await new Promise((resolve) => {
    child.once("close", resolve);
  });
  expect({ code, stderr, done: await readFile(join(directory, "done"), "utf8") }).toEqual({
    code: 1,
    stderr: "",
    done: "yes",
  });
});
