import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";

const oracle = new URL("../oracle/inventory/", import.meta.url).pathname;
const ansible = existsSync("/usr/lib/python3/dist-packages/ansible/release.py");

test.skipIf(!ansible)("What the unit tests compare with is what Ansible says today.", () => {
  const fresh = mkdtempSync(join(tmpdir(), "lbplay-oracle-"));
  execFileSync("/usr/bin/python3", [join(oracle, "record.py"), fresh], { stdio: "pipe" });
  for (const name of ["recorded.json", "scalars.json", "arguments.json"])
    expect(JSON.parse(readFileSync(join(fresh, name), "utf8"))).toEqual(
      JSON.parse(readFileSync(join(oracle, name), "utf8")),
    );
  rmSync(fresh, { recursive: true });
});
