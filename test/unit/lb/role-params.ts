import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { fromJson, isDict, isList, type Value } from "../../../src/core/value.ts";
import { compileTemplate, type Host, type Scope } from "../../../src/jinja/environment.ts";

const HOME = fileURLToPath(new URL("../../../roles/", import.meta.url));

/** A file of a role; empty where there is none. */
export const roleText = (path: string): string =>
  existsSync(HOME + path) ? readFileSync(HOME + path, "utf8") : "";

/** Roles that this one uses, whose names begin with its own. */
export const partsOf = (role: string): readonly string[] =>
  readdirSync(HOME).filter(
    (other) => other.startsWith(`${role}_`) && existsSync(`${HOME}${other}/tasks/main.yml`),
  );

/** The variables that a role has by itself. */
export const defaultsOf = (role: string): Readonly<Record<string, unknown>> =>
  parse(roleText(`${role}/defaults/main.yml`), { version: "1.1" }) ?? {};

/** What the inventory and the node's facts give. */
const SURROUNDINGS = {
  ansible_facts: { os_family: "Debian", virtualization_type: "kvm" },
  groups: { lb: ["lb1", "lb2"] },
  hostvars: { lb1: { ansible_host: "192.0.2.11" }, lb2: { ansible_host: "192.0.2.12" } },
  inventory_hostname: "lb1",
  lb_vip: "192.0.2.100",
};

const HOST: Host = {
  load: null,
  lookup: null,
  now: () => new Date(0),
  random: () => 0,
  parseYaml: null,
};

/** Variables with the templates in them rendered, as a task sees them. */
const rendered = (variables: Readonly<Record<string, unknown>>): ((name: string) => Value) => {
  const sources = { ...SURROUNDINGS, ...variables } as Readonly<Record<string, unknown>>;
  const scope: Scope = {
    get: (name) => (Object.hasOwn(sources, name) ? look(name) : undefined),
    names: () => Object.keys(sources),
  };
  const resolve = (value: Value): Value => {
    if (typeof value === "string")
      return /\{[{%]/.test(value)
        ? compileTemplate({ path: "defaults", text: value, at: null }).renderNative(scope, HOST)
        : value;
    if (isList<Value>(value)) return value.map(resolve);
    if (isDict<Value>(value)) return new Map([...value].map(([key, item]) => [key, resolve(item)]));
    return value;
  };
  const look = (name: string): Value => resolve(fromJson(sources[name] as Parameters<typeof fromJson>[0]));
  return look;
};

/** What a role's task hands to the module: its variables without their prefix; empty mappings are left out. */
export const paramsOf = (
  role: string,
  own: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> => {
  const parts = partsOf(role).map((part) => defaultsOf(part));
  const value = rendered(Object.assign({}, ...parts, defaultsOf(role), own));
  const task = parse(roleText(`${role}/tasks/main.yml`), { version: "1.1" }).find(
    (step: object) => `${role}_config` in step,
  )[`${role}_config`] as Readonly<Record<string, string>>;
  const entries = Object.entries(task)
    // Where the file goes, and what a build will be, decide nothing of what is rendered here.
    .filter(([key]) => key !== "dest" && key !== "version")
    .map(([key, template]) => {
      const name = /^\{\{ (\w+)/.exec(template)?.[1] ?? "";
      return [key, value(name)] as const;
    })
    .filter(([, item]) => !(isDict(item) && item.size === 0) && item !== 0);
  return Object.fromEntries(entries.map(([key, item]) => [key, json(item)]));
};

const json = (value: Value): unknown =>
  isDict<Value>(value)
    ? Object.fromEntries([...value].map(([key, item]) => [String(key), json(item)]))
    : isList<Value>(value)
      ? value.map(json)
      : value;
