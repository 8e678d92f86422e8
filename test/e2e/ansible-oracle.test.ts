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

describe("what is recorded of Ansible's playbooks", () => {
  it.skipIf(!hasAnsible)(
    "is what the installed Ansible makes of them, case by case",
    { timeout: 1_800_000 },
    () => {
      const fresh = mkdtempSync(join(tmpdir(), "lbplay-oracle-"));
      onTestFinished(() => rmSync(fresh, { recursive: true, force: true }));
      execFileSync("/usr/bin/python3", [join(ORACLE, "record.py"), "--to", fresh], { stdio: "inherit" });
      const recorded = texts(join(ORACLE, "recorded"));
      expect(Object.keys(recorded)).toEqual(
        readdirSync(join(ORACLE, "cases"))
          .toSorted()
          .map((name) => `${name}.json`),
      );
      expect(texts(fresh)).toEqual(recorded);
    },
  );
});
