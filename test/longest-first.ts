import { existsSync } from "node:fs";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/**
 * Files of local tests that take many seconds and of e2e tests that take minutes, the longest first. A fresh clone does
 * not know yet how long each takes, and one of them that came last would keep a single core busy while the other has
 * nothing left to do.
 */
const LONGEST: readonly string[] = [
  "local/docs/how-to.test.ts",
  "local/engine/oracle.test.ts",
  "local/tasks/real-get-url.test.ts",
  "local/engine/journal.test.ts",
  "local/transport/contract.test.ts",
  "e2e/runbook.test.ts",
  "e2e/roll-kill.test.ts",
  "e2e/drill.test.ts",
  "e2e/roll.test.ts",
  "e2e/drift.test.ts",
  "e2e/install-source.test.ts",
  "e2e/ansible-oracle.test.ts",
  "e2e/site.test.ts",
  "e2e/pair-commands.test.ts",
  "e2e/roles-source.test.ts",
  "e2e/rpm.test.ts",
  "e2e/tutorial.test.ts",
  "e2e/diagnose.test.ts",
  "e2e/scenario-000-internal-external.test.ts",
  "e2e/vagrant-machines.test.ts",
  "e2e/role-options.test.ts",
  "e2e/firewall.test.ts",
  "e2e/scenario-002-routing.test.ts",
  "e2e/install-package.test.ts",
  "e2e/scenario-003-retries.test.ts",
  "e2e/transport.test.ts",
];

/** Vitest's order, but for the files that are known to be long. A file that is no more is a mistake in the list. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const gone = LONGEST.filter((name) => !existsSync(new URL(name, import.meta.url)));
    if (gone.length > 0) throw new Error(`test/longest-first.ts names what is not there: ${gone.join(", ")}`);
    return (await super.sort(files)).toSorted((a, b) => place(a) - place(b));
  }
}

const place = ({ moduleId }: TestSpecification): number => {
  const index = LONGEST.findIndex((name) => moduleId.endsWith(`/test/${name}`));
  return index === -1 ? LONGEST.length : index;
};
