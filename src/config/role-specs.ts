import { join } from "node:path";
import type { Place } from "../core/error.ts";
import type { RoleInstance, TaskStep } from "../core/play.ts";
import { isTemplate, type Source, type SourceDict, type Value } from "../core/value.ts";
import { inherit } from "./keywords.ts";
import { describe, isNull, literalText, nodeOf, placeOf, type YamlMap, type YamlNode } from "./node.ts";
import { fault, type Scope, type Session } from "./session.ts";
import { findVarsFiles } from "./vars-files.ts";

/** The module of the task that Ansible puts before a role's own. */
const MODULE = "ansible.builtin.validate_argument_spec";

/**
 * A role's argument specs, by entry point: of meta/argument_specs.yml, or where there is no such file, of
 * meta/main.yml. null where the role has none.
 */
export const readRoleSpecs = (session: Session, path: string, meta: YamlNode | null): YamlMap | null => {
  const [file] = findVarsFiles(
    session.files,
    join(path, "meta"),
    "argument_specs",
    [".yml", ".yaml", ".json"],
    false,
  );
  const holder = file === undefined ? meta : session.files.yaml(file, null);
  const specs = holder?.kind === "map" ? nodeOf(holder, "argument_specs") : null;
  if (specs === null || isNull(specs)) return null;
  if (specs.kind === "map") return specs;
  wrongType(session, "argument_specs", "a mapping of entry points, such as main", specs);
  return null;
};

/** How the implicit task of a role's use is made. */
export interface Validation {
  readonly specs: YamlMap | null;
  readonly instance: RoleInstance;
  /** The file of tasks that the role starts with, without its ending where the use has none. */
  readonly entry: string;
  /** Where the role is used. */
  readonly at: Place;
}

/** The task that validates a role's arguments; none where the entry point has no spec. */
export const validationSteps = (
  session: Session,
  scope: Scope,
  { specs, instance, entry, at }: Validation,
): readonly TaskStep[] => {
  const spec = specs === null ? null : nodeOf(specs, entry);
  if (spec === null || isNull(spec)) return [];
  if (spec.kind !== "map") {
    wrongType(session, entry, "a mapping with the options of the entry point", spec);
    return [];
  }
  if (spec.entries.length === 0) return [];
  const options = nodeOf(spec, "options");
  if (options !== null && !isNull(options) && options.kind !== "map") {
    wrongType(session, "options", "a mapping of options by name", options);
    return [];
  }
  return [
    {
      kind: "task",
      name: taskName(entry, nodeOf(spec, "short_description")),
      at,
      module: MODULE,
      moduleAt: at,
      args: argumentsOf(options?.kind === "map" ? options.value : new Map(), instance, entry),
      argPlace: ([first, ...rest]) =>
        first === "argument_spec" && options !== null ? placeOf(options, rest) : at,
      keywords: inherit(scope.keywords, { tags: ["always"] }),
      role: instance,
      listen: [],
    },
  ];
};

const taskName = (entry: string, about: YamlNode | null): Source => {
  const name = `Validating arguments against arg spec '${entry}'`;
  if (about === null || isNull(about)) return name;
  if (isTemplate(about.value)) return { ...about.value, source: `${name} - ${about.value.source}` };
  return `${name} - ${literalText(about) ?? ""}`;
};

const argumentsOf = (options: SourceDict, { name, path, params }: RoleInstance, entry: string): Source =>
  new Map<Value, Source>([
    ["argument_spec", options],
    ["provided_arguments", params],
    [
      "validate_args_context",
      new Map([
        ["type", "role"],
        ["name", name],
        ["argument_spec_name", entry],
        ["path", path],
      ]),
    ],
  ]);

const wrongType = (session: Session, key: string, expected: string, node: YamlNode): void =>
  fault(session, "E_WRONG_TYPE", `${key}: expected ${expected}, found ${describe(node)}`, node.at);
