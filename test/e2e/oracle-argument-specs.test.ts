import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";

const oracle = new URL("../oracle/argument-specs/", import.meta.url).pathname;
const ansible = existsSync("/usr/lib/python3/dist-packages/ansible/release.py");

test.skipIf(!ansible)("What the unit tests compare with is what Ansible says of arguments today.", () => {
  const fresh = mkdtempSync(join(tmpdir(), "lbplay-oracle-"));
  execFileSync("/usr/bin/python3", [join(oracle, "record.py"), fresh], { stdio: "pipe" });
  expect(JSON.parse(readFileSync(join(fresh, "recorded.json"), "utf8"))).toEqual(
    JSON.parse(readFileSync(join(oracle, "recorded.json"), "utf8")),
  );
  rmSync(fresh, { recursive: true });
});
