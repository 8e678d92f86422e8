import { LbplayError, type Place, type SourceText } from "../core/error.ts";
import { suggest } from "../core/suggest.ts";
import type { Root } from "./compile-template.ts";
import type { Host, Scope } from "./environment.ts";
import { createGlobals } from "./globals.ts";
import { type Obj, PyError, Undefined, UndefinedUse } from "./objects.ts";
import { copyPlain } from "./plain.ts";

/** One rendering: its variables, its host, and what was looked up so far. */
export interface Run {
  readonly scope: Scope;
  readonly host: Host;
  /** How the pieces of macros and blocks become one value: as text, or as Ansible's strings of playbooks do. */
  readonly concat: "text" | "native";
  /** A variable of the scope or a global; undefined where there is neither. */
  readonly resolve: (name: string) => Obj | undefined;
  /** A global function or, in a module imported without context, all that can be seen. */
  readonly global: (name: string) => Obj | undefined;
  /** Counts templates inside templates, to stop endless inclusion. */
  readonly depth: { value: number };
  /** Counts macros inside macros, to stop endless recursion. */
  readonly calls: { value: number };
  /** Templates compiled so far: a loop that includes one compiles it once. */
  readonly templates: Map<SourceText, Root>;
}

/** Starts a rendering. With `mayChange` the template gets copies, since Python's methods could change what it is given. */
export const createRun = (options: {
  scope: Scope;
  host: Host;
  concat: "text" | "native";
  mayChange: boolean;
}): Run => {
  const { scope, host, concat, mayChange } = options;
  const known = new Map<string, Obj | undefined>();
  const globals = createGlobals(host);
  const global = (name: string): Obj | undefined => globals.get(name);
  const fresh = (name: string): Obj | undefined => {
    const value = read(scope, name);
    if (value === undefined) return global(name);
    return mayChange ? copyPlain(value) : value;
  };
  const resolve = (name: string): Obj | undefined => {
    if (known.has(name)) return known.get(name);
    const value = fresh(name);
    known.set(name, value);
    return value;
  };
  return {
    scope,
    host,
    concat,
    resolve,
    global,
    depth: { value: 0 },
    calls: { value: 0 },
    templates: new Map(),
  };
};

/** A variable that cannot be rendered for want of another one counts as undefined until it is used. */
const read = (scope: Scope, name: string): Obj | undefined => {
  try {
    return scope.get(name);
  } catch (error) {
    if (!(error instanceof LbplayError) || error.code !== "E_UNDEFINED") throw error;
    return new Undefined({ message: error.message, variable: name, cause: error, at: error.at });
  }
};

/** What the user is told about an exception of a template's code; LbplayErrors and bugs pass as they are. */
export const explained = (error: unknown, at: Place | null, scope: Scope | null): unknown => {
  if (error instanceof UndefinedUse) return undefinedError(error.missing, at, scope);
  if (error instanceof PyError) {
    const code = error.name === "Refused" ? "E_TEMPLATE_REFUSED" : "E_TEMPLATE";
    return new LbplayError({ code, message: error.message, at, cause: error });
  }
  if (error instanceof RangeError && error.message.includes("call stack")) {
    return new LbplayError({
      code: "E_TEMPLATE",
      message: "the template calls itself without end",
      at,
      cause: error,
    });
  }
  return error;
};

const undefinedError = (missing: Undefined, at: Place | null, scope: Scope | null): unknown => {
  if (missing.cause instanceof LbplayError) return missing.cause;
  const candidates = missing.variable !== null ? (scope?.names() ?? []) : (missing.candidates?.() ?? []);
  const name = missing.variable ?? /'([^']*)'$/.exec(missing.message)?.[1] ?? "";
  const meant = suggest(name, candidates);
  return new LbplayError({
    code: "E_UNDEFINED",
    message: missing.message,
    at: missing.at ?? at,
    hint: meant === null ? null : `Did you mean '${meant}'?`,
  });
};
