import { LbplayError } from "../../core/error.ts";
import type { Schema } from "../../core/schema.ts";
import { suggest } from "../../core/suggest.ts";
import type { Task } from "../../core/task.ts";
import { tasks } from "../../tasks/registry.ts";
import { EXIT } from "../exit-code.ts";
import type { Io } from "../io.ts";

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
  const parameters = Object.entries(task.schema.properties ?? {}).map(([name, schema]) =>
    parameterText(name, schema, (task.schema.required ?? []).includes(name)),
  );
  const list = parameters.length === 0 ? "none\n" : parameters.join("");
  return `${task.name}\n  ${task.summary}\n${names}${freeForm}\nParameters:\n${list}\nExample:\n${indent(task.example)}`;
};

const parameterText = (name: string, schema: Schema, required: boolean): string => {
  const facts = [
    typeText(schema),
    ...(required ? ["required"] : []),
    ...(schema.default === undefined ? [] : [`default ${JSON.stringify(schema.default)}`]),
    ...((schema["x-aliases"] ?? []).length === 0 ? [] : [`also ${(schema["x-aliases"] ?? []).join(", ")}`]),
  ].filter((fact) => fact !== "");
  const description = schema.description === undefined ? "" : `      ${schema.description}\n`;
  return `  ${name} (${facts.join("; ")})\n${description}`;
};

const typeText = (schema: Schema): string => {
  if (schema.enum !== undefined) return `one of ${schema.enum.map(String).join(", ")}`;
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (alternatives !== undefined) return [...new Set(alternatives.map(typeText))].join(" or ");
  if (schema.type === undefined) return "any value";
  const types = typeof schema.type === "string" ? [schema.type] : schema.type;
  return types
    .map((type) =>
      type === "array" && schema.items !== undefined ? `list of ${typeText(schema.items)}` : type,
    )
    .join(" or ");
};

const indent = (text: string): string =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => (line === "" ? "\n" : `  ${line}\n`))
    .join("");
