import { createHash } from "node:crypto";
import { chmod, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { build } from "esbuild";
import { ROOT } from "./step.ts";
import { generateValidators } from "./validators.ts";

/**
 * CommonJS packages (ssh2) ask for `require` and `__dirname`, which modules do not have. Every chunk gets them, under
 * imports of names that no bundled code can collide with.
 */
const BANNER = `import { createRequire as lbplayCreateRequire } from "node:module";
import { dirname as lbplayDirname } from "node:path";
import { fileURLToPath as lbplayFileURLToPath } from "node:url";
const require = lbplayCreateRequire(import.meta.url);
const __filename = lbplayFileURLToPath(import.meta.url);
const __dirname = lbplayDirname(__filename);`;

/** A build that fails leaves the last good one in dist/. */
const BUILDING = `${ROOT}dist.new`;

/** Builds dist/: the command, its lazily loaded parts beside it, and the programs that the lab starts. */
export const bundle = async (): Promise<void> => {
  await generateValidators();
  await rm(BUILDING, { recursive: true, force: true });
  await build({
    absWorkingDir: ROOT,
    entryPoints: [{ in: "src/cli/main.ts", out: "lbplay" }, ...(await labPrograms())],
    outdir: BUILDING,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20.12",
    // Native code that ssh2 uses where it is there and does without where it is not.
    external: ["*.node", "cpu-features"],
    banner: { js: BANNER },
    // Chunks lie beside the entries: the lab looks for its programs beside its own code.
    chunkNames: "[name]-[hash]",
    minifySyntax: true,
    minifyWhitespace: true,
    logLevel: "warning",
  });
  await writeFile(`${BUILDING}/build-id`, `${await digestOfSources()}\n`);
  await chmod(`${BUILDING}/lbplay.js`, 0o755);
  await rm(`${ROOT}dist`, { recursive: true, force: true });
  await rename(BUILDING, `${ROOT}dist`);
};

/** `src/lab/*-main.ts` are programs of their own. */
const labPrograms = async (): Promise<readonly { readonly in: string; readonly out: string }[]> =>
  (await readdir(`${ROOT}src/lab`))
    .filter((name) => name.endsWith("-main.ts"))
    .map((name) => ({ in: `src/lab/${name}`, out: name.replace(/\.ts$/, "") }));

/** The same sources with the same packages are the same build. */
const digestOfSources = async (): Promise<string> => {
  const names = (await readdir(`${ROOT}src`, { recursive: true }))
    .filter((name) => name.endsWith(".ts"))
    .sort();
  const hash = createHash("sha256");
  for (const name of [...names.map((one) => `src/${one}`), "package.json", "package-lock.json"])
    hash.update(`${name}\0`).update(await readFile(`${ROOT}${name}`));
  return hash.digest("hex").slice(0, 32);
};
