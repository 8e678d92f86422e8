import type { Expression, Value } from "../core/value.ts";
import type {
  CompiledExpression,
  CompiledTemplate,
  Host,
  JinjaSettings,
  Scope,
  TemplateSource,
} from "./environment.ts";
import { truth } from "./python/operators.ts";

/** The template that a condition is, if it holds template tags; null for a bare expression. */
export const bareTemplate = (expression: Expression): TemplateSource | null => {
  const { source, at } = expression;
  if (!source.includes("{{") && !source.includes("{%") && !source.includes("{#")) return null;
  return { path: at?.source.path ?? "expression", text: source, at };
};

/** A condition with template tags, as Ansible takes it: rendered first, and text that comes out is evaluated again. */
export const parseConditionTemplate = (
  source: TemplateSource,
  expression: Expression,
  settings: JinjaSettings,
  compile: {
    readonly template: (source: TemplateSource, settings: JinjaSettings) => CompiledTemplate;
    readonly expression: (expression: Expression) => CompiledExpression;
  },
): CompiledExpression => {
  const template = compile.template(source, settings);
  const again = (value: Value): CompiledExpression | null => {
    if (typeof value !== "string" || value === "") return null;
    return compile.expression({ source: value, at: expression.at });
  };
  const evaluate = (scope: Scope, host: Host): Value => {
    const value = template.renderNative(scope, host);
    return again(value)?.evaluate(scope, host) ?? value;
  };
  const test = (scope: Scope, host: Host): boolean => {
    const value = template.renderNative(scope, host);
    return again(value)?.truth(scope, host) ?? truth(value);
  };
  const { variables, filters, tests, lookups } = template;
  return { evaluate, truth: test, variables, filters, tests, lookups };
};
