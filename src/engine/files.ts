import { readdirSync, statSync } from "node:fs";
import { isAbsolute, join, relative, resolve } from "node:path";
import { LbplayError, type Place } from "../core/error.ts";
import type { Loader, RoleInstance } from "../core/play.ts";
import type { InputEntry } from "../core/task.ts";

/** Finds and reads the controller's files for tasks: roles' `files/` and `templates/`, then the playbook's. */
export interface ControllerFiles {
  /** The path of a file that a task names. Throws LbplayError E_NO_FILE with all the places looked at. */
  readonly find: (kind: "files" | "templates" | "vars" | "tasks", name: string, from: FileOrigin) => string;
  /** The first of several that exists; null for none. */
  /** A file's bytes, decrypted where it is a vault. Throws LbplayErrors. */
  readonly read: (path: string) => Buffer;
  readonly findFirst: (
    kind: "files" | "templates" | "vars",
    names: readonly string[],
    from: FileOrigin,
  ) => string | null;
}

/** The task that names a file. */
export interface FileOrigin {
  readonly role: RoleInstance | null;
  readonly at: Place;
}

/** A finder on a loader's search path. */
export const createControllerFiles = (loader: Loader, cwd: string): ControllerFiles => {
  const candidates = (
    kind: "files" | "templates" | "vars" | "tasks",
    name: string,
    from: FileOrigin,
  ): readonly string[] =>
    isAbsolute(name)
      ? [name]
      : loader.searchPath(kind, from.role, from.at).map((directory) => resolve(cwd, directory, name));
  return {
    find: (kind, name, from) => {
      const looked = candidates(kind, name, from);
      const found = looked.find(exists);
      if (found !== undefined) return found;
      throw new LbplayError({
        code: "E_NO_FILE",
        message: `there is no file ${name}`,
        at: from.at,
        hint: `looked for ${looked.map((path) => relative(cwd, path)).join(", ")}`,
      });
    },
    read: loader.readFile,
    findFirst: (kind, names, from) =>
      names.flatMap((name) => candidates(kind, name, from)).find(exists) ?? null,
  };
};

const exists = (path: string): boolean => statSync(path, { throwIfNoEntry: false }) !== undefined;

/** A directory with all that is in it, paths relative to it, in a stable order. */
export const readTree = (directory: string, read: ControllerFiles["read"]): readonly InputEntry[] => {
  const visit = (at: string): readonly InputEntry[] =>
    readdirSync(at, { withFileTypes: true })
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .flatMap((entry) => {
        const path = join(at, entry.name);
        const status = statSync(path);
        const own = { path: relative(directory, path), mode: status.mode & 0o7777 };
        return status.isDirectory()
          ? [{ ...own, content: null }, ...visit(path)]
          : [{ ...own, content: read(path) }];
      });
  return visit(directory);
};
