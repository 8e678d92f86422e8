import { aliasesOf, coerce } from "../core/coerce.ts";
import type { TaskStep } from "../core/play.ts";
import type { Schema } from "../core/schema.ts";
import { suggest } from "../core/suggest.ts";
import type { Params, Task } from "../core/task.ts";
import { isDict, isList, isTemplate, type Source, type SourceDict, type Value } from "../core/value.ts";
import type { CheckOptions, Report } from "./check-options.ts";
import { isLiteral } from "./node.ts";

/** Checks a task's arguments by its module's schema; what is a template is left to the run. */
export const checkArguments = (
  step: TaskStep,
  module: Task,
  validate: CheckOptions["validate"],
  report: Report,
): void => {
  const given = argumentsBy(step, module);
  if (given === null) return;
  const before = { faults: 0 };
  const counted: Report = (fault) => {
    before.faults += 1;
    report(fault);
  };
  const site: Site = { step, module, report: counted };
  checkDict(site, module.schema, given, []);
  checkDefaults(site, given);
  if (before.faults > 0 || hasDefaults(step, module)) return;
  if (isLiteral(given)) checkWhole(site, given, validate);
};

interface Site {
  readonly step: TaskStep;
  readonly module: Task;
  readonly report: Report;
}

/** The arguments by name, free-form text under its parameter; null where they are known only in the run. */
const argumentsBy = (step: TaskStep, module: Task): SourceDict | null => {
  const { args } = step;
  if (isTemplate(args) || !isDict<Source>(args)) return null;
  if (args.has("_variable_params")) return null;
  return new Map(
    [...args].map(([key, value]) => [key === "_raw_params" ? (module.freeForm ?? key) : key, value]),
  );
};

const placeOfPath = ({ step, module }: Site, path: readonly string[]) => {
  const raw = path[0] === module.freeForm && step.args instanceof Map && step.args.has("_raw_params");
  return step.argPlace(raw ? ["_raw_params", ...path.slice(1)] : path);
};

const isOpen = (schema: Schema): boolean =>
  schema.additionalProperties === true ||
  typeof schema.additionalProperties === "object" ||
  schema.properties === undefined;

const checkDict = (site: Site, schema: Schema, given: SourceDict, path: readonly string[]): void => {
  const names = aliasesOf(schema.properties ?? {});
  for (const [key, value] of given) {
    const name = names.get(String(key));
    const here = [...path, String(key)];
    if (name !== undefined) checkSource(site, schema.properties?.[name] ?? {}, value, here);
    else if (!isOpen(schema)) unknownParameter(site, here, names.keys());
    else if (typeof schema.additionalProperties === "object")
      checkSource(site, schema.additionalProperties, value, here);
  }
  const present = new Set(
    [...given].filter(([, value]) => value !== null).map(([key]) => names.get(String(key)) ?? String(key)),
  );
  for (const name of schema.required ?? []) {
    if (present.has(name) || hasDefaults(site.step, site.module)) continue;
    const where = path.length === 0 ? site.step.module : path.join(".");
    site.report({
      code: "E_MISSING_PARAMETER",
      message: `${where} needs "${name}"`,
      at: path.length === 0 ? site.step.moduleAt : placeOfPath(site, path),
      hint: `lbplay doc ${site.module.name} shows its parameters`,
    });
  }
};

const unknownParameter = (site: Site, path: readonly string[], known: Iterable<string>): void => {
  const name = path.at(-1) ?? "";
  const near = suggest(name, known);
  const owner = path.length === 1 ? site.step.module : `${site.step.module}'s ${path.slice(0, -1).join(".")}`;
  const raw = name === "_raw_params";
  site.report({
    code: raw ? "E_ARGUMENTS" : "E_UNKNOWN_PARAMETER",
    message: raw ? `${owner} takes no text, only parameters` : `${owner} has no parameter "${name}"`,
    at: placeOfPath(site, path),
    hint: near === null ? `lbplay doc ${site.module.name} shows its parameters` : `did you mean ${near}?`,
  });
};

const checkSource = (site: Site, schema: Schema, source: Source, path: readonly string[]): void => {
  if (isTemplate(source) || source === null || schema["x-raw"] === true) return;
  if (isLiteral(source)) {
    checkLiteral(site, schema, source, path);
    return;
  }
  if (isDict<Source>(source) && schema.properties !== undefined) checkDict(site, schema, source, path);
  else if (isList<Source>(source) && schema.items !== undefined)
    for (const [index, item] of source.entries())
      checkSource(site, schema.items, item, [...path, String(index)]);
};

/** A literal within arguments that also hold templates: its type, its allowed words, its unknown keys. */
const checkLiteral = (site: Site, schema: Schema, value: Value, path: readonly string[]): void => {
  const { value: coerced, faults } = coerce(schema, value);
  for (const fault of faults) {
    const full = [...path, ...fault.path];
    site.report({
      code: "E_PARAMETER",
      message: `${site.step.module}: ${full.join(".")}: ${fault.message}`,
      at: placeOfPath(site, full),
    });
  }
  if (faults.length > 0) return;
  if (isDict<Value>(value) && schema.properties !== undefined) checkDict(site, schema, value, path);
  if (isList<Value>(value) && schema.items?.properties !== undefined)
    for (const [index, item] of value.entries())
      checkSource(site, schema.items, item, [...path, String(index)]);
  const allowed = schema.enum;
  if (allowed === undefined || coerced === null || allowed.some((word) => word === coerced)) return;
  const words = allowed.filter((word) => word !== null).map(String);
  const near = suggest(String(coerced), words);
  site.report({
    code: "E_PARAMETER",
    message: `${site.step.module}: ${path.join(".")}: expected one of ${words.join(", ")}, found ${JSON.stringify(coerced)}`,
    at: placeOfPath(site, path),
    hint: near === null ? null : `did you mean ${near}?`,
  });
};

const hasDefaults = (step: TaskStep, module: Task): boolean =>
  step.keywords.moduleDefaults.some((layer) =>
    [...layer.keys()].some(
      (key) => String(key).startsWith("group/") || [module.name, ...module.aliases].includes(String(key)),
    ),
  );

/** module_defaults of this very module must be parameters of it, too. */
const checkDefaults = (site: Site, given: SourceDict): void => {
  const names = aliasesOf(site.module.schema.properties ?? {});
  for (const layer of site.step.keywords.moduleDefaults)
    for (const [key, defaults] of layer) {
      if (![site.module.name, ...site.module.aliases].includes(String(key)) || !isDict<Source>(defaults))
        continue;
      for (const name of defaults.keys())
        if (!names.has(String(name)) && !isOpen(site.module.schema) && !given.has(name))
          site.report({
            code: "E_UNKNOWN_PARAMETER",
            message: `module_defaults: ${String(key)} has no parameter "${String(name)}"`,
            at: site.step.at,
            hint: `lbplay doc ${site.module.name} shows its parameters`,
          });
    }
};

/** Arguments without any template are checked as a whole: by the schema, then by the module's own rules. */
const checkWhole = (
  site: Site,
  given: ReadonlyMap<Value, Value>,
  validate: CheckOptions["validate"],
): void => {
  const { module, step } = site;
  const { value, faults } = coerce(module.schema, given);
  if (faults.length > 0) return;
  const params = value as Params; // a module's schema is an object
  const wrong = validate(module.name, params);
  for (const sentence of wrong.length > 0 ? wrong : module.rules(params)) {
    const path = /^([\w.]+): /.exec(sentence)?.[1]?.split(".") ?? [];
    const known = path.length > 0 ? placeOfPath(site, userPath(module, given, path)) : step.moduleAt;
    site.report({ code: "E_PARAMETER", message: `${step.module}: ${sentence}`, at: known });
  }
};

/** A path in the words of the user, who may have used an alias. */
const userPath = (
  module: Task,
  given: ReadonlyMap<Value, Value>,
  path: readonly string[],
): readonly string[] => {
  const [first = "", ...rest] = path;
  const names = aliasesOf(module.schema.properties ?? {});
  const used = [...given.keys()].map(String).find((key) => names.get(key) === first);
  return [used ?? first, ...rest];
};
