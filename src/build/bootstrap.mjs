// Starts a script of src/build on a fresh clone: installs what package-lock.json names where that is missing or
// stale, then runs the script with tsx. Plain JavaScript without a dependency, since nothing is installed yet.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const [script, ...words] = process.argv.slice(2);

/** Whether all that package-lock.json names is there, but for what is only for other platforms. */
const isInstalled = () => {
  const installed = `${root}node_modules/.package-lock.json`;
  if (!existsSync(installed)) return false;
  const packages = (path) => JSON.parse(readFileSync(path, "utf8")).packages;
  const present = packages(installed);
  return Object.entries(packages(`${root}package-lock.json`)).every(
    ([name, { version, optional }]) => name === "" || optional === true || present[name]?.version === version,
  );
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
  // Not `npm ci`: it refuses a lock file that does not name every platform's optional packages, and a registry's mirror
  // may lack some of them. --no-save takes the versions of the lock file and leaves it as it is.
  process.stdout.write("npm install --no-save\n");
  const installed = run("npm", ["install", "--no-save", "--no-audit", "--no-fund"]);
  if (installed.status !== 0) fail("npm install failed", installed.status ?? 1);
}

// Ctrl-C reaches the script too, which cleans up; this process only waits for it.
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => undefined);
const done = run(process.execPath, ["--import", "tsx", `src/build/${script}.ts`, ...words]);
process.exit(done.status ?? (done.signal === "SIGINT" ? 130 : 1));
