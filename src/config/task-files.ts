import { dirname, isAbsolute, join } from "node:path";
import type { Place } from "../core/error.ts";
import type { Step } from "../core/play.ts";
import { fault, type Scope, type Session } from "./session.ts";

/** The steps of a task file that is found; a file that imports itself is a mistake. */
export const readTaskFile = (session: Session, scope: Scope, path: string, at: Place): readonly Step[] => {
  if (scope.stack.includes(path)) {
    fault(
      session,
      "E_IMPORT_LOOP",
      `${session.files.shown(path)} imports itself`,
      at,
      "use include_tasks with a condition",
    );
    return [];
  }
  const node = session.files.yaml(path, at);
  return session.readSteps(
    node,
    { ...scope, file: path, stack: [...scope.stack, path] },
    session.files.shown(path),
  );
};

/** A task file as Ansible looks for it: beside the including file, in the role, beside the playbook. */
export const findTaskFile = (session: Session, scope: Scope, file: string): string | null =>
  taskFileCandidates(session, scope, file).find((path) => session.files.isFile(path)) ?? null;

const taskFileCandidates = (session: Session, scope: Scope, file: string): readonly string[] => {
  if (isAbsolute(file)) return [file];
  const folder = scope.handlers ? "handlers" : "tasks";
  const role =
    scope.role === null
      ? []
      : [
          join(scope.role.path, folder, file),
          join(scope.role.path, "tasks", file),
          join(scope.role.path, file),
        ];
  const directories = [...new Set([scope.play.directory, session.playbookDir])];
  return [
    join(dirname(scope.file), file),
    ...role,
    ...directories.flatMap((dir) => [join(dir, file), join(dir, folder, file)]),
  ];
};

/** Says where a task file was looked for. */
export const missingTaskFile = (session: Session, scope: Scope, file: string, at: Place): void => {
  const tried = [
    ...new Set(taskFileCandidates(session, scope, file).map((path) => session.files.shown(path))),
  ];
  const hint = `looked for ${tried.slice(0, 4).join(", ")}`;
  fault(session, "E_MISSING_FILE", `there is no task file ${file}`, at, hint);
};
