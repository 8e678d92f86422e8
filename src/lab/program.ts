import { existsSync } from "node:fs";
import { readlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

/** Programs of the lab that run beside us, each an entry of its own in the build. */
export type LabProgram = "apt-proxy-main" | "power-main" | "prober-main";

/** The words that start one of the lab's programs: with tsx from the sources, or the built file as it is. */
export const programWords = async (program: LabProgram): Promise<readonly string[]> => {
  const node = await readlink("/proc/self/exe");
  const source = fileURLToPath(new URL(`./${program}.ts`, import.meta.url));
  if (existsSync(source)) {
    const tsx = createRequire(import.meta.url).resolve("tsx");
    return [node, "--import", tsx, source];
  }
  return [node, fileURLToPath(new URL(`./${program}.js`, import.meta.url))];
};
