import { setTimeout as sleep } from "node:timers/promises";
import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import type { HostRecap, RunEvent } from "../../../src/core/event.ts";
import { createLiveView } from "../../../src/report/listr.ts";
import { createPalette } from "../../../src/report/palette.ts";
import { label, result } from "./events.ts";

const INTERVAL_MS = 20;

const RECAP: HostRecap = {
  ok: 1,
  changed: 1,
  unreachable: 0,
  failed: 0,
  skipped: 0,
  rescued: 0,
  ignored: 0,
};

/** A terminal that remembers what was written and what is visible: only the sequences that log-update uses. */
const createScreen = (rows = 24) => {
  let written = "";
  const lines: string[] = [""];
  const write = (text: string): void => {
    written += text;
    for (const [token] of text.matchAll(/\u001b\[[0-9;?]*[A-Za-z]|\n|[^\u001b\n]+/g)) {
      if (token === "\n") lines.push("");
      else if (token === "\u001b[2K") lines[lines.length - 1] = "";
      else if (token === "\u001b[1A") lines.pop();
      else if (!token.startsWith("\u001b")) lines[lines.length - 1] += token;
    }
  };
  return {
    screen: { write, columns: () => 80, rows: () => rows },
    visible: () => lines.join("\n"),
    written: () => written,
  };
};

const createView = (rows?: number) => {
  const terminal = createScreen(rows);
  const options = { palette: createPalette(false), verbosity: 0, intervalMs: INTERVAL_MS };
  return { ...terminal, view: createLiveView({ ...options, screen: terminal.screen }) };
};

const play = (hosts: readonly string[]): RunEvent => ({ kind: "play-started", time: 0, play: "Pair", hosts });

const recap = (hosts: readonly string[]): RunEvent => ({
  kind: "recap",
  time: 0,
  hosts: Object.fromEntries(hosts.map((host) => [host, RECAP])),
  stats: {},
  roundTrips: Object.fromEntries(hosts.map((host) => [host, 1])),
  seconds: 1,
});

test("Each host has one line with its task, and what changed or failed stays above it.", async () => {
  const { view, visible } = createView();
  view.sink(play(["lb1", "lb2"]));
  view.sink({ kind: "host-started", time: 0, host: "lb1", task: label("base : Packages") });
  view.sink({ kind: "host-started", time: 0, host: "lb2", task: label("base : Hosts") });
  view.sink(result({ task: label("base : Packages"), status: "changed" }));
  view.sink(result({ task: label("base : Quiet"), status: "ok" }));
  view.sink(result({ host: "lb2", task: label("base : Hosts"), status: "failed", msg: "disk full" }));
  const picture = (): string => visible().replaceAll(/[^\x20-\x7e\n]/g, "?");
  await expect.poll(picture, { timeout: 10_000 }).toBe(`
PLAY [Pair] ********************************************************************
changed: [lb1] base : Packages
fatal: [lb2]: base : Hosts FAILED! => disk full
? lb1  base : Packages
? lb2  base : Hosts
`);
  await view.close();
});

test("At the end only the lasting lines and the recap are left, and the cursor is back.", async () => {
  const { view, visible, written } = createView();
  view.sink(play(["lb1"]));
  view.sink(result({ task: label("base : Packages"), status: "changed" }));
  view.sink(recap(["lb1"]));
  await view.close();
  expect(visible()).toBe(`
PLAY [Pair] ********************************************************************
changed: [lb1] base : Packages

PLAY RECAP *********************************************************************
lb1                        : ok=1    changed=1    unreachable=0    failed=0    skipped=0    rescued=0    ignored=0

1.00 s, 1 round trip to 1 node
`);
  expect(written().lastIndexOf("\u001b[?25h")).toBeGreaterThan(written().lastIndexOf("\u001b[?25l"));
});

test("A run that breaks off in the middle of a play leaves a clean terminal when the view is closed.", async () => {
  const { view, visible } = createView();
  view.sink(play(["lb1"]));
  await sleep(INTERVAL_MS * 8);
  await view.close();
  expect(visible().split("\n").slice(1)).toEqual([`PLAY [Pair] ${"*".repeat(68)}`, ""]);
});

test("A hundred hosts with forty tasks each are drawn at intervals, not at every event, and never beyond the screen.", async () => {
  const hosts = Array.from({ length: 100 }, (_, index) => `web${index}`);
  const { view, written, visible } = createView();
  view.sink(play(hosts));
  for (let task = 0; task < 40; task += 1) {
    for (const host of hosts) {
      view.sink({ kind: "host-started", time: 0, host, task: label(`task ${task}`) });
      view.sink(result({ host, task: label(`task ${task}`) }));
    }
  }
  await sleep(INTERVAL_MS * 12);
  const picture = stripVTControlCharacters(visible()).trimEnd().split("\n");
  expect(picture.at(-1)).toBe("  … and 79 more hosts");
  expect(picture.length).toBeLessThanOrEqual(24);
  expect(written().length).toBeLessThan(200_000);
  view.sink(recap(hosts));
  await view.close();
}, 10_000);
