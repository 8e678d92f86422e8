import { readFileSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { LbplayError, type SourceText } from "../core/error.ts";
import type { Input, InputRequest, Inputs } from "../core/task.ts";
import type { Value } from "../core/value.ts";
import type { Host, JinjaSettings } from "../jinja/environment.ts";
import { type ControllerFiles, type FileOrigin, readTree } from "./files.ts";
import type { TaskScope, Templar } from "./templar.ts";

/** What reading inputs needs. */
export interface InputContext {
  readonly files: ControllerFiles;
  readonly templar: Templar;
  readonly now: () => Date;
}

/** Reads the controller's files that a module asked for; templates are rendered with the task's variables. */
export const readInputs = (
  requests: readonly InputRequest[],
  from: FileOrigin,
  scope: TaskScope,
  context: InputContext,
): Inputs => requests.map((request) => readInput(request, from, scope, context));

const readInput = (
  request: InputRequest,
  from: FileOrigin,
  scope: TaskScope,
  context: InputContext,
): Input => {
  if (request.kind === "destination") return readDestination(request, scope, context);
  const path = context.files.find(request.kind === "template" ? "templates" : "files", request.path, from);
  const status = statSync(path);
  const mode = status.mode & 0o7777;
  if (status.isDirectory()) {
    if (request.kind !== "tree") throw directoryInstead(path, from);
    return {
      path,
      mode,
      directory: true,
      content: Buffer.alloc(0),
      entries: readTree(path, context.files.read),
    };
  }
  const raw = context.files.read(path);
  const content =
    request.kind === "template" ? Buffer.from(render(path, raw, request, from, scope, context)) : raw;
  return { path, mode, directory: false, content, entries: [] };
};

const readDestination = (
  { path, perHost }: InputRequest,
  scope: TaskScope,
  { templar }: InputContext,
): Input => {
  const variable = (name: string): string => String(templar.evaluate({ source: name, at: null }, scope));
  const base = resolve(variable("playbook_dir"), path);
  const place = perHost === undefined ? base : join(base, variable("inventory_hostname"), perHost);
  const status = statSync(place, { throwIfNoEntry: false });
  const file = status?.isFile() === true;
  return {
    path: place,
    mode: (status?.mode ?? 0) & 0o7777,
    directory: status?.isDirectory() === true,
    absent: status === undefined,
    content: file ? readFileSync(place) : Buffer.alloc(0),
    entries: [],
  };
};

const directoryInstead = (path: string, from: FileOrigin): LbplayError =>
  new LbplayError({
    code: "E_NO_FILE",
    message: `expected a file, found the directory ${path}`,
    at: from.at,
  });

const render = (
  path: string,
  content: Buffer,
  request: InputRequest,
  from: FileOrigin,
  scope: TaskScope,
  context: InputContext,
): string => {
  const about = templateVariables(path, context.now());
  const host: Host = {
    ...scope.host,
    load: (name, parent) => loadTemplate(name, parent, from, context.files),
  };
  const own: TaskScope = {
    get: (name) => about.get(name) ?? scope.get(name),
    names: () => [...about.keys(), ...scope.names()],
    looked: scope.looked,
    host,
  };
  const settings = jinjaSettings(request.settings ?? {});
  return context.templar.renderFile({ path, text: content.toString("utf8") }, settings, own);
};

/** The template module's parameters (`trim_blocks`, `block_start_string`, …) under the names of src/jinja. */
const jinjaSettings = (settings: Readonly<Record<string, boolean | string>>): Partial<JinjaSettings> =>
  Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [
      name.replace(/_string$/, "").replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
      value,
    ]),
  );

const loadTemplate = (
  name: string,
  parent: string | null,
  from: FileOrigin,
  files: ControllerFiles,
): SourceText | null => {
  const beside = parent === null ? [] : [resolve(dirname(parent), name)];
  const path = files.findFirst("templates", [...beside, name], from);
  return path === null ? null : { path, text: files.read(path).toString("utf8") };
};

/** The variables that Ansible's template module adds for the file itself. */
const templateVariables = (path: string, now: Date): ReadonlyMap<string, Value> =>
  new Map<string, Value>([
    ["ansible_managed", "Ansible managed"],
    ["template_path", path],
    ["template_fullpath", path],
    ["template_host", ""],
    ["template_uid", ""],
    ["template_name", basename(path)],
    ["template_run_date", now.toISOString().slice(0, 19).replace("T", " ")],
  ]);
