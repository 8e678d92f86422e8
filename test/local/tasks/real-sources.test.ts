import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { aptRepository } from "../../../src/tasks/apt-repository/apt-repository.ts";
import { applyHere, planHere, SHELLS, testDirectory } from "../../unit/tasks/local-node.ts";

const debian = existsSync("/usr/bin/apt-config");

/** An apt of the test's own: its sources, lists and keys are in a directory. */
const ownApt = (): string => {
  const home = testDirectory();
  for (const name of ["parts", "trusted", "lists/partial", "cache/archives/partial"])
    mkdirSync(join(home, name), { recursive: true });
  writeFileSync(join(home, "sources.list"), "# deb http://off.invalid bookworm main\n");
  writeFileSync(
    join(home, "apt.conf"),
    [
      `Dir::Etc::sourcelist "${home}/sources.list";`,
      `Dir::Etc::sourceparts "${home}/parts";`,
      `Dir::Etc::trustedparts "${home}/trusted";`,
      `Dir::Etc::trusted "${home}/trusted.gpg";`,
      `Dir::State::lists "${home}/lists";`,
      `Dir::Cache "${home}/cache";`,
      'APT::Sandbox::User "";',
      "",
    ].join("\n"),
  );
  vi.stubEnv("APT_CONFIG", join(home, "apt.conf"));
  onTestFinished(() => void vi.unstubAllEnvs());
  return home;
};

describe.skipIf(!debian).each(SHELLS.map((words) => [words.join(" "), words] as const))(
  "under %s",
  (_name, sh) => {
    test("A source is added, switched on and taken out.", () => {
      const home = ownApt();
      const repo = "deb http://one.invalid/debian bookworm main";
      const added = applyHere(aptRepository, { repo, update_cache: false }, [], sh);
      expect([added.second, added.error]).toEqual([{ kind: "converged" }, null]);
      expect(readFileSync(join(home, "parts/one_invalid_debian.list"), "utf8")).toBe(`${repo}\n`);
      const off = { repo: "deb http://off.invalid bookworm main", update_cache: false };
      expect(applyHere(aptRepository, off, [], sh).second).toEqual({ kind: "converged" });
      expect(readFileSync(join(home, "sources.list"), "utf8")).toBe(`${off.repo}\n`);
      const gone = applyHere(aptRepository, { repo, update_cache: false, state: "absent" }, [], sh);
      expect(gone.second).toEqual({ kind: "converged" });
      expect(readdirSync(join(home, "parts"))).toEqual([]);
    });

    test("Sources whose lists cannot be fetched are as they were before, so that the next run tries again.", () => {
      const home = ownApt();
      const before = "deb file:/nowhere/old ./\n";
      writeFileSync(join(home, "parts/own.list"), before);
      const repo = `deb file:${home}/missing ./`;
      for (const filename of ["own", "new"]) {
        const params = { repo, filename, update_cache_retries: 1 };
        const ran = applyHere(aptRepository, params, [], sh);
        expect(ran.error).toContain("apt-get update failed:");
        expect(ran.second).toEqual(ran.first);
        expect(planHere(aptRepository, params, [], sh).plan.kind).toBe("changes");
      }
      expect(readdirSync(join(home, "parts"))).toEqual(["own.list"]);
      expect(readFileSync(join(home, "parts/own.list"), "utf8")).toBe(before);
    });
  },
);
