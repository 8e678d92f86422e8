import { behaviourOf, type ParameterText, parametersOf } from "../cli/module-text.ts";
import type { Task } from "../core/task.ts";

/** docs/modules.md: every module with its parameters and an example, from the schemas. */
export const modulesPage = (tasks: readonly Task[]): string =>
  `${[
    "# Modules",
    "",
    "Made from the modules' own schemas by `npm run docs`; `lbplay doc MODULE` prints the same. `register` sees `changed`, `failed` and `msg`, and what Ansible's module of the same name gives. A parameter that is not given has its default, or nothing.",
    "",
    ...tasks.map((task) => `- [${task.name}](#${task.name}): ${task.summary}`),
    "",
    ...tasks.flatMap(modulePart),
  ]
    .join("\n")
    .trimEnd()}\n`;

const modulePart = (task: Task): readonly string[] => {
  const parameters = parametersOf(task);
  return [
    `## ${task.name}`,
    "",
    `${task.summary} ${behaviourOf(task)}`,
    "",
    `Also known as ${task.aliases.map((name) => `\`${name}\``).join(", ")}.${task.freeForm === null ? "" : ` Text without a parameter's name is \`${task.freeForm}\`.`}`,
    "",
    ...(parameters.length === 0
      ? ["It has no parameters.", ""]
      : [...parameters.flatMap((one) => parameterPart(one, "")), ""]),
    "```yaml",
    task.example.trimEnd(),
    "```",
    "",
  ];
};

const parameterPart = (
  { name, facts, description, inner }: ParameterText,
  margin: string,
): readonly string[] => [
  `${margin}- \`${name}\` (${facts.map(code).join("; ")}): ${description}`,
  ...inner.flatMap((part) => parameterPart(part, `${margin}  `)),
];

/** Values are as they are typed. */
const code = (fact: string): string => fact.replace(/^(default|also) (.*)$/s, "$1 `$2`");
