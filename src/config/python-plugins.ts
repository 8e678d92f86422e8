import { dirname, join, resolve } from "node:path";
import { LbplayError } from "../core/error.ts";
import { collectionDirectories } from "./collections.ts";
import { type Disk, disk } from "./disk.ts";

/** Where Python that comes with a role, a playbook or a collection is looked for. */
export interface PythonSearch {
  readonly cwd: string;
  readonly playbookDir: string;
  readonly collectionsPath: readonly string[];
  /** A path as the user would type it. */
  readonly shown: (path: string) => string;
  readonly disk?: Disk;
}

/** For each mistake that such a file may explain: what it is called, and the directories that hold such files. */
const KINDS: Readonly<
  Record<
    string,
    { readonly what: string; readonly own: readonly string[]; readonly collection: readonly string[] }
  >
> = {
  E_UNKNOWN_MODULE: {
    what: "module",
    own: ["library", "action_plugins"],
    collection: ["plugins/modules", "plugins/action"],
  },
  E_UNKNOWN_FILTER: { what: "filter", own: ["filter_plugins"], collection: ["plugins/filter"] },
  E_UNKNOWN_TEST: { what: "test", own: ["test_plugins"], collection: ["plugins/test"] },
  E_UNKNOWN_LOOKUP: { what: "lookup", own: ["lookup_plugins"], collection: ["plugins/lookup"] },
};

/** A mistake about a name that nobody knows; where a file in Python defines it, the error names that file instead. */
export const withPythonFile = (error: LbplayError, search: PythonSearch): LbplayError => {
  const kind = KINDS[error.code];
  const name = /["']([\w.]+)["']/.exec(error.message)?.[1];
  if (kind === undefined || name === undefined) return error;
  const from = search.disk ?? disk;
  const path = directoriesOf(error, name, search)
    .flatMap(({ base, inCollection }) =>
      (inCollection ? kind.collection : kind.own).map((directory) => join(base, directory)),
    )
    .map((directory) => fileIn(directory, name.split(".").at(-1) ?? name, kind.what, from))
    .find((found) => found !== null);
  if (path === undefined || path === null) return error;
  return new LbplayError({
    code: "E_PYTHON",
    message: `the ${kind.what} "${name}" is written in Python (${search.shown(path)}), which lbplay does not run`,
    at: error.at,
    hint:
      kind.what === "module"
        ? "say it with modules that there are (lbplay doc), or with command or script"
        : "say it with filters, tests and lookups that there are, or set the value with set_fact",
  });
};

interface Base {
  readonly base: string;
  readonly inCollection: boolean;
}

/** The role (or whatever else holds the file with the mistake), the playbook's directory, and collections. */
const directoriesOf = (
  { at }: LbplayError,
  name: string,
  { cwd, playbookDir, collectionsPath }: PythonSearch,
): readonly Base[] => {
  const file = at === null ? join(playbookDir, "x") : resolve(cwd, at.source.path);
  const above = [dirname(file), dirname(dirname(file)), dirname(dirname(dirname(file))), playbookDir];
  const [namespace, collection, ...rest] = name.split(".");
  const owner = rest.length > 0 ? `${namespace}.${collection}` : null;
  const own = /^(.*\/ansible_collections\/[^/]+\/[^/]+)\//.exec(file)?.[1];
  return [
    ...[...new Set(above)].map((base) => ({ base, inCollection: false })),
    ...(own === undefined ? [] : [{ base: own, inCollection: true }]),
    ...(owner === null
      ? []
      : collectionDirectories(collectionsPath, owner).map((base) => ({ base, inCollection: true }))),
  ];
};

/** Modules and lookups are called like their files; a file of filters or tests may define many. */
const fileIn = (directory: string, name: string, what: string, from: Disk): string | null => {
  if (from.status(directory) !== "directory") return null;
  const direct = join(directory, `${name}.py`);
  if (from.status(direct) === "file") return direct;
  if (what === "module" || what === "lookup") return null;
  const defines = new RegExp(`["']${name}["']\\s*:`);
  const found = [...from.names(directory)]
    .filter((file) => file.endsWith(".py"))
    .sort()
    .find((file) => defines.test(from.bytes(join(directory, file)).toString("utf8")));
  return found === undefined ? null : join(directory, found);
};
