import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import {
  CLEAN_SCRIPT,
  injectLaterScript,
  injectScript,
  LEFTOVER_SCRIPT,
  prepareScript,
  UNDO_SCRIPT,
} from "../../../src/drill/guard.ts";

const directories: string[] = [];

afterEach(() => {
  for (const directory of directories.splice(0))
    rmSync(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
});

/** A node of its own: the scripts run in sh, and what they keep is below a directory. */
const place = () => {
  const home = mkdtempSync(join(tmpdir(), "lbplay-drill-"));
  directories.push(home);
  const env = { ...process.env, LBPLAY_STATE_DIR: home };
  const mark = join(home, "broken");
  return {
    mark,
    env,
    state: join(home, "drill"),
    scripts: { inject: `: >'${mark}'; : >'${mark}.ever'`, undo: `rm -f '${mark}'; echo mended` },
    run: (script: string) => spawnSync("sh", ["-c", script], { env, encoding: "utf8" }),
  };
};

test("A fault is injected, and undone by whoever asks first; undoing twice is fine.", () => {
  const { run, scripts, mark, state } = place();
  expect(run(prepareScript(scripts)).status).toBe(0);
  expect(existsSync(mark)).toBe(false);
  expect(run(injectScript(60))).toMatchObject({ status: 0, stderr: "" });
  expect(existsSync(mark)).toBe(true);
  expect(run(UNDO_SCRIPT)).toMatchObject({ status: 0, stdout: "mended\n" });
  expect(existsSync(mark)).toBe(false);
  expect(readFileSync(join(state, "moments"), "utf8")).toMatch(
    /^injecting \d{19}\ninjected \d{19}\nundoing \d{19}\nundone \d{19}\n$/,
  );
  expect(run(UNDO_SCRIPT).status).toBe(0);
  expect(run(CLEAN_SCRIPT).status).toBe(0);
  expect(existsSync(state)).toBe(false);
});

test("Nobody comes: the guard undoes by itself when its time is over.", async () => {
  const { run, scripts, mark } = place();
  run(prepareScript(scripts));
  expect(run(injectScript(1)).status).toBe(0);
  expect(existsSync(mark)).toBe(true);
  await expect.poll(() => existsSync(mark)).toBe(false);
  // Whoever comes too late hears what the guard has done.
  expect(run(UNDO_SCRIPT)).toMatchObject({ status: 0, stdout: "mended\n" });
});

test("The shell that injected is killed: the guard goes on.", async () => {
  const { run, scripts, mark, env } = place();
  run(prepareScript(scripts));
  const shell = spawn("sh", ["-c", `${injectScript(2).replace(/\nexit \$code$/, "")}\nsleep 60`], { env });
  await expect.poll(() => existsSync(`${mark}.ever`)).toBe(true);
  shell.kill("SIGKILL");
  await expect.poll(() => existsSync(mark)).toBe(false);
});

test("What cuts the way to the node happens later, and its command has ended by then.", async () => {
  const { run, scripts, mark } = place();
  run(prepareScript(scripts));
  expect(run(injectLaterScript(1)).status).toBe(0);
  expect(existsSync(`${mark}.ever`)).toBe(false);
  await expect.poll(() => existsSync(`${mark}.ever`)).toBe(true);
  await expect.poll(() => existsSync(mark)).toBe(false);
});

test("A fault that fails tells its exit code, and so does an undoing.", () => {
  const { run } = place();
  run(prepareScript({ inject: "echo no >&2; exit 3", undo: "echo stuck >&2; exit 4" }));
  expect(run(injectScript(60))).toMatchObject({ status: 3, stderr: "no\n" });
  expect(run(UNDO_SCRIPT)).toMatchObject({ status: 4, stdout: "stuck\n" });
});

test("Cleaning undoes what nobody has undone; where nothing was laid down there is nothing to undo.", () => {
  const { run, scripts, mark, state } = place();
  expect(run(UNDO_SCRIPT)).toMatchObject({ status: 0, stdout: "" });
  run(prepareScript(scripts));
  run(injectScript(60));
  expect(run(CLEAN_SCRIPT).status).toBe(0);
  expect([existsSync(mark), existsSync(state)]).toEqual([false, false]);
});

test("A drill that died is mended by the next; where nothing is left, nothing is said.", () => {
  const { run, scripts, mark } = place();
  expect(run(LEFTOVER_SCRIPT).stdout).toBe("");
  run(prepareScript(scripts));
  run(injectScript(60));
  expect(run(LEFTOVER_SCRIPT).stdout).toBe("mended\nundone\n");
  expect(existsSync(mark)).toBe(false);
  expect(run(LEFTOVER_SCRIPT).stdout).toBe("");
});
