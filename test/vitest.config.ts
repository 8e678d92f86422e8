import { defineConfig } from "vitest/config";
import { LongestFirst } from "./longest-first.ts";

/** What a test waits for may take its time on a busy machine; a second, vitest's default, is not enough. */
const PATIENCE = { poll: { timeout: 15_000 } };

/** A level of tests that need neither root nor network. */
const here = (name: string, include: string[]) => ({
  test: {
    name,
    include,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    expect: PATIENCE,
    // Vitest would leave one of two cores idle.
    maxWorkers: "100%",
    // No module holds state that a test could leave behind, so each worker loads the sources once.
    isolate: false,
    alias: [
      {
        find: /^(?:\.|\.\.\/config)\/yaml\.ts$/,
        replacement: new URL("unit/remembered-yaml.ts", import.meta.url).pathname,
      },
    ],
  },
});

/**
 * Three levels: `unit` stays in its process; `local` starts shells, servers on loopback and lbplay as a whole on this
 * machine, and reads every example of the docs; `e2e` drives real nodes of the embedded lab.
 */
export default defineConfig({
  test: {
    root: new URL("..", import.meta.url).pathname,
    // What an unchanged file was turned into last time.
    experimental: { fsModuleCache: true, fsModuleCachePath: "node_modules/.cache/lbplay/vitest" },
    sequence: { sequencer: LongestFirst },
    projects: [
      here("unit", ["test/unit/**/*.test.ts", "test/golden/*.test.ts", "test/architecture.test.ts"]),
      here("local", ["test/local/**/*.test.ts"]),
      {
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          testTimeout: 300_000,
          hookTimeout: 600_000,
          expect: PATIENCE,
          // Labs stand side by side, and their tests wait so much that three of them keep two cores busy.
          maxWorkers: 3,
        },
      },
    ],
  },
});
