import { runE2e } from "./e2e-checks.ts";
import { totalsLine } from "./vitest.ts";

const totals = await runE2e((text) => process.stdout.write(text), process.argv.slice(2));
process.stdout.write(`${totalsLine(totals)}\n`);
process.exitCode = totals.failed > 0 ? 1 : 0;
