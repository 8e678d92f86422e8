import { basename, isAbsolute, join, resolve } from "node:path";
import type { Place } from "../core/error.ts";
import { suggest } from "../core/suggest.ts";
import { collectionDirectories } from "./collections.ts";
import { requirementHint } from "./requirements.ts";
import { fault, type Scope, type Session } from "./session.ts";

/** A role that is there. */
export interface FoundRole {
  readonly name: string;
  readonly path: string;
}

/** The role of a name: in collections, beside the play, in roles_path, beside the role that asks for it. */
export const findRole = (session: Session, scope: Scope, name: string): FoundRole | null => {
  const { files } = session;
  const fromCollection = collectionCandidates(session, scope, name).find(({ path }) =>
    files.isDirectory(path),
  );
  if (fromCollection !== undefined) return fromCollection;
  for (const directory of roleDirectories(session, scope)) {
    const path = resolve(directory, name);
    if (files.isDirectory(path)) return { name: name.includes("/") ? basename(name) : name, path };
  }
  const direct = resolve(files.cwd, name);
  return (name.includes("/") || isAbsolute(name)) && files.isDirectory(direct)
    ? { name: basename(name), path: direct }
    : null;
};

/** Where roles are looked for: beside the play, roles_path, the directory of the role that asks, the playbook's. */
const roleDirectories = (session: Session, scope: Scope): readonly string[] => [
  ...new Set([
    join(scope.play.directory, "roles"),
    join(session.playbookDir, "roles"),
    ...(scope.role === null ? [] : [resolve(scope.role.path, "..")]),
    scope.play.directory,
    session.playbookDir,
    ...session.rolesPath,
  ]),
];

const collectionCandidates = (session: Session, scope: Scope, name: string): readonly FoundRole[] => {
  const [namespace, collection, role, ...more] = name.split(".");
  const homes = [join(scope.play.directory, "collections"), ...session.collectionsPath];
  const inCollection = (owner: string, short: string): readonly FoundRole[] =>
    collectionDirectories(homes, owner).map((directory) => ({
      name: `${owner}.${short}`,
      path: join(directory, "roles", short),
    }));
  if (namespace !== undefined && collection !== undefined && role !== undefined && more.length === 0)
    return inCollection(`${namespace}.${collection}`, role);
  return name.includes(".") ? [] : scope.keywords.collections.flatMap((owner) => inCollection(owner, name));
};

/** Says that there is no such role, and which may have been meant. */
export const missingRole = (
  session: Session,
  scope: Scope,
  use: { readonly name: string; readonly at: Place },
): void => {
  const directories = roleDirectories(session, scope).filter((directory) =>
    session.files.isDirectory(directory),
  );
  const names = directories.flatMap((directory) =>
    session.files.disk
      .names(directory)
      .filter((name) => session.files.isDirectory(join(directory, name, "tasks"))),
  );
  const near = suggest(use.name, names);
  const looked = roleDirectories(session, scope)
    .slice(0, 3)
    .map((directory) => session.files.shown(directory))
    .join(", ");
  fault(
    session,
    "E_UNKNOWN_ROLE",
    `there is no role "${use.name}"`,
    use.at,
    requirementHint(session, scope.play.directory, use.name) ??
      (near === null ? `looked in ${looked}` : `did you mean ${near}?`),
  );
};
