import { LbplayError, LbplayErrors } from "../core/error.ts";
import type { SourceDict, Template, Value } from "../core/value.ts";
import type { TaskScope, Templar } from "./templar.ts";

/**
 * The text of a template that is needed before the run (the file of an import), from the variables that are known by
 * then; null where they do not suffice. Lookups and the controller's files are out of reach.
 */
export const staticText = (template: Template, vars: SourceDict, templar: Templar): string | null => {
  const open = new Set<string>();
  const scope: TaskScope = {
    get: (name) => {
      const source = vars.get(name);
      if (source === undefined || open.has(name)) return undefined;
      open.add(name);
      try {
        return templar.resolve(source, scope);
      } finally {
        open.delete(name);
      }
    },
    names: () => [...vars.keys()].map(String),
    isLiteral: () => false,
    looked: () => [],
    host: { load: null, lookup: null, now: () => new Date(0), random: () => 0, parseYaml: null },
  };
  try {
    const value: Value = templar.resolve(template, scope);
    return typeof value === "string" ? value : null;
  } catch (error) {
    if (error instanceof LbplayError || error instanceof LbplayErrors) return null;
    throw error;
  }
};
