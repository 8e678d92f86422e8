import { extname, join } from "node:path";
import { LbplayError, type Place } from "../core/error.ts";
import type { SourceDict } from "../core/value.ts";
import type { Files } from "./files.ts";
import { describe } from "./node.ts";
import { mergeVars, varsOf } from "./origins.ts";

const EXTENSIONS = ["", ".yml", ".yaml", ".json"];

/** The variables that group_vars/NAME or host_vars/NAME of a directory give, from a file or a directory of files. */
export const readVarsFor = (
  files: Files,
  directory: string,
  kind: "group_vars" | "host_vars",
  name: string,
): SourceDict => {
  if (name.includes("/") || !files.isDirectory(join(directory, kind))) return new Map();
  return readVarsFiles(files, findVarsFiles(files, join(directory, kind), name, EXTENSIONS, true));
};

/**
 * The files of variables called `name` in a directory: the first of `name` with each extension that exists; where
 * that is a directory (and `allowDirectory`), all that is in it.
 */
export const findVarsFiles = (
  files: Files,
  directory: string,
  name: string,
  extensions: readonly string[],
  allowDirectory: boolean,
): readonly string[] => {
  for (const extension of extensions) {
    const path = join(directory, name + extension);
    if (files.isDirectory(path)) {
      if (allowDirectory) return filesBelow(files, path);
    } else if (files.isFile(path)) return [path];
  }
  return [];
};

const filesBelow = (files: Files, directory: string): readonly string[] =>
  files.disk
    .names(directory)
    .filter((name) => !name.startsWith(".") && !name.endsWith("~"))
    .sort((a, b) => (a < b ? -1 : 1))
    .flatMap((name) => {
      const path = join(directory, name);
      const extension = extname(name);
      if (files.isDirectory(path)) return extension === "" ? filesBelow(files, path) : [];
      return EXTENSIONS.includes(extension) ? [path] : [];
    });

/** Several files of variables as one mapping; the later wins, key by key. */
export const readVarsFiles = (
  files: Files,
  paths: readonly string[],
  read: Files["yaml"] = files.privateYaml,
): SourceDict => mergeVars(paths.map((path) => readVarsFile(files, path, null, read)));

/** The variables of one file; an empty file has none. */
export const readVarsFile = (
  files: Files,
  path: string,
  at: Place | null,
  read: Files["yaml"] = files.privateYaml,
): SourceDict => {
  const node = read(path, at);
  if (node === null) return new Map();
  if (node.kind === "map") return varsOf(node);
  files.faults.push(
    new LbplayError({
      code: "E_VARS_FILE",
      message: `expected a mapping of variables, found ${describe(node)}`,
      at: node.at,
      hint: "write `name: value`, one per line",
    }),
  );
  return new Map();
};
