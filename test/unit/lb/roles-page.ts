import type { Json } from "../../../src/core/value.ts";
import { descriptionOf, type Option, specOf } from "./argument-specs.ts";

/** The reference of all roles' variables, from their specifications. */
export const rolesPage = (roles: readonly string[]): string =>
  [
    "# Variables of the roles",
    "",
    "Made from `roles/*/meta/argument_specs.yml`; edit those. Durations are texts with a unit (`500ms`, `10s`, `1h`). Each role's README has examples.",
    "",
    ...roles.map((role) => `- [${role}](#${role}): ${specOf(role).short_description}`),
    "",
    ...roles.flatMap(rolePart),
  ].join("\n");

const rolePart = (role: string): readonly string[] => {
  const { short_description, options } = specOf(role);
  return [
    `## ${role}`,
    "",
    short_description,
    "",
    ...Object.entries(options).flatMap(([name, option]) => optionPart(name, option)),
    "",
  ];
};

const optionPart = (name: string, option: Option, depth = 0): readonly string[] => [
  `${"  ".repeat(depth)}- \`${name}\` (${factsOf(option).join("; ")}): ${descriptionOf(option)}`,
  ...Object.entries(option.options ?? {}).flatMap(([part, inner]) => optionPart(part, inner, depth + 1)),
];

const factsOf = (option: Option): readonly string[] => [
  option.elements === undefined ? option.type : `${option.type} of ${option.elements}`,
  ...(option.required === true ? ["required"] : []),
  ...(option.choices === undefined ? [] : [option.choices.map((choice) => `\`${choice}\``).join(", ")]),
  ...(option.no_log === true ? ["secret"] : []),
  ...(option.default === undefined ? [] : [`default ${defaultText(option.default)}`]),
];

/** Long defaults stand in the role's defaults/main.yml. */
const defaultText = (value: Json): string => {
  const text = JSON.stringify(value);
  return text.length > 70 || text.includes("\\n") ? "see the role's defaults" : `\`${text}\``;
};
