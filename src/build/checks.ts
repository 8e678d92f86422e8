import { bin, step } from "./step.ts";
import { generateValidators } from "./validators.ts";
import { runTests, type Totals } from "./vitest.ts";

/** Something that is checked without running lbplay. */
interface StaticCheck {
  readonly name: string;
  readonly words: readonly string[];
}

/** What an unchanged file gave last time. */
const CACHE = "node_modules/.cache/lbplay";

const STATIC: readonly StaticCheck[] = [
  {
    name: "types",
    words: [bin("tsc"), "-p", "tsconfig.json", "--incremental", "--tsBuildInfoFile", `${CACHE}/tsc.json`],
  },
  { name: "lint and format", words: [bin("biome"), "check", "--error-on-warnings", "."] },
  {
    name: "unused code",
    words: [bin("knip"), "--no-progress", "--cache", "--cache-location", `${CACHE}/knip`],
  },
];

/** What `check` found. */
export interface CheckResult {
  readonly failed: readonly string[];
  readonly tests: Totals;
}

/** Everything that needs neither root nor network: types, lint, format, unused code, unit and architecture tests. */
export const runChecks = async (write: (text: string) => void): Promise<CheckResult> => {
  await generateValidators();
  // Side by side: the types and the search for unused code wait for the disk now and then.
  const [results, tests] = await Promise.all([
    Promise.all(
      STATIC.map(async ({ name, words }) => ({ name, ...(await step(words, { output: "keep" })) })),
    ),
    runTests("unit"),
  ]);
  for (const { name, code, output, seconds } of results) {
    write(`${code === 0 ? "ok    " : "FAILED"} ${name} (${seconds.toFixed(1)} s)\n`);
    if (code !== 0) write(`${output.trimEnd()}\n`);
  }
  const failed = results.filter(({ code }) => code !== 0).map(({ name }) => name);
  if (tests.failed > 0) failed.push("unit tests");
  return { failed, tests };
};
