import { generateValidators } from "./validators.ts";
import { runTests, totalsLine } from "./vitest.ts";

await generateValidators();
const totals = await runTests("local", process.argv.slice(2));
process.stdout.write(`${totalsLine(totals)}\n`);
process.exitCode = totals.failed > 0 ? 1 : 0;
