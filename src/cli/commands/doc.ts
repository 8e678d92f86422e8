import { LbplayError } from "../../core/error.ts";
import { suggest } from "../../core/suggest.ts";
import type { Task } from "../../core/task.ts";
import { tasks } from "../../tasks/registry.ts";
import { EXIT } from "../exit-code.ts";
import type { Io } from "../io.ts";
import { behaviourOf, type ParameterText, parametersOf } from "../module-text.ts";

/** Lists the modules, or explains one. */
export const doc = (name: string | null, io: Io): number => {
  io.stdout.write(name === null ? listText(tasks) : moduleText(taskOf(name)));
  return EXIT.ok;
};

const taskOf = (name: string): Task => {
  const found = tasks.find((task) => task.name === name || task.aliases.includes(name));
  if (found !== undefined) return found;
  const meant = suggest(
    name,
    tasks.flatMap((task) => [task.name, ...task.aliases]),
  );
  throw new LbplayError({
    code: "E_UNKNOWN_MODULE",
    message: `no module is called ${name}`,
    hint: meant === null ? "lbplay doc lists them all" : `did you mean ${meant}?`,
  });
};

const listText = (all: readonly Task[]): string => {
  const width = Math.max(...all.map((task) => task.name.length));
  const sorted = all.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return sorted.map((task) => `${task.name.padEnd(width)}  ${task.summary}\n`).join("");
};

const moduleText = (task: Task): string => {
  const names = task.aliases.length === 0 ? "" : `  also: ${task.aliases.join(", ")}\n`;
  const freeForm = task.freeForm === null ? "" : `  free-form text is ${task.freeForm}\n`;
  const parameters = parametersOf(task).map((parameter) => parameterText(parameter, "  "));
  const list = parameters.length === 0 ? "none\n" : parameters.join("");
  return `${task.name}\n  ${task.summary}\n  ${behaviourOf(task)}\n${names}${freeForm}\nParameters:\n${list}\nExample:\n${indent(task.example)}`;
};

const parameterText = ({ name, facts, description, inner }: ParameterText, margin: string): string => {
  const said = description === "" ? "" : `${margin}    ${description}\n`;
  return `${margin}${name} (${facts.join("; ")})\n${said}${inner.map((part) => parameterText(part, `${margin}    `)).join("")}`;
};

const indent = (text: string): string =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => (line === "" ? "\n" : `  ${line}\n`))
    .join("");
