import { createHash } from "node:crypto";
import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { run } from "../../src/lab/command.ts";
import { labDown, openLab } from "../../src/lab/lab.ts";
import { defaultLabName, subnetPrefix } from "../../src/lab/names.ts";
import { firstMissing, stepsOf } from "../unit/docs/tutorial-steps.ts";
import { STATE_ROOT } from "./lab-fixture.ts";
import { ROOT } from "./lbplay.ts";

// The tutorial as a reader does it: every file is written and every command run as they stand on the page, but for the
// lab's name and network, which the page tells its reader to replace.

/** What stands on the page. */
const PAGE = { lab: "lab-1a2b3c4d", network: "10.113.145", state: "/var/lib/lbplay" };

/** The same for each run of a checkout, so that what a run left that was killed is found and removed. */
const HOME = join(tmpdir(), `lbplay-tutorial-${createHash("sha256").update(ROOT).digest("hex").slice(0, 8)}`);
const SOURCES = join(HOME, "lbplay");
const SITE = join(HOME, "tutorial");

const place = {
  name: defaultLabName(SITE),
  stateRoot: STATE_ROOT,
  platform: process.platform,
  onProgress: () => undefined,
  now: Date.now,
};

const ENVIRONMENT = {
  HOME,
  NO_COLOR: "1",
  // npm link puts the command here instead of into the machine's own directories.
  npm_config_prefix: join(HOME, "npm"),
  npm_config_update_notifier: "false",
  npm_config_audit: "false",
  npm_config_fund: "false",
  PATH: `${join(HOME, "npm/bin")}:${process.env.PATH ?? ""}`,
  LBPLAY_STATE: STATE_ROOT,
};

beforeAll(async () => {
  await labDown(place);
  rmSync(HOME, { recursive: true, force: true });
  mkdirSync(SOURCES, { recursive: true });
  for (const part of [
    "src",
    "roles",
    "playbooks",
    "inventory",
    "bench",
    "package.json",
    "package-lock.json",
    "tsconfig.json",
  ])
    cpSync(ROOT + part, join(SOURCES, part), { recursive: true });
  // Installed packages are taken along, so that npm has nothing to fetch.
  const taken = await run(["cp", "-a", "--link", `${ROOT}node_modules`, `${SOURCES}/`]);
  expect(taken).toMatchObject({ code: 0, stderr: "" });
});

afterAll(async () => {
  await labDown(place);
  rmSync(HOME, { recursive: true, force: true });
});

/** Where the reader is, and the page's words that are replaced by this lab's. */
const reader = { directory: SOURCES, network: PAGE.network, failed: false };

const here = (text: string): string =>
  text
    .replaceAll(PAGE.state, STATE_ROOT)
    .replaceAll(PAGE.lab, place.name)
    .replaceAll(PAGE.network, reader.network);

const shell = async (command: string): Promise<{ readonly code: number; readonly output: string }> => {
  const environment = Object.entries(ENVIRONMENT).map(([name, value]) => `${name}=${value}`);
  const script = `cd "$1" || exit 1\n${command}\ncode=$?\npwd > "$HOME/.directory"\nexit $code`;
  // What a command says on either stream stands on the page in the order in which a terminal shows it.
  const words = ["env", ...environment, "bash", "-c", `exec 2>&1\n${script}`, "bash", reader.directory];
  const { code, stdout } = await run(words);
  reader.directory = (await run(["cat", join(HOME, ".directory")])).stdout.trim();
  return { code, output: stdout };
};

const titled = stepsOf("tutorial.md").map(
  (step) => [`line ${step.line}: ${step.kind === "run" ? step.command : step.path}`, step] as const,
);

it.each(titled)("%s", { timeout: 600_000 }, async (_title, step) => {
  expect(reader.failed, "an earlier step failed").toBe(false);
  if (step.kind === "write") {
    mkdirSync(dirname(join(SITE, step.path)), { recursive: true });
    writeFileSync(join(SITE, step.path), here(step.text));
    return;
  }
  reader.failed = true;
  const { code, output } = await shell(here(step.command));
  expect(code, output).toBe(0);
  reader.failed = false;
  if (step.command === "lbplay lab up") reader.network = subnetPrefix((await openLab(place)).record.id);
  expect.soft(firstMissing(step.shown.map(here), output), output).toBeNull();
});
