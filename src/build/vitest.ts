import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bin, step } from "./step.ts";

/** How many tests ended how. */
export interface Totals {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** No test at all. */
export const NO_TESTS: Totals = { passed: 0, failed: 0, skipped: 0 };

/** The part of vitest's JSON report that counts. */
interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  /** Files; one that could not even be loaded has no tests, but has failed. */
  readonly testResults: readonly { readonly status: string; readonly assertionResults: readonly unknown[] }[];
}

/** Runs one project of the tests, its report on our output, and counts. A crash without a report is one failure. */
export const runTests = async (
  project: "unit" | "local" | "e2e",
  words: readonly string[] = [],
): Promise<Totals> => {
  const directory = await mkdtemp(join(tmpdir(), "lbplay-test-"));
  const file = join(directory, "report.json");
  try {
    const { code } = await step(
      [
        bin("vitest"),
        "run",
        "--config",
        "test/vitest.config.ts",
        "--project",
        project,
        "--reporter=default",
        "--reporter=json",
        `--outputFile.json=${file}`,
        ...words,
      ],
      { output: "show" },
    );
    const text = await readFile(file, "utf8").catch(() => null);
    // vitest writes this file.
    const totals = text === null ? NO_TESTS : totalsOf(JSON.parse(text) as Report);
    return code !== 0 && totals.failed === 0 ? { ...totals, failed: 1 } : totals;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
};

const totalsOf = (report: Report): Totals => {
  const broken = report.testResults.filter(
    (file) => file.status === "failed" && file.assertionResults.length === 0,
  );
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + broken.length,
    skipped: report.numPendingTests + report.numTodoTests,
  };
};

/** The sum of totals. */
export const sum = (all: readonly Totals[]): Totals =>
  all.reduce(
    (total, { passed, failed, skipped }) => ({
      passed: total.passed + passed,
      failed: total.failed + failed,
      skipped: total.skipped + skipped,
    }),
    NO_TESTS,
  );

/** `12 passed, 0 failed, 1 skipped`: the last line of a run of tests. */
export const totalsLine = ({ passed, failed, skipped }: Totals): string =>
  `${passed} passed, ${failed} failed, ${skipped} skipped`;
