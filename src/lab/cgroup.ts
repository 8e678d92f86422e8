import { mkdir, readdir, readFile, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { LbplayError } from "../core/error.ts";
import { quote } from "../core/shell.ts";
import { must, poll, run } from "./command.ts";

/** Where the kernel's process groups are mounted, as far as systemd in a node uses them. */
export interface Hierarchies {
  /** cgroup2's mount point: groups there can be frozen and killed. */
  readonly unified: string;
  /** Every mount point in which a node needs a group of its own; `unified` is among them. */
  readonly all: readonly string[];
}

/** The hierarchies of a `/proc/self/mounts`; null without cgroup2. */
export const parseHierarchies = (mounts: string): Hierarchies | null => {
  const points = mounts.split("\n").flatMap((line) => {
    const [, point, type, options] = line.split(" ");
    if (point === undefined || options === undefined) return [];
    if (type === "cgroup2") return [{ unified: true, point }];
    return type === "cgroup" && options.split(",").includes("name=systemd")
      ? [{ unified: false, point }]
      : [];
  });
  const unified = points.find((found) => found.unified);
  return unified === undefined ? null : { unified: unified.point, all: points.map(({ point }) => point) };
};

/** The host's hierarchies; E_LAB_CGROUP without cgroup2. */
export const hierarchies = async (): Promise<Hierarchies> => {
  const found = parseHierarchies(await readFile("/proc/self/mounts", "utf8"));
  if (found !== null) return found;
  throw new LbplayError({
    code: "E_LAB_CGROUP",
    message: "no cgroup2 hierarchy is mounted, so nodes could neither boot nor be frozen",
    hint: "mkdir -p /sys/fs/cgroup/unified && mount -t cgroup2 cgroup2 /sys/fs/cgroup/unified",
  });
};

/**
 * Starts a program that outlives us, in a group of its own: whatever happens to us, the group says what we started.
 * Its output goes to a file.
 */
export const launch = async (
  at: Hierarchies,
  program: {
    readonly group: string;
    readonly words: readonly string[];
    /** A file for its standard input. */
    readonly input: string;
    readonly log: string;
  },
): Promise<void> => {
  const enter = await entering(at, program.group);
  const words = program.words.map(quote).join(" ");
  await must([
    "sh",
    "-c",
    `( cd / && ${enter} && exec setsid ${words} ) <${quote(program.input)} >${quote(program.log)} 2>&1 &`,
  ]);
};

/** Makes a group, and gives the shell commands by which a process enters it. */
export const entering = async (at: Hierarchies, group: string): Promise<string> => {
  const directories = at.all.map((point) => join(point, group));
  for (const directory of directories) await mkdir(directory, { recursive: true });
  return directories.map((directory) => `echo 0 > ${quote(`${directory}/cgroup.procs`)}`).join(" && ");
};

/** The directories of a group and all below it, deepest last; empty when there is none. */
const tree = async (directory: string): Promise<readonly string[]> => {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => null);
  if (entries === null) return [];
  const below = entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => tree(join(directory, entry.name)));
  return [directory, ...(await Promise.all(below)).flat()];
};

/** The processes of a group and all below it, as the host numbers them. */
export const groupProcesses = async (at: Hierarchies, group: string): Promise<readonly number[]> => {
  const found = new Set<number>();
  for (const point of at.all) {
    for (const directory of await tree(join(point, group))) {
      const text = await readFile(join(directory, "cgroup.procs"), "utf8").catch(() => "");
      for (const pid of text.split("\n")) if (pid !== "" && pid !== "0") found.add(Number(pid));
    }
  }
  return [...found];
};

/** Stops every process of a group where it stands, or lets all go on; waits until it is so. */
export const setFrozen = async (at: Hierarchies, group: string, frozen: boolean): Promise<void> => {
  const directory = join(at.unified, group);
  const wanted = `frozen ${frozen ? 1 : 0}`;
  await writeFile(join(directory, "cgroup.freeze"), frozen ? "1" : "0");
  const events = async (): Promise<true | null> =>
    (await readFile(join(directory, "cgroup.events"), "utf8")).includes(wanted) ? true : null;
  if ((await poll(events, { everyMs: 10, forMs: 5_000 })) === null) {
    throw new LbplayError({
      code: "E_LAB_CGROUP",
      message: `the group ${directory} does not become '${wanted}'`,
    });
  }
};

/** Whether a group is frozen; null when there is no such group. */
export const isFrozen = async (at: Hierarchies, group: string): Promise<boolean | null> => {
  const text = await readFile(join(at.unified, group, "cgroup.events"), "utf8").catch(() => null);
  return text === null ? null : text.includes("frozen 1");
};

/** Ends every process of a group at once and removes the group; no such group is fine. */
export const killGroup = async (at: Hierarchies, group: string): Promise<void> => {
  const gone = async (): Promise<true | null> => {
    const pids = await groupProcesses(at, group);
    if (pids.length === 0) return true;
    await writeFile(join(at.unified, group, "cgroup.freeze"), "0").catch(() => undefined);
    await run(["kill", "-KILL", ...pids.map(String)]);
    return null;
  };
  // Kernels before 5.14 have no cgroup.kill; there the signals above do it.
  await writeFile(join(at.unified, group, "cgroup.kill"), "1", { flag: "r+" }).catch(() => undefined);
  if ((await poll(gone, { everyMs: 20, forMs: 20_000 })) === null) {
    throw new LbplayError({ code: "E_LAB_CGROUP", message: `processes of the group ${group} do not end` });
  }
  await removeGroup(at, group);
};

const removeGroup = async (at: Hierarchies, group: string): Promise<void> => {
  for (const point of at.all) {
    for (const directory of (await tree(join(point, group))).toReversed()) {
      // A process that has just ended may hold its group for a moment longer.
      const removed = await poll(
        () =>
          rmdir(directory).then(
            () => true,
            (error: NodeJS.ErrnoException) => (error.code === "ENOENT" ? true : null),
          ),
        { everyMs: 20, forMs: 2_000 },
      );
      if (removed === null)
        throw new LbplayError({ code: "E_LAB_CGROUP", message: `${directory} cannot be removed` });
    }
  }
};

/** Removes groups that hold no others any more, such as the one above all labs. */
export const removeEmptyGroup = async (at: Hierarchies, group: string): Promise<void> => {
  for (const point of at.all) await rmdir(join(point, group)).catch(() => undefined);
};
