import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { SourceText } from "../../src/core/error.ts";
import { compileTemplate } from "../../src/jinja/environment.ts";
import {
  dictOf,
  hostOf,
  listOf,
  type Outcome,
  outcomeOf,
  readJson,
  recordedOutcome,
  scopeOf,
} from "../oracle/jinja/replay.ts";

const root = new URL("../..", import.meta.url).pathname;
const script = join(root, "test/oracle/jinja/record.py");

/** Debian's Python: the one that its Ansible and Jinja2 packages serve, whatever else is first in PATH. */
const record = (...args: readonly string[]): string =>
  execFileSync("/usr/bin/python3", ["-W", "ignore", script, ...args], {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });

/** All files below a directory as templates under their relative names. */
const templatesIn = (directory: string): ReadonlyMap<string, SourceText> =>
  new Map(
    readdirSync(directory, { recursive: true, encoding: "utf8" })
      .filter((name) => statSync(join(directory, name)).isFile())
      .map((name) => [name, { path: name, text: readFileSync(join(directory, name), "utf8") }]),
  );

const roles = join(root, "roles");
const rendered = existsSync(roles) ? listOf(readJson(record("--roles", "roles"))).map(dictOf) : [];

const replayRole = (entry: ReturnType<typeof dictOf>): Outcome => {
  const path = String(entry.get("path"));
  const host = hostOf(templatesIn(join(root, String(entry.get("templates")))));
  const scope = scopeOf(dictOf(entry.get("variables")), host);
  const text = readFileSync(join(root, path), "utf8");
  return outcomeOf(() => compileTemplate({ path, text, at: null }).render(scope, host));
};

test("the committed record is what the installed Jinja2 and Ansible say today", () => {
  const committed = readFileSync(join(root, "test/oracle/jinja/expected.json"), "utf8");
  expect(JSON.parse(record("--print"))).toEqual(JSON.parse(committed));
});

describe("a role's template with the role's defaults", () => {
  test.each(rendered.map((entry) => ({ path: String(entry.get("path")), entry })))(
    "$path renders as Ansible renders it",
    ({ entry }) => {
      const outcome = recordedOutcome(entry);
      expect(outcome).toHaveProperty("value");
      expect(replayRole(entry)).toEqual(outcome);
    },
  );

  test("there are some", () => {
    expect(rendered.length).toBeGreaterThan(0);
  });
});
