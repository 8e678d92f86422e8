import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { tasks } from "../../src/tasks/registry.ts";
import { parseCase, runCase } from "./golden-case.ts";

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

test("every module that looks at a node has a golden where nothing changes and one where something does", () => {
  const seen = new Map(
    folders.map((folder) => [
      folder,
      names(folder).map((file) => parseCase(readFileSync(`${home}${folder}/${file}`, "utf8"))),
    ]),
  );
  const lacking = tasks
    .filter(({ kind }) => kind !== "controller")
    .filter(({ name }) => {
      const cases = seen.get(name) ?? [];
      const idle = cases.some(({ plan }) => plan === "converged" || Object.hasOwn(Object(plan), "done"));
      const busy = cases.some(({ plan }) => Array.isArray(plan) || Object.hasOwn(Object(plan), "run"));
      return !idle || !busy;
    });
  // An action module that always acts (command without creates) has nothing to be idle about.
  const mayNeverIdle = new Set(["uri", "wait_for", "script", "ping", "raw", "reboot", "pause"]);
  expect(lacking.map(({ name }) => name).filter((name) => !mayNeverIdle.has(name))).toEqual([]);
});
