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
  if (statSync(directory, { throwIfNoEntry: false }) === undefined) return [];
  const literal = pattern.replace(/^.*\//, "").replace(/[.+^${}()|\\]/g, "\\$&");
  const expression = new RegExp(`^${literal.replaceAll("*", ".*").replaceAll("?", ".")}$`);
  return readdirSync(directory)
    .filter((name) => expression.test(name) && !name.startsWith("."))
    .map((name) => `${directory}/${name}`)
    .filter((path) => statSync(path).isFile())
    .sort();
};
