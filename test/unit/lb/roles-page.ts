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

const optionPart = (name: string, option: Option, depth = 0, needed = false): readonly string[] => [
  `${"  ".repeat(depth)}- \`${name}\` (${factsOf(option, needed).join("; ")}): ${descriptionOf(option)}`,
  ...Object.entries(option.options ?? {}).flatMap(([part, inner]) =>
    optionPart(part, inner, depth + 1, isNeeded(part, option)),
  ),
];

/** Needed as soon as anything of the mapping is given. */
const isNeeded = (part: string, { required_together = [], required_by = {} }: Option): boolean =>
  [...required_together, ...Object.values(required_by)].some((names) => names.includes(part));

const factsOf = (option: Option, needed: boolean): readonly string[] => [
  option.elements === undefined ? option.type : `${option.type} of ${option.elements}`,
  ...(option.required === true ? ["required"] : needed ? ["required if anything is given"] : []),
  ...(option.choices === undefined ? [] : [option.choices.map((choice) => `\`${choice}\``).join(", ")]),
  ...(option.no_log === true ? ["secret"] : []),
  ...(option.default === undefined ? [] : [`default ${defaultText(option.default)}`]),
];

/** Long defaults stand in the role's defaults/main.yml. */
const defaultText = (value: Json): string => {
  const text = JSON.stringify(value);
  return text.length > 70 || text.includes("\\n") ? "see the role's defaults" : `\`${text}\``;
};
