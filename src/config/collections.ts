import { join } from "node:path";
import type { Files } from "./files.ts";

/** The collection (`ns.name`) that a path is in; null where it is in none. */
export const collectionOf = (path: string): string | null => {
  const [, namespace, name] = /\/ansible_collections\/([^/]+)\/([^/]+)(?:\/|$)/.exec(path) ?? [];
  return namespace === undefined || name === undefined ? null : `${namespace}.${name}`;
};

/** The directory of a collection below each directory that holds `ansible_collections`. */
export const collectionDirectories = (homes: readonly string[], collection: string): readonly string[] =>
  homes.map((home) => join(home, "ansible_collections", ...collection.split(".")));

/** The file of a playbook called `ns.collection.name` or `ns.collection.directory.name`; null where there is none. */
export const collectionPlaybook = (homes: readonly string[], name: string, files: Files): string | null => {
  const [namespace, collection, ...rest] = name.split(".");
  if (!/^\w+(?:\.\w+){2,}$/.test(name) || namespace === undefined || collection === undefined) return null;
  const base = join("playbooks", ...rest);
  const found = collectionDirectories(homes, `${namespace}.${collection}`).flatMap((directory) =>
    [".yml", ".yaml", ".json"].map((extension) => join(directory, base + extension)),
  );
  return found.find(files.isFile) ?? null;
};
