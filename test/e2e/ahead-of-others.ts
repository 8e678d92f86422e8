import { mkdir, readFile, rmdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { poll } from "../../src/lab/command.ts";

/** A group of processes that has the processor before all others. */
export interface Ahead {
  /** What work starts belongs to the group; this process itself does not. */
  readonly during: <T>(work: () => Promise<T>) => Promise<T>;
  /** Takes in a group of processes that were started and moved elsewhere: with cgroup2 those of a lab's nodes. */
  readonly takeIn: (group: string) => Promise<void>;
  readonly remove: () => Promise<void>;
}

/** The largest weight of one group beside others, in the units of cgroup v1 and of cgroup2. */
const MOST = { "cpu.shares": "262144", "cpu.weight": "10000" } as const;

/**
 * Makes a group for nodes and for clients that count milliseconds, which would measure how busy the machine is otherwise.
 * It is not for what computes: lbplay itself would starve the other labs. null where no cpu cgroup can be had.
 */
export const goAhead = async (): Promise<Ahead | null> => {
  const mounts = (await readFile("/proc/self/mounts", "utf8")).split("\n").map((line) => line.split(" "));
  const old = mounts.find(([, , type, options]) => type === "cgroup" && options?.split(",").includes("cpu"));
  const unified = mounts.find(([, , type]) => type === "cgroup2");
  const top = (old ?? unified)?.[1];
  if (top === undefined) return null;
  const setting = old === undefined ? "cpu.weight" : "cpu.shares";
  const directory = join(top, `lbplay-ahead-${process.pid}`);
  try {
    if (old === undefined) await writeFile(join(top, "cgroup.subtree_control"), "+cpu");
    await mkdir(directory, { recursive: true });
    await writeFile(join(directory, setting), MOST[setting]);
    await enter(directory);
    await enter(top);
  } catch {
    await rmdir(directory).catch(() => undefined);
    return null;
  }
  return {
    during: async (work) => {
      await enter(directory);
      try {
        return await work();
      } finally {
        await enter(top);
      }
    },
    takeIn: async (group) => {
      // With cgroup v1 a group for the processor is inherited, and the lab's own is none of those.
      if (old !== undefined) return;
      await writeFile(join(top, dirname(group), "cgroup.subtree_control"), "+cpu");
      for (const each of [dirname(group), group]) await writeFile(join(top, each, setting), MOST[setting]);
    },
    remove: async () => {
      // What has just ended may hold its group for a moment longer.
      const gone = () =>
        rmdir(directory).then(
          () => true,
          () => null,
        );
      await poll(gone, { everyMs: 50, forMs: 5_000 });
    },
  };
};

const enter = (directory: string): Promise<void> =>
  writeFile(join(directory, "cgroup.procs"), String(process.pid));
