import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect } from "vitest";
import type { RunEvent } from "../../src/core/event.ts";
import type { Json } from "../../src/core/value.ts";
import type { TestLab } from "./lab-fixture.ts";
import { changedTasks, recapOf, runEvents } from "./lbplay.ts";

/** A run of a small playbook of a test against its lab. */
export type RoleRun = Awaited<ReturnType<typeof runEvents>>;

/** Runs playbooks that a test spells out, with the roles of the checkout. */
export interface RolePlays {
  /** The directory of the playbooks; files beside them are found by `src`. */
  readonly directory: string;
  readonly run: (playbook: string, ...words: readonly string[]) => Promise<RoleRun>;
  /**
   * Check mode, run, run again, check mode again. The first check has to name exactly the tasks that the run then
   * changes, but for commands, which it does not run and so cannot know of; nothing may be left afterwards. Gives the
   * names of the changed tasks.
   */
  readonly converge: (playbook: string, ...words: readonly string[]) => Promise<readonly string[]>;
}

/** For the tests of one file. */
export const rolePlays = (lab: TestLab): RolePlays => {
  const directory = mkdtempSync(join(tmpdir(), "lbplay-role-"));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  const run = (playbook: string, ...words: readonly string[]): Promise<RoleRun> => {
    const file = join(directory, "site.yaml");
    writeFileSync(file, playbook);
    return runEvents([file, "-i", lab.inventoryFile(), ...words]);
  };
  return {
    directory,
    run,
    converge: async (playbook, ...words) => {
      const check = await run(playbook, ...words, "--check");
      expect(failures(check)).toEqual([]);
      const first = await run(playbook, ...words);
      expect(failures(first)).toEqual([]);
      const { certain, open } = predicted(check.events);
      const changed = changedTasks(first.events);
      expect(certain).toEqual(changed.filter((task) => !open.includes(task)).toSorted());
      const second = await run(playbook, ...words);
      expect({ failures: failures(second), changed: changedTasks(second.events) }).toEqual({
        failures: [],
        changed: [],
      });
      const again = await run(playbook, ...words, "--check");
      expect(predicted(again.events)).toEqual({ certain: [], open: [] });
      return changed;
    },
  };
};

/** Round trips to the busiest node. */
export const mostTrips = (run: RoleRun): number => Math.max(...Object.values(recapOf(run.events).roundTrips));

/** What went wrong, in words; empty if nothing did. */
export const failures = ({ code, stderr, events }: RoleRun): readonly string[] => [
  ...events.flatMap((event) =>
    event.kind === "host-result" && ["failed", "unreachable"].includes(event.status)
      ? [`${event.host}: ${event.task.name}: ${event.msg}${errorOutput(event.result)}`]
      : [],
  ),
  ...(stderr === "" ? [] : [stderr]),
  ...(code === 0 ? [] : [`exit code ${code}`]),
];

/** Where a command gave the reason. */
const errorOutput = (result: Json): string =>
  result !== null && typeof result === "object" && "stderr" in result ? `\n${result.stderr}` : "";

/** What check mode says a run will do, and which commands it would run. */
const predicted = (
  events: readonly RunEvent[],
): { readonly certain: readonly string[]; readonly open: readonly string[] } => {
  const results = events.flatMap((event) =>
    event.kind === "host-result" && event.item === null ? [event] : [],
  );
  const named = (wanted: (event: (typeof results)[number]) => boolean): readonly string[] =>
    [...new Set(results.filter(wanted).map(({ host, task }) => `${host}: ${task.name}`))].toSorted();
  return {
    certain: named(({ status }) => ["changed", "would-follow"].includes(status)),
    open: named(({ status, msg }) => status === "skipped" && msg === "not run in check mode"),
  };
};
