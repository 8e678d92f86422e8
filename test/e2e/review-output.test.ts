import { execFile, spawn } from "node:child_process";
import { mkdtemp, open, readFile, rm, writeFile } from "node:fs/promises";

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

test("A run whose output finds no room goes on to its end, and says so.", async () => {
  const directory = await mkdtemp(join(tmpdir(), "lbplay-output-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  await writeFile(
    join(directory, "site.yaml"),
    `- hosts: localhost
  gather_facts: false
  tasks:
    - debug: { msg: first }
    - copy: { dest: ${directory}/done, content: "yes" }
`,
  );
  const full = await open("/dev/full", "w");
  onTestFinished(() => full.close());
  const child = spawn(process.execPath, [PROGRAM, "run", "site.yaml", "-i", "localhost,", "-c", "local"], {
    cwd: directory,
    env: { ...process.env, LBPLAY_STATE_DIR: directory },
    stdio: ["ignore", full.fd, "pipe"],
  });
  let stderr = "";
  child.stderr?.on("data", (text) => {
    stderr += text;
  });
  const code = await new Promise((resolve) => {
    child.once("close", resolve);
  });
  expect({ code, stderr, done: await readFile(join(directory, "done"), "utf8") }).toEqual({
    code: 1,
    stderr: "the output cannot be written: ENOSPC: no space left on device, write\n",
    done: "yes",
  });
});

test("A user that the user database does not know, as in a container, can run everything.", async () => {
  const directory = await mkdtemp(join(tmpdir(), "lbplay-output-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  await writeFile(
    join(directory, "site.yaml"),
    "- hosts: all\n  gather_facts: false\n  tasks: [{ ping: }]\n",
  );
  const words = ["--user", "--map-user=54321", "--map-group=54321", process.execPath, PROGRAM];
  const run = [...words, "run", "site.yaml", "-i", "localhost,", "-c", "local"];
  const env = { PATH: process.env.PATH ?? "", HOME: "/nonexistent", LBPLAY_STATE_DIR: directory };
  const ran = await new Promise((resolve) => {
    execFile("unshare", run, { cwd: directory, env }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : error.code, stdout: /ok=\d+/.exec(stdout)?.[0], stderr }),
    );
  });
  expect(ran).toEqual({ code: 0, stdout: "ok=1", stderr: "" });
});
