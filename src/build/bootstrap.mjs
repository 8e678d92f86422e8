// Starts a script of src/build on a fresh clone: installs what package-lock.json names where that is missing or
// stale, then runs the script with tsx. Plain JavaScript without a dependency, since nothing is installed yet.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const [script, ...words] = process.argv.slice(2);

/** npm writes node_modules/.package-lock.json last; older than our lock file means that the lock file changed. */
const isInstalled = () => {
  const installed = `${root}node_modules/.package-lock.json`;
  if (!existsSync(installed) || !existsSync(`${root}node_modules/tsx`)) return false;
  return (
    statSync(installed).mtimeMs >= statSync(`${root}package-lock.json`).mtimeMs || sameVersions(installed)
  );
};

/** A clone or a checkout touches files without changing them. */
const sameVersions = (installed) => {
  const versions = (path) => {
    const { packages } = JSON.parse(readFileSync(path, "utf8"));
    return new Map(Object.entries(packages).map(([name, { version }]) => [name, version]));
  };
  const wanted = versions(`${root}package-lock.json`);
  return [...versions(installed)].every(([name, version]) => wanted.get(name) === version);
};

const run = (command, args) => spawnSync(command, args, { cwd: root, stdio: "inherit" });

const fail = (message, code) => {
  process.stderr.write(`${message}\n`);
  process.exit(code);
};

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 12))
  fail(`lbplay needs Node 20.12 or newer; this is ${process.version}`, 2);

if (!isInstalled()) {
  process.stdout.write("npm ci\n");
  const installed = run("npm", ["ci", "--no-audit", "--no-fund"]);
  if (installed.status !== 0) fail("npm ci failed", installed.status ?? 1);
}

// Ctrl-C reaches the script too, which cleans up; this process only waits for it.
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => undefined);
const done = run(process.execPath, ["--import", "tsx", `src/build/${script}.ts`, ...words]);
process.exit(done.status ?? (done.signal === "SIGINT" ? 130 : 1));
