import { createHash, randomBytes } from "node:crypto";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { Look } from "../config/disk.ts";
import type { TreeStore } from "../config/files.ts";
import type { Io } from "./io.ts";

/** What earlier loads have found out. It saves time and nothing else: what is missing or broken is found out anew. */
export interface LoadCache {
  readonly trees: TreeStore;
  /** The files and directories with which a request was found right, by everything else that it depends on. */
  readonly right: {
    readonly find: (request: unknown) => readonly Look[] | null;
    readonly keep: (request: unknown, looks: readonly Look[]) => void;
  };
}

/**
 * The cache in the user's cache directory; null where there is none: LBPLAY_CACHE=off, a home that cannot be written to, a
 * directory that others have access to, and a program that was not built. What another build has kept is not used.
 */
export const openLoadCache = (io: Pick<Io, "env" | "uid">, build = buildId()): LoadCache | null => {
  const home = io.env.XDG_CACHE_HOME || (io.env.HOME ? join(io.env.HOME, ".cache") : "");
  if (build === null || home === "" || io.env.LBPLAY_CACHE === "off") return null;
  const base = join(home, "lbplay");
  const directory = join(base, build);
  if (!attempt(() => isPrivate(directory, io.uid) || create([home, base, directory]))) return null;
  if (!isPrivate(base, io.uid) || !isPrivate(directory, io.uid)) return null;
  const read = (kind: string, key: string): string | null => {
    try {
      return readFileSync(join(directory, `${kind}-${key}`), "utf8");
    } catch {
      return null;
    }
  };
  return {
    trees: {
      find: (text) => read("tree", digest(text)),
      keep: (text, packed) => put(directory, `tree-${digest(text)}`, packed),
    },
    right: {
      find: (request) => {
        const text = read("right", digest(JSON.stringify(request)));
        return text === null ? null : looksOf(text);
      },
      keep: (request, looks) => {
        attempt(() => tidy(directory));
        put(directory, `right-${digest(JSON.stringify(request))}`, JSON.stringify(looks));
      },
    },
  };
};

/** Names the build that this program belongs to: another one may read playbooks in another way. */
const buildId = (): string | null => {
  try {
    return readFileSync(new URL("build-id", import.meta.url), "utf8").trim();
  } catch {
    return null;
  }
};

const looksOf = (text: string): readonly Look[] | null => {
  try {
    return JSON.parse(text) as readonly Look[]; // nobody else writes here
  } catch {
    return null;
  }
};

const digest = (text: string): string => createHash("sha256").update(text).digest("hex");

/** Nobody else may write what is taken for a playbook, or read what stands in one. */
const isPrivate = (directory: string, uid: number | null): boolean => {
  const stats = lstatSync(directory, { throwIfNoEntry: false });
  return stats?.isDirectory() === true && stats.uid === uid && (stats.mode & 0o077) === 0;
};

const DAY_MS = 86_400_000;

/** Makes the directories, each in the one before; what builds of long ago have kept goes. */
const create = (directories: readonly string[]): void => {
  for (const directory of directories) if (!existsSync(directory)) mkdirSync(directory, { mode: 0o700 });
  const base = directories.at(-2) ?? "";
  for (const name of readdirSync(base))
    if (isOlderThan(join(base, name), 30)) rmSync(join(base, name), { recursive: true, force: true });
};

const isOlderThan = (path: string, days: number): boolean =>
  statSync(path).mtimeMs < Date.now() - days * DAY_MS;

/** Entries that a directory may have: a large site has some hundred files. */
const MOST = 4000;

const tidy = (directory: string): void => {
  const names = readdirSync(directory);
  if (names.length < MOST) return;
  for (const name of names)
    if (isOlderThan(join(directory, name), 1)) rmSync(join(directory, name), { force: true });
};

const put = (directory: string, name: string, text: string): void => {
  const fresh = join(directory, `${name}.${randomBytes(6).toString("hex")}`);
  attempt(() => {
    writeFileSync(fresh, text, { mode: 0o600, flag: "wx" });
    renameSync(fresh, join(directory, name));
  });
};

/** A cache that cannot be written to is no reason to stop. */
const attempt = (work: () => unknown): boolean => {
  try {
    work();
    return true;
  } catch {
    return false;
  }
};
