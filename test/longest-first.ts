import { existsSync } from "node:fs";
import { basename } from "node:path";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/**
 * Files of e2e tests that take minutes, the longest first. A fresh clone does not know yet how long each takes, and one
 * of them that came last would keep a single core busy while the other has nothing left to do.
 */
const LONGEST: readonly string[] = [
  "runbook.test.ts",
  "roll-kill.test.ts",
  "roll.test.ts",
  "ansible-oracle.test.ts",
  "install-source.test.ts",
  "roles-source.test.ts",
  "drift.test.ts",
  "lb-validate.test.ts",
  "node-versions.test.ts",
  "tutorial.test.ts",
  "vagrant-machines.test.ts",
  "scenario-004-jsessionid.test.ts",
  "pair-commands.test.ts",
  "firewall.test.ts",
];

/** Vitest's order, but for the files that are known to be long. A file that is no more is a mistake in the list. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const gone = LONGEST.filter((name) => !existsSync(new URL(`e2e/${name}`, import.meta.url)));
    if (gone.length > 0)
      throw new Error(`test/longest-first.ts names what is not in test/e2e: ${gone.join(", ")}`);
    return (await super.sort(files)).toSorted((a, b) => place(a) - place(b));
  }
}

const place = ({ moduleId }: TestSpecification): number => {
  const index = LONGEST.indexOf(basename(moduleId));
  return index === -1 ? LONGEST.length : index;
};
