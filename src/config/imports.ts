import type { Place } from "../core/error.ts";
import type { RoleInstance, Step } from "../core/play.ts";
import { suggest } from "../core/suggest.ts";
import { isTemplate, type Source, type Value } from "../core/value.ts";
import { inherit } from "./keywords.ts";
import { type RoleUseRequest, readRole } from "./roles.ts";
import { fault, type Scope, type Session } from "./session.ts";
import { argumentOf, isSwitchedOff, type SpecialTask } from "./special.ts";
import { findTaskFile, missingTaskFile, readTaskFile } from "./task-files.ts";

/** import_tasks: the file's steps in its place, with its keywords on each of them. */
export const importTasks = (task: SpecialTask): readonly Step[] => {
  const { session, scope, action } = task;
  refuseLoop(task);
  const at = action.argPlace(["file"]);
  const file = staticText(
    session,
    scope,
    argumentOf(action.args, ["_raw_params", "file"]),
    at,
    action.module,
  );
  if (file === null) return [];
  const path = findTaskFile(session, scope, file);
  if (path === null) {
    missingTaskFile(session, scope, file, at);
    return [];
  }
  return readTaskFile(session, { ...scope, keywords: inherit(scope.keywords, ownOf(task)) }, path, at);
};

/** import_role: the role's steps in its place; its variables and handlers are seen by the whole play. */
export const importRole = (task: SpecialTask): readonly Step[] => {
  const { session, scope, action } = task;
  refuseLoop(task);
  if (scope.handlers) {
    fault(session, "E_UNSUPPORTED", "import_role cannot be a handler", action.moduleAt);
    return [];
  }
  const at = action.argPlace(["name"]);
  const text = (name: string): string | null => {
    const value = argumentOf(action.args, [name]);
    return value === undefined
      ? null
      : staticText(session, scope, value, action.argPlace([name]), action.module);
  };
  const name = staticText(
    session,
    scope,
    argumentOf(action.args, ["name", "role", "_raw_params"]),
    at,
    action.module,
  );
  if (name === null) return [];
  checkRoleArguments(task);
  const own = ownOf(task);
  const validate = argumentOf(action.args, ["rolespec_validate"]);
  const request: RoleUseRequest = {
    name,
    at,
    params: new Map(),
    vars: own.vars?.[0] ?? new Map(),
    own,
    tasksFrom: text("tasks_from"),
    varsFrom: text("vars_from"),
    defaultsFrom: text("defaults_from"),
    handlersFrom: text("handlers_from"),
    repeats: argumentOf(action.args, ["allow_duplicates"]) !== false,
    validates: !isSwitchedOff(isTemplate(validate) ? text("rolespec_validate") : validate),
  };
  return readRole(session, scope, request, scope.role)?.steps ?? [];
};

const ROLE_ARGUMENTS = [
  "name",
  "role",
  "tasks_from",
  "vars_from",
  "defaults_from",
  "handlers_from",
  "allow_duplicates",
  "rolespec_validate",
  "_raw_params",
];

const checkRoleArguments = ({ session, action }: SpecialTask): void => {
  if (!(action.args instanceof Map)) return;
  const args: ReadonlyMap<Value, Source> = action.args;
  for (const key of args.keys()) {
    const name = String(key);
    if (ROLE_ARGUMENTS.includes(name)) continue;
    const near = suggest(name, ROLE_ARGUMENTS);
    const hint = near === null ? null : `did you mean ${near}?`;
    fault(session, "E_UNKNOWN_KEY", `import_role has no argument "${name}"`, action.argPlace([name]), hint);
  }
};

/** The keywords that an import hands on; its own name and place vanish with it. */
const ownOf = ({ own }: SpecialTask): SpecialTask["own"] => {
  const { register: _register, loop: _loop, ...handed } = own;
  return handed;
};

const refuseLoop = ({ session, action, own }: SpecialTask): void => {
  if (own.loop === undefined || own.loop === null) return;
  const dynamic = action.module.replace("import_", "include_");
  fault(session, "E_CONFLICTING_LOOPS", `${action.module} cannot loop`, own.loop.at, `use ${dynamic}`);
};

/** A text that must be known before the run: a literal, or a template of variables known already. */
const staticText = (
  session: Session,
  scope: Scope,
  source: Source | undefined,
  at: Place,
  module: string,
): string | null => {
  if (typeof source === "string" && source.trim() !== "") return source.trim();
  if (typeof source === "number") return String(source);
  if (!isTemplate(source)) {
    fault(session, "E_MISSING_PARAMETER", `${module} needs a file or a name`, at);
    return null;
  }
  const layers = [
    scope.play.vars,
    ...scope.keywords.vars,
    ...(scope.role === null ? [] : roleVars(scope.role)),
  ];
  const vars = new Map(layers.flatMap((layer) => [...layer]));
  const rendered = session.renderStatic(source, vars);
  if (rendered === null)
    fault(
      session,
      "E_STATIC_IMPORT",
      `${module} is unfolded before the run, when this template has no value yet`,
      at,
      `use ${module.replace("import_", "include_")}`,
    );
  return rendered;
};

const roleVars = (role: RoleInstance) => [role.defaults, role.vars, role.params];
