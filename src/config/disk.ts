import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";

/** What is at a path; null where nothing is. */
export type Status = "file" | "directory" | "other" | null;

/** The controller's files as a load sees them. */
export interface Disk {
  readonly status: (path: string) => Status;
  /** The names in a directory, in the order of the file system; throws as readdirSync does. */
  readonly names: (directory: string) => readonly string[];
  /** A file's bytes; throws as readFileSync does. */
  readonly bytes: (path: string) => Buffer;
  /** Says that something was found out in another way than by looking at files: what was found is no measure for later. */
  readonly bypassed: () => void;
}

type Question = "status" | "names" | "bytes";

/** One thing that was looked at, and a digest of what was found there. */
export type Look = readonly [what: Question, path: string, found: string];

/** A disk that remembers what it was asked. */
export interface WatchedDisk extends Disk {
  /** Everything that was looked at so far; null where that is not all that was found out. */
  readonly looks: () => readonly Look[] | null;
  /** From here on every question goes to the disk again, and none is remembered. */
  readonly release: () => void;
}

/** The disk itself. */
export const disk: Disk = {
  status: (path) => {
    try {
      const stats = statSync(path, { throwIfNoEntry: false });
      if (stats === undefined) return null;
      return stats.isFile() ? "file" : stats.isDirectory() ? "directory" : "other";
    } catch (error) {
      // What should be a directory on the way is none.
      if (error instanceof Error && "code" in error && error.code === "ENOTDIR") return null;
      throw error;
    }
  },
  names: (directory) => readdirSync(directory),
  bytes: (path) => readFileSync(path),
  bypassed: () => undefined,
};

/** A disk that is asked each thing once until it is released, so that a load sees one state of its files. */
export const watchDisk = (): WatchedDisk => {
  const answers = { status: new Map(), names: new Map(), bytes: new Map() } as {
    readonly [What in Question]: Map<string, ReturnType<Disk[What]>>;
  };
  let watching = true;
  let complete = true;
  const asked =
    <What extends Question>(what: What) =>
    (path: string): ReturnType<Disk[What]> => {
      const ask = disk[what] as (path: string) => ReturnType<Disk[What]>;
      if (!watching) return ask(path);
      const known = answers[what];
      const before = known.get(path);
      if (before !== undefined) return before;
      const answer = ask(path);
      known.set(path, answer);
      return answer;
    };
  return {
    status: asked("status"),
    names: asked("names"),
    bytes: asked("bytes"),
    bypassed: () => {
      complete = false;
    },
    looks: () =>
      !complete
        ? null
        : [
            ...[...answers.status].map(([path, found]): Look => ["status", path, digestOf(found)]),
            ...[...answers.names].map(([path, found]): Look => ["names", path, digestOf(found)]),
            ...[...answers.bytes].map(([path, found]): Look => ["bytes", path, digestOf(found)]),
          ],
    release: () => {
      watching = false;
      for (const known of Object.values(answers)) known.clear();
    },
  };
};

/** Whether a disk has what was found by these looks. */
export const isAsBefore = (looks: readonly Look[], now: Disk): boolean => {
  try {
    return looks.every(([what, path, found]) => digestOf(now[what](path)) === found);
  } catch {
    return false;
  }
};

/** Names are compared sorted: two listings of an unchanged directory may differ in their order. */
const digestOf = (found: Status | readonly string[] | Buffer): string => {
  if (found === null) return "nothing";
  if (typeof found === "string") return found;
  const hash = createHash("sha256");
  return (Buffer.isBuffer(found) ? hash.update(found) : hash.update([...found].sort().join("\0"))).digest(
    "base64",
  );
};
