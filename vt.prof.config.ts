import { defineConfig } from "vitest/config";
export default defineConfig({ test: { root: "/tmp/wt/speed", include: ["test/unit/**/*.test.ts"], testTimeout: 60000, isolate: false, pool: "forks", maxWorkers: 1, alias: { yaml: "/tmp/wt/speed/test/unit/remembered-yaml.ts" }, execArgv: ["--cpu-prof","--cpu-prof-dir=/tmp/prof","--cpu-prof-interval=1000"] } });
