import { dirname, isAbsolute, join, resolve } from "node:path";
import { LbplayErrors, type Place } from "../core/error.ts";
import type { IncludeStep, Loader, RoleInstance } from "../core/play.ts";
import { readRole } from "./roles.ts";
import type { PlayScope, Scope, Session } from "./session.ts";
import { findTaskFile, missingTaskFile, readTaskFile } from "./task-files.ts";
import { readVarsFile } from "./vars-files.ts";
import { isVaultText } from "./vault.ts";

/** The files of dynamic includes, read when a host gets there (and before, by the checks, where their names are literal). */
export const createLoader = (session: Session): Loader => {
  const searchPath: Loader["searchPath"] = (kind, role, at) => searchDirectories(session, kind, role, at);
  return {
    searchPath,
    includeTasks: (file, parent) =>
      collected(session, () => {
        const scope = scopeOf(session, parent);
        const at = parent.argPlace(["file"]);
        const path = findTaskFile(session, scope, file);
        if (path !== null) return readTaskFile(session, { ...scope, stack: [] }, path, at);
        missingTaskFile(session, scope, file, at);
        return [];
      }),
    includeRole: (role, parent) =>
      collected(session, () => {
        const scope = scopeOf(session, parent);
        const play: PlayScope = { ...scope.play, roles: [], handlers: [] };
        const request = {
          name: role.name,
          at: parent.argPlace(["name"]),
          params: new Map(),
          vars: new Map(),
          own: {},
          tasksFrom: role.tasksFrom,
          varsFrom: role.varsFrom,
          defaultsFrom: role.defaultsFrom,
          handlersFrom: role.handlersFrom,
          repeats: true,
          validates: role.validates,
        };
        const loaded = readRole(session, { ...scope, play }, request, parent.role);
        if (loaded === null) throw new LbplayErrors(session.files.faults.splice(0));
        return loaded;
      }),
    loadVars: (file) =>
      collected(session, () => {
        const candidates = isAbsolute(file)
          ? [file]
          : [
              join(session.playbookDir, "vars", file),
              join(session.playbookDir, file),
              resolve(session.files.cwd, file),
            ];
        const path = candidates.find((candidate) => session.files.isFile(candidate)) ?? candidates[0] ?? file;
        return readVarsFile(session.files, path, null);
      }),
    readFile: (path) =>
      collected(session, () => {
        const bytes = session.files.disk.bytes(path);
        if (!isVaultText(bytes.toString("latin1", 0, 64))) return bytes;
        return Buffer.from(session.files.text(path, null)?.text ?? "");
      }),
  };
};

/** Runs a reading and throws its mistakes together. */
const collected = <T>(session: Session, read: () => T): T => {
  const result = read();
  if (session.files.faults.length > 0) throw new LbplayErrors(session.files.faults.splice(0));
  return result;
};

const scopeOf = (session: Session, parent: IncludeStep): Scope => {
  const file = resolve(session.files.cwd, parent.at.source.path);
  const play = session.playOf.get(parent.inherited) ?? {
    directory: session.playbookDir,
    vars: new Map(),
    roles: [],
    handlers: [],
  };
  return { play, keywords: parent.inherited, role: parent.role, file, handlers: parent.handler, stack: [] };
};

const searchDirectories = (
  session: Session,
  kind: "files" | "templates" | "vars" | "tasks",
  role: RoleInstance | null,
  at: Place,
): readonly string[] => {
  const found: string[] = [];
  for (let owner = role; owner !== null; owner = owner.parent) found.push(join(owner.path, kind), owner.path);
  const here = dirname(resolve(session.files.cwd, at.source.path));
  found.push(join(here, kind), here, join(session.playbookDir, kind), session.playbookDir);
  return [...new Set(found)];
};
