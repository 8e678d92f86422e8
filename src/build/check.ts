import { runChecks } from "./checks.ts";
import { totalsLine } from "./vitest.ts";

const { failed, tests } = await runChecks((text) => process.stdout.write(text));
if (failed.length > 0) process.stdout.write(`FAILED: ${failed.join(", ")}\n`);
process.stdout.write(`${totalsLine(tests)}\n`);
process.exitCode = failed.length > 0 ? 1 : 0;
