import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import type { Schema } from "../../../src/core/schema.ts";
import type { Json } from "../../../src/core/value.ts";
import { schema as haproxySchema } from "../../../src/tasks/haproxy-config/schema.ts";
import { schema as keepalivedSchema } from "../../../src/tasks/keepalived-config/schema.ts";

/** An option of a role in the form of Ansible's meta/argument_specs.yml. */
export interface Option {
  readonly description: string | readonly string[];
  readonly type: string;
  readonly elements?: string;
  readonly required?: boolean;
  readonly default?: Json;
  readonly choices?: readonly Json[];
  readonly no_log?: boolean;
  readonly options?: Readonly<Record<string, Option>>;
  readonly required_together?: readonly (readonly string[])[];
  readonly required_by?: Readonly<Record<string, readonly string[]>>;
}

/** What a role's argument_specs.yml says of its main entry. */
export interface RoleSpec {
  readonly short_description: string;
  readonly options: Readonly<Record<string, Option>>;
}

const HOME = fileURLToPath(new URL("../../../roles/", import.meta.url));

/** The roles that ship with lbplay. */
export const ROLES = readdirSync(HOME)
  .filter((name) => existsSync(`${HOME}${name}/tasks/main.yml`))
  .toSorted();

/** Where a role's specification is. */
export const specPath = (role: string): string => `${HOME}${role}/meta/argument_specs.yml`;

/** A role's specification as it is written. */
export const specOf = (role: string): RoleSpec => {
  const { argument_specs } = parse(readFileSync(specPath(role), "utf8"), { version: "1.1" });
  return argument_specs.main;
};

/** A description, of one or several paragraphs, as one text. */
export const descriptionOf = ({ description }: Option): string =>
  (typeof description === "string" ? description : description.join(" ")).trim();

/** A role's defaults, templates unrendered. */
export const defaultsOf = (role: string): Readonly<Record<string, Json>> =>
  parse(readFileSync(`${HOME}${role}/defaults/main.yml`, "utf8"), { version: "1.1" }) ?? {};

/** The property of a module that a role's variable is handed to, and so takes the form of. */
export const moduleProperty = (role: string, variable: string): Schema | null => {
  const schema = { haproxy: haproxySchema, keepalived: keepalivedSchema }[role];
  const name = variable.replace(`${role}_`, "");
  return schema?.properties?.[name] ?? null;
};

/** A property of a module as Ansible would specify it. */
export const optionOf = (schema: Schema, required: boolean): Option => {
  // Ansible knows no alternatives: the description names them.
  const one: Schema = schema.anyOf === undefined ? schema : {};
  const items = one.items;
  return {
    description: schema.description ?? "",
    type: typeOf(one),
    ...(items === undefined ? {} : { elements: typeOf(items) }),
    ...(required ? { required } : {}),
    ...(one.default === undefined || required || isFilled(one) ? {} : { default: withoutNulls(one.default) }),
    ...(one.enum === undefined ? {} : { choices: one.enum }),
    ...(one["x-secret"] === true ? { no_log: true } : {}),
    ...(items?.properties === undefined ? {} : { options: optionsOf(items) }),
    ...(one.properties === undefined ? {} : { options: optionsOf(one) }),
  };
};

/** null stands for what is left out, which Ansible takes for a value that has to be among the choices. */
const withoutNulls = (value: Json): Json => {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, part]) => part !== null)
      .map(([name, part]) => [name, withoutNulls(part)]),
  );
};

/**
 * The parts of a variable whose default is an empty mapping, which stands for none: what the module needs is needed
 * only where anything is given. What has a default counts as given for Ansible, so nothing can be said of that.
 */
export const emptiable = (options: Readonly<Record<string, Option>>): Partial<Option> => {
  const parts = Object.entries(options);
  const needed = parts.filter(([, part]) => part.required === true).map(([name]) => name);
  if (needed.length === 0) return { options };
  const others = parts.filter(([, part]) => part.required !== true && part.default === undefined);
  return {
    ...(needed.length > 1 ? { required_together: [needed] } : {}),
    ...(others.length > 0 ? { required_by: Object.fromEntries(others.map(([name]) => [name, needed])) } : {}),
    options: Object.fromEntries(
      parts.map(([name, { required: _required, ...part }]): [string, Option] => [name, part]),
    ),
  };
};

/** Mappings whose default is that of their parts. */
const isFilled = ({ properties }: Schema): boolean => properties !== undefined;

const optionsOf = ({ properties = {}, required = [] }: Schema): Readonly<Record<string, Option>> =>
  Object.fromEntries(
    Object.entries(properties).map(([name, property]) => [name, optionOf(property, required.includes(name))]),
  );

const TYPES: Readonly<Record<string, string>> = {
  string: "str",
  integer: "int",
  number: "float",
  boolean: "bool",
  array: "list",
  object: "dict",
};

const typeOf = ({ type }: Schema): string => (typeof type === "string" ? (TYPES[type] ?? "raw") : "raw");
