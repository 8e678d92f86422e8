import { runChecks } from "./checks.ts";
import { prepareHost, runE2e } from "./e2e-checks.ts";
import { runTests, sum, totalsLine } from "./vitest.ts";

const write = (text: string): void => {
  process.stdout.write(text);
};

// With everything installed no unit test has a reason to be skipped either.
await prepareHost();
const { failed, tests } = await runChecks(write);
const local = await runTests("local");
const e2e = await runE2e(write);
if (failed.length > 0) write(`FAILED: ${failed.join(", ")}\n`);
// A static check that failed counts as one failed test; failed unit tests are counted already.
const staticFailures = failed.filter((name) => name !== "unit tests").length;
const totals = sum([tests, local, e2e, { passed: 0, failed: staticFailures, skipped: 0 }]);
write(`${totalsLine(totals)}\n`);
process.exitCode = totals.failed > 0 ? 1 : 0;
