import { LbplayError } from "../core/error.ts";
import type { Inventory, InventoryGroup, InventoryHost } from "../core/play.ts";
import { suggest } from "../core/suggest.ts";
import {
  isDict,
  isList,
  isTemplate,
  type Json,
  type Source,
  type SourceDict,
  toJson,
  type Value,
} from "../core/value.ts";

/** What every host has of itself; ansible-inventory does not show it either. */
const INTERNAL = new Set<Value>([
  "inventory_dir",
  "inventory_file",
  "inventory_hostname",
  "inventory_hostname_short",
]);

/** Variables as ansible-inventory shows them: templates as they are written, not rendered. */
const shownVars = (vars: SourceDict): Readonly<Record<string, Value>> =>
  Object.fromEntries(
    [...vars]
      .filter(([name]) => !INTERNAL.has(name))
      .map(([name, source]) => [String(name), shownValue(source)]),
  );

const shownValue = (source: Source): Value => {
  if (isTemplate(source)) return source.source;
  if (isList<Source>(source)) return source.map(shownValue);
  if (isDict<Source>(source)) return new Map([...source].map(([key, item]) => [key, shownValue(item)]));
  return source;
};

/** `--list`: what an inventory script prints, `_meta.hostvars` for the hosts that have variables. */
export const listData = (inventory: Inventory): Json => {
  const hostvars = [...inventory.hosts.values()]
    .map((host) => [host.name, jsonVars(host.vars)] as const)
    .filter(([, vars]) => Object.keys(vars).length > 0);
  const groups = [...inventory.groups.values()].flatMap((group) => {
    const hosts = group.name === "all" ? [] : ownHosts(inventory, group);
    const members = {
      ...(hosts.length === 0 ? {} : { hosts }),
      ...(group.children.length === 0 ? {} : { children: group.children }),
    };
    return Object.keys(members).length === 0 ? [] : [[group.name, members] as const];
  });
  return { _meta: { hostvars: Object.fromEntries(hostvars) }, ...Object.fromEntries(groups) };
};

/** `--host`: all that a host inherits, merged. */
export const hostData = (inventory: Inventory, name: string): Json => jsonVars(hostOf(inventory, name).vars);

/** `--list --yaml`: an inventory file again, with each host's merged variables where it is met first. */
export const yamlData = (inventory: Inventory): Json => {
  const seen = new Set<string>();
  const groupData = (group: InventoryGroup): Json => {
    const children = group.children.map((name) => [name, groupData(groupOf(inventory, name))] as const);
    const hosts = (group.name === "all" ? [] : ownHosts(inventory, group)).map((name) => {
      const vars = seen.has(name) ? {} : jsonVars(hostOf(inventory, name).vars);
      seen.add(name);
      return [name, vars] as const;
    });
    return {
      ...(children.length === 0 ? {} : { children: Object.fromEntries(children) }),
      ...(hosts.length === 0 ? {} : { hosts: Object.fromEntries(hosts) }),
    };
  };
  const all = groupOf(inventory, "all");
  const data = groupData(all);
  return { all: withoutEmptyUngrouped(data) };
};

/** Only `ungrouped`, which every inventory has, is left out where it is empty. */
const withoutEmptyUngrouped = (data: Json): Json => {
  if (!isObject(data) || !isObject(data.children)) return data;
  const { ungrouped, ...children } = data.children;
  if (!isObject(ungrouped) || Object.keys(ungrouped).length > 0) return data;
  return { ...data, children };
};

const isObject = (data: Json | undefined): data is { readonly [key: string]: Json } =>
  typeof data === "object" && data !== null && !Array.isArray(data);

/** `--graph`: groups and hosts as a tree, with `repr` also their variables as Python prints them. */
export const graphText = (
  inventory: Inventory,
  groupName: string,
  repr: ((value: Value) => string) | null,
): string => {
  const lines: string[] = [];
  const varLines = (vars: SourceDict, depth: number): void => {
    if (repr === null) return;
    for (const [name, value] of Object.entries(shownVars(vars)).sort(([a], [b]) => (a < b ? -1 : 1))) {
      const text = typeof value === "string" ? value : repr(value);
      lines.push(branch(`{${name} = ${text}}`, depth));
    }
  };
  const visit = (group: InventoryGroup, depth: number): void => {
    lines.push(branch(`@${group.name}:`, depth));
    for (const child of group.children) visit(groupOf(inventory, child), depth + 1);
    for (const host of group.name === "all" ? [] : ownHosts(inventory, group)) {
      lines.push(branch(host, depth + 1));
      varLines(hostOf(inventory, host).vars, depth + 2);
    }
    varLines(group.vars, depth + 1);
  };
  visit(groupOf(inventory, groupName), 0);
  return `${lines.join("\n")}\n`;
};

const branch = (text: string, depth: number): string =>
  depth === 0 ? text : `${"  |".repeat(depth)}--${text}`;

/** The inventory with only some of its hosts; groups stay. */
export const limited = (inventory: Inventory, names: readonly string[]): Inventory => {
  const kept = new Set(names);
  return {
    ...inventory,
    hosts: new Map([...inventory.hosts].filter(([name]) => kept.has(name))),
    groups: new Map(
      [...inventory.groups].map(([name, group]) => [
        name,
        { ...group, hosts: group.hosts.filter((host) => kept.has(host)) },
      ]),
    ),
  };
};

/** The hosts of a group that none of its children has. */
const ownHosts = (inventory: Inventory, group: InventoryGroup): readonly string[] => {
  const inherited = new Set(group.children.flatMap((name) => groupOf(inventory, name).hosts));
  return group.hosts.filter((host) => !inherited.has(host));
};

const jsonVars = (vars: SourceDict): { readonly [key: string]: Json } =>
  Object.fromEntries(Object.entries(shownVars(vars)).map(([name, value]) => [name, toJson(value)]));

const hostOf = (inventory: Inventory, name: string): InventoryHost => {
  const host = inventory.hosts.get(name);
  if (host !== undefined) return host;
  throw unknown("host", name, inventory.hosts.keys());
};

const groupOf = (inventory: Inventory, name: string): InventoryGroup => {
  const group = inventory.groups.get(name);
  if (group !== undefined) return group;
  throw unknown("group", name, inventory.groups.keys());
};

const unknown = (what: string, name: string, candidates: Iterable<string>): LbplayError => {
  const meant = suggest(name, candidates);
  return new LbplayError({
    code: what === "host" ? "E_UNKNOWN_HOST" : "E_UNKNOWN_GROUP",
    message: `the inventory has no ${what} ${name}`,
    hint: meant === null ? null : `did you mean ${meant}?`,
  });
};
