import { lstatSync, readdirSync, realpathSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { HostFiles } from "../jinja/environment.ts";

/** The controller's files as Jinja2 tests and filters (`exists`, `fileglob`, `realpath`) see them. */
export const controllerHostFiles = (
  cwd: string,
  environment: Readonly<Record<string, string | undefined>>,
): HostFiles => ({
  kindOf: (path, followLinks) => {
    const options = { throwIfNoEntry: false } as const;
    const status = followLinks
      ? statSync(resolve(cwd, path), options)
      : lstatSync(resolve(cwd, path), options);
    if (status === undefined) return null;
    if (status.isSymbolicLink()) return "link";
    return status.isFile() ? "file" : status.isDirectory() ? "directory" : "other";
  },
  realPath: (path) => realpathSync(resolve(cwd, path)),
  home: () => environment.HOME ?? "/",
  workingDirectory: () => cwd,
  glob: (pattern) => globFiles(resolve(cwd, pattern)),
});

/** Regular files that match a shell pattern in the last part of a path. */
export const globFiles = (pattern: string): readonly string[] => {
  const directory = dirname(pattern);
  if (statSync(directory, { throwIfNoEntry: false })?.isDirectory() !== true) return [];
  const expression = new RegExp(`^${pattern.replace(/^.*\//, "").replace(GLOB_PARTS, globPart)}$`, "s");
  return readdirSync(directory)
    .filter((name) => expression.test(name) && !name.startsWith("."))
    .map((name) => `${directory}/${name}`)
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true)
    .sort();
};

/** `*`, `?`, sets of characters, and what would mean something to a regular expression but not to a shell. */
const GLOB_PARTS = /\*|\?|\[!?\]?[^\]/]*\]|[\\^$.|+(){}[\]]/g;

const globPart = (part: string): string => {
  if (part === "*") return ".*";
  if (part === "?") return ".";
  if (part.length === 1) return `\\${part}`;
  const inner = part.slice(1, -1).replace(/[\\\]^[]/g, "\\$&");
  return inner.startsWith("!") ? `[^${inner.slice(1)}]` : `[${inner}]`;
};
