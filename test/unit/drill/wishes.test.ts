import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { parseCommandLine } from "../../../src/cli/args.ts";
import { drillFileOf, drillWish } from "../../../src/cli/drill-wishes.ts";
import type { DrillOptions } from "../../../src/cli/run-options.ts";
import { LbplayErrors, placeText } from "../../../src/core/error.ts";
import { FAULTS } from "../../../src/drill/faults/catalog.ts";
import { NO_SETTINGS } from "../../../src/lb/pair/settings.ts";

const directories: string[] = [];

afterEach(() => {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
});

const options = (words: string): DrillOptions => {
  const command = parseCommandLine(`drill -i x ${words}`.trim().split(" "));
  if (command.kind !== "drill") throw new Error(JSON.stringify(command));
  return command.options;
};

const file = (text: string) => {
  const cwd = mkdtempSync(join(tmpdir(), "lbplay-drill-"));
  directories.push(cwd);
  writeFileSync(join(cwd, "drill.yaml"), text);
  return drillFileOf({ file: "drill.yaml" }, cwd);
};

const mistakes = (text: string): readonly string[] => {
  try {
    file(text);
    return [];
  } catch (error) {
    const all = error instanceof LbplayErrors ? error.errors : [error as LbplayErrors["errors"][number]];
    return all.map(
      ({ at, message, hint }) => `${placeText(at)}: ${message}${hint === null ? "" : ` (${hint})`}`,
    );
  }
};

test("By itself a drill does every fault once, 200 requests a second, from here.", () => {
  const wish = drillWish(options(""), null, NO_SETTINGS);
  expect(wish).toMatchObject({ everyMs: 5, held: 10, from: null, probe: null, repeats: 1 });
  expect(wish.faults.map(({ fault }) => fault.id)).toEqual(FAULTS.map(({ id }) => id));
  expect(wish.faults.every(({ repeats, budgetMs }) => repeats === 1 && budgetMs === null)).toBe(true);
});

test("The command line is before the file, and the file before the inventory.", () => {
  const team = file(
    "max_outage: 1s\nrepeat: 2\nrate: 50\nfrom: client\nfaults:\n  - cable\n  - {fault: haproxy-stop, max_outage: 100ms, repeat: 5}\n",
  );
  const settings = { ...NO_SETTINGS, maxOutageMs: 9000, probeFrom: "web1", probe: "http://192.0.2.10/x" };
  const wish = drillWish(options(""), team, settings);
  expect(wish).toMatchObject({ everyMs: 20, from: "client", probe: "http://192.0.2.10/x" });
  expect(wish.faults.map(({ fault, repeats, budgetMs }) => [fault.id, repeats, budgetMs])).toEqual([
    ["haproxy-stop", 5, 100],
    ["cable", 2, 1000],
  ]);
  const said = drillWish(
    options("--faults reload --repeat 3 --max-outage 2s --rate 100 --from controller --held 0"),
    team,
    settings,
  );
  expect(said).toMatchObject({ everyMs: 10, from: null, held: 0 });
  expect(said.faults.map(({ fault, repeats, budgetMs }) => [fault.id, repeats, budgetMs])).toEqual([
    ["reload", 3, 2000],
  ]);
  expect(drillWish(options(""), null, settings)).toMatchObject({ from: "web1" });
});

test("A fault that there is not is a mistake in the command line, with what was meant.", () => {
  expect(() => drillWish(options("--faults haproxy-stopp"), null, NO_SETTINGS)).toThrow(
    "there is no fault haproxy-stopp",
  );
});

test("Every mistake of a drill file has its place.", () => {
  expect(
    mistakes(
      "faults:\n  - haproxy-kil\n  - {fault: cable, max_outage: 500}\n  - {repeat: 0, fault: reload}\n  - {budget: 1s, fault: reload}\nmax_outag: 1s\nrate: fast\nprobe: 192.0.2.1\n",
    ),
  ).toEqual([
    "drill.yaml:2:5: faults.0.fault: there is no fault haproxy-kil (did you mean haproxy-kill?)",
    "drill.yaml:3:20: faults.1.max_outage: expected a text, found 500",
    "drill.yaml:4:6: faults.2.repeat: must be >= 1",
    "drill.yaml:5:6: faults.3: the key budget is unknown (there is fault, repeat, max_outage)",
    "drill.yaml:6:1: the key max_outag is unknown (did you mean max_outage?)",
    "drill.yaml:7:1: rate: expected a whole number, found fast",
    'drill.yaml:8:1: probe: expected an address to ask, found "192.0.2.1" (write http://ADDRESS/PATH, https://ADDRESS/PATH or tcp://ADDRESS:PORT)',
  ]);
  expect(mistakes("- cable\n")).toEqual([
    "drill.yaml:1:1: expected a mapping, found a list (write `faults: [haproxy-stop, cable]` and `max_outage: 1s`)",
  ]);
  expect(mistakes("max_outage: '{{ budget }}'\n")).toMatchObject([
    expect.stringContaining("drill.yaml:1:14: a drill file holds no templates"),
  ]);
  expect(mistakes("max_outage: [\n")).toHaveLength(1);
});
