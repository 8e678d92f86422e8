import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import {
  defaultsOf,
  descriptionOf,
  emptiable,
  moduleProperty,
  type Option,
  optionOf,
  ROLES,
  type RoleSpec,
  specOf,
  specPath,
} from "./argument-specs.ts";
import { rolesPage } from "./roles-page.ts";

// meta/argument_specs.yml is what Ansible and the reference know of a role's variables. `vitest -u` writes anew what
// follows from the modules' schemas and from the specifications.

describe.each(ROLES)("role %s", (role) => {
  const spec = specOf(role);

  test("its specification has its variables with their defaults, and no other", () => {
    // What a template gives depends on the node: the specification has words for it, and no default.
    const plain = Object.entries(defaultsOf(role)).map(([name, value]) => [
      name,
      JSON.stringify(value).includes("{{") && spec.options[name]?.default === undefined ? undefined : value,
    ]);
    const specified = Object.entries(spec.options).map(([name, option]) => [name, option.default]);
    expect(Object.fromEntries(specified)).toEqual(Object.fromEntries(plain));
    expect(Object.keys(spec.options).toSorted()).toEqual(Object.keys(defaultsOf(role)).toSorted());
  });

  test("every variable has a type of Ansible's and whole sentences", () => {
    const poor = optionsIn(spec.options).filter(
      ([, option]) =>
        !["str", "int", "float", "bool", "list", "dict", "path", "raw"].includes(option.type) ||
        !/^[A-Z0-9a-z*].*\.$/s.test(descriptionOf(option)),
    );
    expect(poor).toEqual([]);
  });
});

/** Options and the options in them. */
const optionsIn = (options: RoleSpec["options"]): readonly (readonly [string, Option])[] =>
  Object.entries(options).flatMap(([name, option]) => [
    [name, option] as const,
    ...optionsIn(option.options ?? {}),
  ]);

describe.each(["haproxy", "keepalived"])("role %s", (role) => {
  test("what it hands to a module is specified as the module takes it", async () => {
    const spec = specOf(role);
    const options = Object.fromEntries(
      Object.entries(spec.options).map(([name, option]) => {
        const property = moduleProperty(role, name);
        if (property === null) return [name, option];
        const { elements, choices, no_log, options: parts } = optionOf(property, false);
        const { elements: _e, choices: _c, no_log: _n, options: _o, ...rest } = option;
        const { required_together: _t, required_by: _b, ...own } = rest;
        const isEmpty = JSON.stringify(own.default) === "{}";
        const inner = parts === undefined ? {} : isEmpty ? emptiable(parts) : { options: parts };
        const derived = Object.fromEntries(
          Object.entries({ elements, choices, no_log, ...inner }).filter(([, value]) => value !== undefined),
        );
        return [name, { ...own, ...derived }];
      }),
    );
    const text = stringify(
      { argument_specs: { main: { ...spec, options } } },
      { version: "1.1", lineWidth: 110, aliasDuplicateObjects: false },
    );
    await expect(`---\n${text}`).toMatchFileSnapshot(specPath(role));
  });
});

test("docs/roles.md says what the specifications say", async () => {
  await expect(rolesPage(ROLES)).toMatchFileSnapshot(
    fileURLToPath(new URL("../../../docs/roles.md", import.meta.url)),
  );
});
