import { existsSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import type { HaproxyModel } from "../../../src/lb/haproxy/model.ts";
import { renderHaproxy } from "../../../src/lb/haproxy/render.ts";
import type { KeepalivedModel } from "../../../src/lb/keepalived/model.ts";
import { renderKeepalived } from "../../../src/lb/keepalived/render.ts";
import { parseVersion, type Version } from "../../../src/lb/version.ts";
import { schema as haproxySchema } from "../../../src/tasks/haproxy-config/schema.ts";
import { schema as keepalivedSchema } from "../../../src/tasks/keepalived-config/schema.ts";
import { modelOf, shown } from "./render-case.ts";
import { defaultsOf, paramsOf, partsOf, roleText as text } from "./role-params.ts";

// The roles' defaults are their manual: what they say must be true, complete, and fit the modules.

const HOME = fileURLToPath(new URL("../../../roles/", import.meta.url));
const roles = readdirSync(HOME).filter((name) => existsSync(`${HOME}${name}/tasks/main.yml`));

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
  const parts = partsOf(role);

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
    const own = [...used].filter((name) => !parts.some((part) => name.startsWith(part)));
    expect(own.toSorted()).toEqual(names.toSorted());
  });

  test("its README names every variable and no other", () => {
    const named = /^Variables: (.*)$/m.exec(text(`${role}/README.md`))?.[1] ?? "";
    const listed = [...named.matchAll(/`(\w+)`/g)].map((match) => match[1] ?? "");
    expect(listed.filter((name) => name !== "lb_vip").toSorted()).toEqual(names.toSorted());
  });

  test("its README's examples set variables that exist", () => {
    const set = examplesOf(role).flatMap((example) => Object.keys(example));
    expect(set.length).toBeGreaterThan(0);
    const known = ["lb_vip", ...names, ...parts.flatMap((part) => Object.keys(defaultsOf(part)))];
    expect(set.filter((name) => !known.includes(name))).toEqual([]);
  });
});

const versionOf = (text: string): Version => {
  const version = parseVersion(text);
  if (version === null) throw new Error(`${text} is no version`);
  return version;
};

describe("what the roles hand to the modules can be rendered", () => {
  test.each([{}, ...examplesOf("haproxy")])("haproxy with %j", (example) => {
    const model = modelOf<HaproxyModel>(haproxySchema, paramsOf("haproxy", example));
    expect(shown(renderHaproxy(model, [2, 6, 12])).refused).toBeNull();
  });

  test.each([{}, ...examplesOf("keepalived")])("keepalived with %j", (example) => {
    const model = modelOf<KeepalivedModel>(keepalivedSchema, paramsOf("keepalived", example));
    expect(
      shown(renderKeepalived(model, { version: [2, 2, 7], interface: "eth0", tool: null })).refused,
    ).toBeNull();
  });

  // What is not said may not be what an old version cannot do.
  test.each([
    ["1.5.18", "1.3.5"],
    ["1.8.27", "2.1.5"],
    ["3.0.11", "2.3.3"],
  ] as const)("the defaults, with HAProxy %s and keepalived %s", (haproxy, keepalived) => {
    const frontends = [
      { name: "www", binds: [{ address: "192.0.2.100", port: 80 }], default_backend: "app" },
    ];
    const backends = [{ name: "app", servers: [{ name: "web1", address: "192.0.2.21", port: 80 }] }];
    const wanted = { haproxy_frontends: frontends, haproxy_backends: backends };
    const balancer = modelOf<HaproxyModel>(haproxySchema, paramsOf("haproxy", wanted));
    expect(shown(renderHaproxy(balancer, versionOf(haproxy))).refused).toBeNull();
    const pair = modelOf<KeepalivedModel>(keepalivedSchema, paramsOf("keepalived", {}));
    const target = { version: versionOf(keepalived), interface: "eth0", tool: null };
    expect(shown(renderKeepalived(pair, target)).refused).toBeNull();
  });

  test("keepalived's nodes follow from the inventory", () => {
    const model = modelOf<KeepalivedModel>(keepalivedSchema, paramsOf("keepalived", {}));
    expect(model.nodes.map(({ name, address }) => ({ name, address }))).toEqual([
      { name: "lb1", address: "192.0.2.11" },
      { name: "lb2", address: "192.0.2.12" },
    ]);
  });
});
