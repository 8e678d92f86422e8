import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";

const ORACLE = new URL("../oracle/playbooks/", import.meta.url).pathname;

const hasAnsible = statSync("/usr/bin/ansible-playbook", { throwIfNoEntry: false }) !== undefined;

const texts = (directory: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    readdirSync(directory)
      .toSorted()
      .map((name) => [name, readFileSync(join(directory, name), "utf8")]),
  );

/** One case in six, the same each time: all take minutes. LBPLAY_ORACLE=all compares every one. */
const sample = (cases: readonly string[]): readonly string[] =>
  process.env.LBPLAY_ORACLE === "all" ? cases : cases.filter((_, index) => index % 6 === 0);

describe("what is recorded of Ansible's playbooks", () => {
  it.skipIf(!hasAnsible)(
    "is what the installed Ansible makes of them, case by case",
    { timeout: 1_800_000 },
    () => {
      const cases = readdirSync(join(ORACLE, "cases")).toSorted();
      const recorded = texts(join(ORACLE, "recorded"));
      expect(Object.keys(recorded)).toEqual(cases.map((name) => `${name}.json`).toSorted());
      const chosen = sample(cases);
      const fresh = mkdtempSync(join(tmpdir(), "lbplay-oracle-"));
      onTestFinished(() => rmSync(fresh, { recursive: true, force: true }));
      execFileSync("/usr/bin/python3", [join(ORACLE, "record.py"), "--to", fresh, ...chosen], {
        stdio: "inherit",
      });
      expect(texts(fresh)).toEqual(
        Object.fromEntries(chosen.map((name) => [`${name}.json`, recorded[`${name}.json`]])),
      );
    },
  );
});
