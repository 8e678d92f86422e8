import { LbplayError, LbplayErrors, placeText, type SourceText } from "../../../src/core/error.ts";
import { fromJson, type Json, type Value } from "../../../src/core/value.ts";
import {
  compileExpression,
  compileTemplate,
  FILE_SETTINGS,
  type Host,
  type Scope,
  STRING_SETTINGS,
} from "../../../src/jinja/environment.ts";

/** Variables from plain JSON. */
export const scopeWith = (variables: Readonly<Record<string, Json>>): Scope => ({
  get: (name) => (Object.hasOwn(variables, name) ? fromJson(variables[name] ?? null) : undefined),
  names: () => Object.keys(variables),
});

/** A host that reaches nothing; time stands still, and chance always falls on the middle. */
export const bareHost: Host = {
  load: null,
  lookup: null,
  now: () => new Date(Date.UTC(2024, 1, 29, 12, 30, 5)),
  random: () => 0.5,
  parseYaml: null,
  utcOffset: () => 0,
};

/** A host with templates to load. */
export const hostWith = (templates: Readonly<Record<string, string>>): Host => {
  const sources = new Map<string, SourceText>(
    Object.entries(templates).map(([path, text]) => [path, { path, text }]),
  );
  return { ...bareHost, load: (name) => sources.get(name) ?? null };
};

/** A template file rendered. */
export const render = (
  text: string,
  variables: Readonly<Record<string, Json>> = {},
  host = bareHost,
): string =>
  compileTemplate({ path: "site.j2", text, at: null }, FILE_SETTINGS).render(scopeWith(variables), host);

/** A playbook's string rendered. */
export const renderString = (
  text: string,
  variables: Readonly<Record<string, Json>> = {},
  host = bareHost,
): Value =>
  compileTemplate({ path: "site.yaml", text, at: null }, STRING_SETTINGS).renderNative(
    scopeWith(variables),
    host,
  );

/** A bare expression evaluated. */
export const evaluate = (
  source: string,
  variables: Readonly<Record<string, Json>> = {},
  host = bareHost,
): Value => compileExpression({ source, at: null }).evaluate(scopeWith(variables), host);

/** What a user is told: code, message, place and hint. */
export const told = (run: () => unknown): readonly (string | null)[] => {
  try {
    run();
  } catch (error) {
    const first = error instanceof LbplayErrors ? error.errors[0] : error;
    if (first instanceof LbplayError) return [first.code, first.message, placeText(first.at), first.hint];
    throw error;
  }
  throw new Error("nothing was wrong");
};
