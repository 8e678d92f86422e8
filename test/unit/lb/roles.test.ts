import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { fromJson, isDict, isList, type Value } from "../../../src/core/value.ts";
import { compileTemplate, type Host, type Scope } from "../../../src/jinja/environment.ts";
import type { HaproxyModel } from "../../../src/lb/haproxy/model.ts";
import { renderHaproxy } from "../../../src/lb/haproxy/render.ts";
import type { KeepalivedModel } from "../../../src/lb/keepalived/model.ts";
import { renderKeepalived } from "../../../src/lb/keepalived/render.ts";
import { schema as haproxySchema } from "../../../src/tasks/haproxy-config/schema.ts";
import { schema as keepalivedSchema } from "../../../src/tasks/keepalived-config/schema.ts";
import { modelOf, shown } from "./render-case.ts";

// The roles' defaults are their manual: what they say must be true, complete, and fit the modules.

const HOME = fileURLToPath(new URL("../../../roles/", import.meta.url));
const roles = readdirSync(HOME).filter((name) => existsSync(`${HOME}${name}/tasks/main.yml`));

const text = (path: string): string => (existsSync(HOME + path) ? readFileSync(HOME + path, "utf8") : "");
const defaultsOf = (role: string): Readonly<Record<string, unknown>> =>
  parse(text(`${role}/defaults/main.yml`), { version: "1.1" }) ?? {};

const allFiles = (role: string): string =>
  readdirSync(HOME + role, { recursive: true, encoding: "utf8" })
    .filter((file) => /^(tasks|handlers|templates)\/.*\./.test(file))
    .map((file) => text(`${role}/${file}`))
    .join("\n");

/** The YAML examples of a README, as one mapping each. */
const examplesOf = (role: string): readonly Readonly<Record<string, unknown>>[] =>
  [...text(`${role}/README.md`).matchAll(/^```yaml\n([\s\S]*?)^```/gm)].map((match) =>
    parse(match[1] ?? "", { version: "1.1" }),
  );

/** Names of modules, of their parameters and of SELinux that only look like variables. */
const LOOKALIKES = [
  "haproxy_config",
  "haproxy_connect_any",
  "keepalived_config",
  "keepalived_connect_any",
  "sysctl_set",
];

describe.each(roles)("role %s", (role) => {
  const names = Object.keys(defaultsOf(role));

  test("its variables begin with its name", () => {
    expect(names.filter((name) => !name.startsWith(`${role}_`))).toEqual([]);
  });

  test("every variable of its own that it uses has a default, and every default is used", () => {
    const source =
      allFiles(role) +
      text(`${role}/vars/main.yml`) +
      text(`${role}/defaults/main.yml`).replaceAll(/^\w+:/gm, "");
    const used = new Set(source.match(new RegExp(`\\b${role}_[a-z0-9_]+\\b`, "g")));
    // Results, and the role's own constants.
    const constants = Object.keys(parse(text(`${role}/vars/main.yml`)) ?? {});
    const results = [...source.matchAll(/^\s*register: (\w+)$/gm)].map((match) => match[1] ?? "");
    for (const other of [...LOOKALIKES, ...constants, ...results]) used.delete(other);
    expect([...used].toSorted()).toEqual(names.toSorted());
  });

  test("its README names every variable and no other", () => {
    const named = /^Variables: (.*)$/m.exec(text(`${role}/README.md`))?.[1] ?? "";
    const listed = [...named.matchAll(/`(\w+)`/g)].map((match) => match[1] ?? "");
    expect(listed.filter((name) => name !== "lb_vip").toSorted()).toEqual(names.toSorted());
  });

  test("its README's examples set variables that exist", () => {
    const set = examplesOf(role).flatMap((example) => Object.keys(example));
    expect(set.length).toBeGreaterThan(0);
    expect(set.filter((name) => !names.includes(name) && name !== "lb_vip")).toEqual([]);
  });
});

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
const paramsOf = (role: string, own: Readonly<Record<string, unknown>>): Value => {
  const variables = { ...defaultsOf(role), ...own };
  const value = rendered(variables);
  const task = parse(text(`${role}/tasks/main.yml`), { version: "1.1" }).find(
    (step: object) => `${role}_config` in step,
  )[`${role}_config`] as Readonly<Record<string, string>>;
  const entries = Object.entries(task)
    .filter(([key]) => key !== "dest")
    .map(([key, template]) => {
      const name = /^\{\{ (\w+)/.exec(template)?.[1] ?? "";
      return [key, value(name)] as const;
    })
    .filter(([, item]) => !(isDict(item) && item.size === 0) && item !== 0);
  return new Map(entries);
};

const json = (value: Value): unknown =>
  isDict<Value>(value)
    ? Object.fromEntries([...value].map(([key, item]) => [String(key), json(item)]))
    : isList<Value>(value)
      ? value.map(json)
      : value;

describe("what the roles hand to the modules can be rendered", () => {
  test.each([{}, ...examplesOf("haproxy")])("haproxy with %j", (example) => {
    const model = modelOf<HaproxyModel>(haproxySchema, json(paramsOf("haproxy", example)));
    expect(shown(renderHaproxy(model, [2, 6, 12])).refused).toBeNull();
  });

  test.each([{}, ...examplesOf("keepalived")])("keepalived with %j", (example) => {
    const model = modelOf<KeepalivedModel>(keepalivedSchema, json(paramsOf("keepalived", example)));
    expect(
      shown(renderKeepalived(model, { version: [2, 2, 7], interface: "eth0", tool: null })).refused,
    ).toBeNull();
  });

  test("keepalived's nodes follow from the inventory", () => {
    const model = modelOf<KeepalivedModel>(keepalivedSchema, json(paramsOf("keepalived", {})));
    expect(model.nodes.map(({ name, address }) => ({ name, address }))).toEqual([
      { name: "lb1", address: "192.0.2.11" },
      { name: "lb2", address: "192.0.2.12" },
    ]);
  });
});
