import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Action, Touched } from "../../../src/core/action.ts";
import { beginScript, parseRestore, RESTORE_SCRIPT } from "../../../src/engine/journal.ts";
import { composeActions } from "../../../src/engine/perform.ts";
import { temporaryDirectory } from "../../unit/engine/local-session.ts";
import { picture } from "./picture.ts";

/** A generator of numbers that are the same each time for a seed (Lehmer's). */
const numbers = (seed: number): ((below: number) => number) => {
  let state = seed;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
};

const NAMES = ["a", "b c", "d", "d/a", "d/e", "d/e/a", "l", "l/a", "l/n/m", "d/k", "d/k/a", "new/x/y"];

/** An action on a random path, as modules make them. */
const randomAction = (tree: string, random: (below: number) => number): Action => {
  const name = `${tree}/${NAMES[random(NAMES.length)]}`;
  const touches: readonly Touched[] = [{ kind: "path", path: name }];
  const mode = ["0600", "0644", "0750", "0711"][random(4)] ?? "";
  switch (random(7)) {
    case 0:
    case 1:
    case 2: {
      const content = Buffer.from("x".repeat(random(3)) + String(random(1000)));
      return {
        kind: "write",
        path: name,
        content,
        mode,
        owner: null,
        group: null,
        validate: null,
        backup: false,
      };
    }
    case 3:
      return { kind: "remove", path: name };
    case 4:
      return { kind: "run", argv: ["chmod", mode, name], touches };
    case 5:
      return { kind: "run", argv: ["mkdir", "-p", name], touches };
    default:
      return {
        kind: "run",
        argv: ["ln", "-sfnT", ["d", "a", "..", "nowhere"][random(4)] ?? "", name],
        touches,
      };
  }
};

/**
 * Runs a script whose whole process group is killed before the given number of commands, subshells' and inner shells'
 * commands included; -1 lets it run. What is left of the number comes back.
 */
const runKilled = (home: string, script: string, stdin: Buffer, after: number) => {
  const counter = `${home}/counter`;
  writeFileSync(counter, `${after}\n`);
  const ran = spawnSync(
    after < 0 ? "sh" : "setsid",
    after < 0 ? ["-c", script] : ["-w", "bash", "-c", script],
    {
      input: stdin,
      env: {
        PATH: after < 0 ? process.env.PATH : `${home}/bin:${process.env.PATH}`,
        LBPLAY_STATE_DIR: `${home}/state`,
        BASH_ENV: `${home}/trap`,
        COUNTER: counter,
      },
    },
  );
  return {
    left: Number(readFileSync(counter, "utf8")),
    stdout: ran.stdout,
    stderr: ran.stderr,
    code: ran.status ?? -1,
  };
};

/** In memory where there is such a place: thousands of counts and hundreds of syncs are as nothing there. */
const memoryDirectory = (): string => {
  if (!existsSync("/dev/shm")) return temporaryDirectory();
  const directory = mkdtempSync("/dev/shm/lbplay-test-");
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
};

const prepare = (): { readonly home: string; readonly tree: string } => {
  const home = memoryDirectory();
  mkdirSync(`${home}/bin`);
  writeFileSync(`${home}/bin/sh`, '#!/bin/sh\nexec bash "$@"\n', { mode: 0o755 });
  writeFileSync(
    `${home}/trap`,
    'set -T; trap \'read -r lbp_n <"$COUNTER"; [ "$lbp_n" -gt 0 ] || kill -9 0; echo $((lbp_n - 1)) >"$COUNTER"\' DEBUG\n',
  );
  const tree = `${home}/tree`;
  mkdirSync(`${tree}/d/e`, { recursive: true });
  writeFileSync(`${tree}/a`, "one\0", { mode: 0o640 });
  writeFileSync(`${tree}/d/a`, "two\n");
  writeFileSync(`${tree}/d/e/a`, "three");
  symlinkSync("d/e", `${tree}/l`);
  symlinkSync("../a", `${tree}/d/k`);
  return { home, tree };
};

describe("a journal after a kill", { timeout: 240_000 }, () => {
  it.each([1, 2, 3, 4, 5, 6])("is right wherever the run and going back are killed (%i)", (seed) => {
    const random = numbers(seed * 7919);
    const { home, tree } = prepare();
    const before = picture(tree);
    expect(runKilled(home, beginScript("a run"), Buffer.alloc(0), -1).code).toBe(0);
    let left = random(4000);
    const done: string[] = [];
    for (let turn = 0; turn < 10 && left > 0; turn += 1) {
      const action = randomAction(tree, random);
      const { script, stdin } = composeActions([action], {
        nonce: "f00dfeedf00dfeed",
        before: "",
        after: "",
        journal: true,
        unchanged: "",
        environment: {},
        reads: [],
      });
      done.push(JSON.stringify(action));
      left = runKilled(home, script, stdin, left).left;
    }
    for (let turn = 0; turn < 2; turn += 1) runKilled(home, RESTORE_SCRIPT, Buffer.alloc(0), random(2500));
    const last = runKilled(home, RESTORE_SCRIPT, Buffer.alloc(0), -1);
    const { report } = parseRestore(last);
    expect(report.failures, done.join("\n")).toEqual([]);
    expect(picture(tree), done.join("\n")).toEqual(before);
    expect(existsSync(`${home}/state/journal/journal.sh`)).toBe(true);
  });

  it("is begun as a whole or not at all", () => {
    for (let after = 0; after < 40; after += 3) {
      const { home } = prepare();
      runKilled(home, beginScript("a run"), Buffer.alloc(0), after);
      expect(existsSync(`${home}/state/journal`)).toBe(existsSync(`${home}/state/journal/journal.sh`));
      expect(runKilled(home, beginScript("another run"), Buffer.alloc(0), -1).code).toBe(0);
    }
  });
});
