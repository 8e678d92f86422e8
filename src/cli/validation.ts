import { suggest } from "../core/suggest.ts";
import type { Params, Task } from "../core/task.ts";
import { type SchemaFault, validators } from "../tasks/validators.generated.js";

/** What is wrong with a module's coerced parameters by its schema, as sentences; empty when all is well. */
export type Validate = (module: string, params: Params) => readonly string[];

/** The validators that the build made of the modules' schemas, for the engine. */
export const createValidate = (tasks: readonly Task[]): Validate => {
  const byName = new Map(tasks.flatMap((task) => [task.name, ...task.aliases].map((name) => [name, task])));
  return (module, params) => {
    const task = byName.get(module);
    const validator = task === undefined ? undefined : validators[task.name];
    if (task === undefined || validator === undefined) {
      throw new Error(`the build made no validator for the module ${module}`);
    }
    return validator(params).map((fault) => sentence(fault, task));
  };
};

const sentence = (fault: SchemaFault, task: Task): string => {
  const where = fault.path.length === 0 ? "" : `${fault.path.join(".")}: `;
  switch (fault.keyword) {
    case "additionalProperties": {
      const name = String(fault.params.additionalProperty);
      const meant = fault.path.length > 0 ? null : suggest(name, Object.keys(task.schema.properties ?? {}));
      return `${where}unknown parameter "${name}"${meant === null ? "" : `; did you mean "${meant}"?`}`;
    }
    case "required":
      return `${where}${String(fault.params.missingProperty)} is required`;
    case "enum":
      return `${where}expected one of ${listText(fault.params.allowedValues)}`;
    case "pattern":
      return `${where}does not look as it should (it has to match ${String(fault.params.pattern)})`;
    default:
      return `${where}${fault.message}`;
  }
};

/** null only stands for "not given". */
const listText = (values: unknown): string =>
  Array.isArray(values) ? values.filter((value) => value !== null).join(", ") : String(values);
