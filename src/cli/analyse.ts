import { LbplayError, LbplayErrors } from "../core/error.ts";
import { type Expression, isTemplate, type Template } from "../core/value.ts";
import { lookupNames } from "../engine/lookups.ts";
import { compileExpression, compileTemplate, STRING_SETTINGS } from "../jinja/environment.ts";
import type { FreeVariable, NameUse } from "../jinja/variables.ts";

/** What can be said of a template or expression without rendering it. */
export interface Analysis {
  readonly variables: readonly FreeVariable[];
  readonly lookups: readonly NameUse[];
  readonly errors: readonly LbplayError[];
}

/** The variables and lookups a text of a playbook uses, and what is wrong with it: syntax, unknown filters and tests. */
export const analyse = (text: Template | Expression): Analysis => {
  try {
    const compiled = isTemplate(text)
      ? compileTemplate(
          { path: text.at?.source.path ?? "<text>", text: text.source, at: text.at },
          STRING_SETTINGS,
        )
      : compileExpression(text);
    return { variables: compiled.variables, lookups: compiled.lookups, errors: [] };
  } catch (error) {
    if (error instanceof LbplayError) return { variables: [], lookups: [], errors: [error] };
    if (error instanceof LbplayErrors) return { variables: [], lookups: [], errors: error.errors };
    throw error;
  }
};

/** The lookups that there are. */
export const knownLookups = lookupNames;
