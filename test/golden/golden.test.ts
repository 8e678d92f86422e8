import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { tasks } from "../../src/tasks/registry.ts";
import { parseCase, runCase, silentCommands } from "./golden-case.ts";

const home = fileURLToPath(new URL(".", import.meta.url));
const names = (folder: string): readonly string[] => readdirSync(`${home}${folder}`).sort();
const folders = names("").filter((name) => !name.includes("."));

describe.each(folders)("%s", (folder) => {
  const task = tasks.find(({ name }) => name === folder);
  const cases = names(folder).map((file) => ({
    file,
    ...parseCase(readFileSync(`${home}${folder}/${file}`, "utf8")),
  }));

  test.each(cases)("$file: $why", (golden) => {
    if (task === undefined) throw new Error(`no module is called ${folder}`);
    const { expected, actual } = runCase(task, golden);
    expect(actual).toEqual(expected);
  });
});

test("every command of every case says what it changes, so that a rolling run can keep it", () => {
  const silent = folders.flatMap((folder) => {
    const task = tasks.find(({ name }) => name === folder);
    return names(folder).flatMap((file) => {
      const golden = parseCase(readFileSync(`${home}${folder}/${file}`, "utf8"));
      const acts = Array.isArray(golden.plan) || Object.hasOwn(Object(golden.plan), "run");
      return task === undefined || !acts
        ? []
        : silentCommands(task, golden).map((command) => [folder, file, command]);
    });
  });
  expect(silent).toEqual([]);
});

/** Modules that only look: nothing ever changes. */
const READERS = new Set([
  "find",
  "getent",
  "package_facts",
  "ping",
  "service_facts",
  "setup",
  "slurp",
  "stat",
]);
/** Action modules that always act. */
const RESTLESS = new Set(["async_status", "pause", "raw", "reboot", "script", "tempfile", "uri", "wait_for"]);

test("every module that looks at a node has a golden where nothing changes and one where something does", () => {
  const lacking = tasks.flatMap(({ kind, name }) => {
    if (kind === "controller" || kind === "engine") return [];
    const plans = folders.includes(name)
      ? names(name).map((file) => parseCase(readFileSync(`${home}${name}/${file}`, "utf8")).plan)
      : [];
    const idle = plans.some((plan) => plan === "converged" || Object.hasOwn(Object(plan), "done"));
    const busy = plans.some((plan) => Array.isArray(plan) || Object.hasOwn(Object(plan), "run"));
    return [
      ...(idle || RESTLESS.has(name) ? [] : [`${name} where nothing changes`]),
      ...(busy || READERS.has(name) ? [] : [`${name} where something changes`]),
    ];
  });
  expect(lacking).toEqual([]);
});
