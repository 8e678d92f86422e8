import { generateValidators } from "./validators.ts";
import { runTests, totalsLine } from "./vitest.ts";

// A level of tests that needs nothing but this machine: `unit` or `local`, and vitest's own words.

const [level, ...words] = process.argv.slice(2);
if (level !== "unit" && level !== "local")
  throw new Error(`level.ts runs unit or local, not ${level ?? "nothing"}`);

await generateValidators();
const totals = await runTests(level, words);
process.stdout.write(`${totalsLine(totals)}\n`);
process.exitCode = totals.failed > 0 ? 1 : 0;
