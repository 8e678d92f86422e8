import { readdirSync, statSync } from "node:fs";
import { LbplayError } from "../core/error.ts";
import type { IncludeStep, TaskStep } from "../core/play.ts";
import { pythonRegExp } from "../core/python-regexp.ts";
import { defineController, type Task } from "../core/task.ts";
import type { Source, Value } from "../core/value.ts";
import type { PlayRun } from "./play-run.ts";

/** What a play calls the task that loads variables; it is a task like others, but only the engine can perform it. */
export const INCLUDE_VARS = "include_vars";

/** An include of variables as the task that it is: with loop, conditions, retries and a registered result. */
export const includeVarsStep = ({ name, at, args, argPlace, keywords, role }: IncludeStep): TaskStep => ({
  kind: "task",
  name,
  at,
  module: INCLUDE_VARS,
  moduleAt: at,
  args,
  argPlace,
  keywords,
  role,
  listen: [],
});

interface IncludeVarsParams {
  readonly file: string | null;
  readonly dir: string | null;
  readonly name: string | null;
  readonly depth: number;
  readonly files_matching: string | null;
  readonly ignore_files: readonly string[] | null;
  readonly ignore_unknown_extensions: boolean;
  readonly extensions: readonly string[];
}

/** The module include_vars for one host of a play: a file, or the YAML and JSON files of a directory; with `name` as one variable. */
export const includeVars = (step: TaskStep, host: string, run: PlayRun): Task =>
  defineController<IncludeVarsParams>({
    kind: "controller",
    name: INCLUDE_VARS,
    aliases: [`ansible.builtin.${INCLUDE_VARS}`],
    summary: "Loads variables from files of the controller.",
    freeForm: "file",
    schema: {
      type: "object",
      additionalProperties: false,
      properties: {
        file: { type: "string", description: "A file of variables." },
        dir: { type: "string", description: "A directory with files of variables." },
        name: { type: "string", description: "The one variable that takes them all." },
        depth: {
          type: "integer",
          default: 0,
          description: "How deep to look into a directory; 0 is all of it.",
        },
        files_matching: { type: "string", description: "Only files whose name this expression finds." },
        ignore_files: {
          type: "array",
          items: { type: "string" },
          description: "Names of files to leave out.",
        },
        ignore_unknown_extensions: { type: "boolean", default: false, description: "Leave out other files." },
        extensions: {
          type: "array",
          items: { type: "string" },
          default: ["yaml", "yml", "json"],
          description: "What names of files of variables end with.",
        },
      },
    },
    example: "- include_vars: versions.yml\n",
    run: (params) => {
      const files = filesOf(params, step, run);
      const merged = new Map<Value, Source>(files.flatMap((file) => [...run.context.loader.loadVars(file)]));
      const variables = run.variables.hosts.get(host);
      if (variables !== undefined) {
        if (params.name !== null) variables.included.set(params.name, merged);
        else for (const [key, value] of merged) variables.included.set(String(key), value);
        variables.generation += 1;
      }
      const values = { ansible_included_var_files: files };
      return { changed: false, failed: false, msg: null, values, facts: new Map() };
    },
  });

const filesOf = (params: IncludeVarsParams, step: TaskStep, run: PlayRun): readonly string[] => {
  if (params.dir !== null) return listed(run.files.find("vars", params.dir, step), params, 1);
  if (params.file !== null) return [run.files.find("vars", params.file, step)];
  throw new LbplayError({
    code: "E_PARAMETER",
    message: "include_vars: file or dir is missing",
    at: step.at,
  });
};

/** The files of a directory by name, those of its directories among them. Throws LbplayError for a stranger among them. */
const listed = (directory: string, params: IncludeVarsParams, level: number): readonly string[] => {
  const entries = readdirSync(directory)
    .sort()
    .map((name) => ({ name, path: `${directory}/${name}` }));
  const isDirectory = (path: string): boolean => statSync(path).isDirectory();
  const matching = params.files_matching === null ? null : pythonRegExp(params.files_matching);
  const ignored = (params.ignore_files ?? []).map((name) => pythonRegExp(`${name}$`));
  const own = entries.filter(
    ({ name, path }) =>
      !isDirectory(path) &&
      (matching === null || matching.test(name)) &&
      !ignored.some((expression) => expression.test(name)),
  );
  const known = own.filter(({ name }) => params.extensions.includes(name.replace(/^.*\./, "")));
  const stranger = own.find((entry) => !known.includes(entry));
  if (stranger !== undefined && !params.ignore_unknown_extensions) {
    throw new LbplayError({
      code: "E_PARAMETER",
      message: `include_vars: ${stranger.path} does not end with ${params.extensions.join(", ")}`,
      hint: "leave it out with ignore_unknown_extensions: true, ignore_files or files_matching",
    });
  }
  const deeper =
    params.depth !== 0 && level >= params.depth ? [] : entries.filter(({ path }) => isDirectory(path));
  return [...known.map(({ path }) => path), ...deeper.flatMap(({ path }) => listed(path, params, level + 1))];
};
