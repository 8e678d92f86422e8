import { LbplayError, type SourceText } from "../core/error.ts";
import {
  type Dict,
  type Expression,
  isDict,
  isList,
  isTemplate,
  type Source,
  type Template,
  type Value,
} from "../core/value.ts";
import {
  type CompiledExpression,
  type CompiledTemplate,
  compileExpression,
  compileTemplate,
  FILE_SETTINGS,
  type Host,
  type JinjaSettings,
  type Scope,
  STRING_SETTINGS,
} from "../jinja/environment.ts";
import { LazyDict } from "./lazy-dict.ts";

/** The variables of a task, with what its templates may reach outside themselves (lookups, included files). */
export interface TaskScope extends Scope {
  readonly host: Host;
  /** The names of variables that were looked at so far, also those behind other variables. */
  readonly looked: () => Iterable<string>;
}

/** Renders what playbooks hold; everything is compiled once per run. */
export interface Templar {
  /** A source with all its templates rendered, as Ansible gives it to modules. */
  readonly resolve: (source: Source, scope: TaskScope) => Value;
  readonly evaluate: (expression: Expression, scope: TaskScope) => Value;
  readonly truth: (expression: Expression, scope: TaskScope) => boolean;
  /** A template file's text, rendered. */
  readonly renderFile: (source: SourceText, settings: Partial<JinjaSettings>, scope: TaskScope) => string;
  /** The names of variables that rendering a source may look at. */
  readonly namesIn: (source: Source) => ReadonlySet<string>;
}

/** A templar with empty caches. */
export const createTemplar = (): Templar => {
  const templates = new WeakMap<Template, CompiledTemplate>();
  const expressions = new Map<string, CompiledExpression>();
  const files = new Map<string, CompiledTemplate>();

  const compiled = (template: Template): CompiledTemplate => {
    const present = templates.get(template);
    if (present !== undefined) return present;
    const fresh = compileTemplate(
      { path: template.at?.source.path ?? "<string>", text: template.source, at: template.at },
      STRING_SETTINGS,
    );
    templates.set(template, fresh);
    return fresh;
  };

  const expressionOf = (expression: Expression): CompiledExpression => {
    const key = `${expression.at === null ? "" : `${expression.at.source.path}:${expression.at.line}:${expression.at.column}`}\n${expression.source}`;
    const present = expressions.get(key);
    if (present !== undefined) return present;
    const fresh = compileExpression(expression);
    expressions.set(key, fresh);
    return fresh;
  };

  const resolve = (source: Source, scope: TaskScope): Value => {
    if (isTemplate(source)) return compiled(source).renderNative(scope, scope.host);
    if (isList<Source>(source)) return source.map((item) => resolve(item, scope));
    if (isDict<Source>(source)) return resolveDict(source, (item) => resolve(item, scope));
    return source as Value;
  };

  return {
    resolve,
    evaluate: (expression, scope) => expressionOf(expression).evaluate(scope, scope.host),
    truth: (expression, scope) => expressionOf(expression).truth(scope, scope.host),
    renderFile: (source, settings, scope) => {
      const key = `${source.path}\n${JSON.stringify(settings)}\n${source.text}`;
      const template =
        files.get(key) ?? compileTemplate({ ...source, at: null }, { ...FILE_SETTINGS, ...settings });
      files.set(key, template);
      return template.render(scope, scope.host);
    },
    namesIn: (source) => {
      const names = new Set<string>();
      eachTemplate(source, (template) => {
        for (const variable of compiled(template).variables) names.add(variable.name);
      });
      return names;
    },
  };
};

/** Keys are templates only in so far as YAML files write them so; Ansible renders values, not keys. */
const resolveDict = (source: ReadonlyMap<Value, Source>, each: (item: Source) => Value): Dict => {
  if (source instanceof LazyDict) return source;
  // Thousands of values of a role's argument spec come this way: no lists in between.
  const resolved = new Map<Value, Value>();
  for (const [key, item] of source) resolved.set(key, each(item));
  return resolved;
};

const eachTemplate = (source: Source, visit: (template: Template) => void): void => {
  if (isTemplate(source)) visit(source);
  else if (isList<Source>(source)) for (const item of source) eachTemplate(item, visit);
  else if (isDict<Source>(source)) for (const item of source.values()) eachTemplate(item, visit);
};

/** A keyword's boolean; null where it is not set. */
export const asBoolean = (value: Value, what: string): boolean | null => {
  if (value === null || typeof value === "boolean") return value;
  const word = typeof value === "string" ? value.trim().toLowerCase() : String(value);
  if (["yes", "true", "on", "1"].includes(word)) return true;
  if (["no", "false", "off", "0", ""].includes(word)) return false;
  throw new LbplayError({
    code: "E_TYPE",
    message: `${what}: expected a boolean, found ${JSON.stringify(word)}`,
  });
};
