import type { Schema } from "../core/schema.ts";
import type { Task } from "../core/task.ts";

/** A parameter of a module in words. */
export interface ParameterText {
  readonly name: string;
  /** `string`, `required`, `default "x"`, `also y`. */
  readonly facts: readonly string[];
  readonly description: string;
  /** Of a mapping, or of the mappings of a list, what may be in it. */
  readonly inner: readonly ParameterText[];
}

/** The parameters of a module, from its schema. */
export const parametersOf = (task: Task): readonly ParameterText[] => partsOf(task.schema);

const partsOf = (schema: Schema): readonly ParameterText[] =>
  Object.entries(schema.properties ?? {}).map(([name, property]) => ({
    name,
    facts: factsOf(property, (schema.required ?? []).includes(name)),
    description: property.description ?? "",
    inner: partsOf(property.items ?? property),
  }));

const factsOf = (schema: Schema, required: boolean): readonly string[] =>
  [
    typeText(schema),
    ...(required ? ["required"] : []),
    ...(schema.default === undefined ? [] : [`default ${JSON.stringify(schema.default)}`]),
    ...((schema["x-aliases"] ?? []).length === 0 ? [] : [`also ${(schema["x-aliases"] ?? []).join(", ")}`]),
    ...(schema["x-secret"] === true ? ["secret"] : []),
  ].filter((fact) => fact !== "");

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

/** How a module behaves, which follows from its kind. */
export const behaviourOf = ({ kind }: Task): string =>
  ({
    state: "Compares and changes: check mode tells what it would do, a second run changes nothing.",
    action: "Acts each time, unless a parameter says when not to; check mode does not run it.",
    controller: "Works on this machine alone and touches no node; check mode runs it, too.",
    engine: "Concerns the run itself: the connection, the node as a whole, or the operator.",
  })[kind];
