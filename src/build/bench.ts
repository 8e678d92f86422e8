import { readdir } from "node:fs/promises";
import { bundle } from "./bundle.ts";
import { prepareHost } from "./e2e-checks.ts";
import { ROOT, step } from "./step.ts";

// Measures: npm run bench -- [NAME [options]]. NAME is a program bench/NAME.ts; bench/README.md says what each is for.

const [name = "performance", ...words] = process.argv.slice(2);
const names = (await readdir(`${ROOT}bench`))
  .filter((file) => file.endsWith(".ts"))
  .map((file) => file.replace(/\.ts$/, ""))
  .toSorted();

if (!names.includes(name)) {
  process.stderr.write(
    `npm run bench -- NAME: there is no benchmark "${name}"; NAME is one of ${names.join(", ")}\n`,
  );
  process.exitCode = 2;
} else if (await prepareHost()) {
  await bundle();
  // Ctrl-C reaches the benchmark too, which cleans up.
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => undefined);
  const { code } = await step([process.execPath, "--import", "tsx", `bench/${name}.ts`, ...words], {
    output: "show",
  });
  process.exitCode = code;
} else process.exitCode = 1;
