import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { timed } from "./compare/command.ts";
import { table, takeTurns } from "./compare/turns.ts";

// What starting lbplay costs, against an empty Node script: npm run bench -- startup [--rounds 20]

const { values } = parseArgs({ options: { rounds: { type: "string", default: "20" } } });

const LBPLAY = "dist/lbplay.js";
const SITE = ["run", "playbooks/site.yaml", "-i", "inventory/example", "--syntax-check"];

const directory = await mkdtemp(join(tmpdir(), "lbplay-bench-"));
try {
  const empty = join(directory, "empty.mjs");
  await writeFile(empty, "");
  const node = (name: string, ...words: readonly string[]) => ({
    name,
    run: async () => (await timed([process.execPath, ...words])).milliseconds,
  });
  const figures = await takeTurns(
    [
      node("an empty Node script", empty),
      node("lbplay --version", LBPLAY, "--version"),
      node("lbplay --help", LBPLAY, "--help"),
      node("lbplay run --syntax-check of playbooks/site.yaml", LBPLAY, ...SITE),
    ],
    Number(values.rounds),
  );
  process.stdout.write(table(figures));
} finally {
  await rm(directory, { recursive: true });
}
