import { classOf } from "../python-text.ts";
import { type Dict, isDict, isList, type Value } from "../value.ts";
import { type ArgumentError, ansibleValue, type Context } from "./findings.ts";
import {
  type ArgumentSpec,
  aliasesIn,
  isFlagged,
  type Option,
  optionsOf,
  subSpecOf,
  typeName,
  UNDECIDED,
} from "./option.ts";
import {
  checkExclusive,
  checkRequired,
  checkTogether,
  tellUnknown,
  type Unknown,
  unknownIn,
} from "./presence.ts";
import { ARGUMENT_TYPES } from "./types.ts";
import { checkChoices, checkTypes, type Kept, type Working } from "./values.ts";

/**
 * What is wrong with arguments by an argument spec, as Ansible 2.14 validates a role's: types with their coercions,
 * elements, choices, required options, nested options with their rules, aliases, unknown keys. Errors come in
 * Ansible's order and words; each with its faults at their paths.
 */
export const validateArguments = (spec: ArgumentSpec, given: Dict): readonly ArgumentError[] => {
  const errors: ArgumentError[] = [];
  const context: Context = { path: [], names: [], hidden: false, errors };
  const working = copyOf(given);
  const check: Check = { kept: new WeakMap(), unknown: [] };
  takeAliases(spec, working);
  tellUnfit(spec, working, context);
  check.unknown.push(...unknownIn(spec, working, context));
  setDefaults(spec, working, false);
  checkRequired(spec, working, context);
  checkTypes(spec, working, context, check.kept);
  checkChoices(spec, working, context);
  setDefaults(spec, working, true);
  checkParts(spec, working, context, check);
  tellUnknown(check.unknown, errors);
  return errors;
};

interface Check {
  readonly kept: Kept;
  readonly unknown: Unknown[];
}

/** Mappings are worked on, so they are copied, however deep. */
const copyOf = (dict: Dict): Working => new Map([...dict].map(([key, value]) => [key, copied(value)]));

const copied = (value: Value): Value =>
  isDict<Value>(value) && value !== UNDECIDED
    ? copyOf(value)
    : isList<Value>(value)
      ? value.map(copied)
      : value;

const takeAliases = (spec: ArgumentSpec, given: Working): void => {
  for (const [alias, name] of aliasesIn(spec)) {
    const value = given.get(alias);
    if (value !== undefined) given.set(name, value);
  }
};

/** Ansible collects what is secret first, and stumbles there over what is no mapping; its type is told later again. */
const tellUnfit = (spec: ArgumentSpec, given: Working, context: Context): void => {
  const reason = firstUnfit(spec, given, context.hidden);
  if (reason !== null) context.errors.push({ ansible: reason, faults: [] });
};

const firstUnfit = (spec: ArgumentSpec, given: ReadonlyMap<Value, Value>, hidden: boolean): string | null => {
  for (const [name, option] of optionsOf(spec)) {
    const inner = subSpecOf(option);
    const value = given.get(name) ?? null;
    if (inner === null || value === null || value === UNDECIDED) continue;
    const secret = hidden || isFlagged(option, "no_log");
    for (const part of isList<Value>(value) ? value : [value]) {
      if (part === UNDECIDED) continue;
      const read = typeof part === "string" ? ARGUMENT_TYPES.get("dict")?.read(part) : undefined;
      if (read?.kind === "refused") return read.reason;
      const dict = read === undefined ? part : read.value;
      if (!isDict<Value>(dict)) {
        const shown = ansibleValue(dict, secret);
        return `Value '${shown}' in the sub parameter field '${name}' must by a ${typeName(option)}, not '${classOf(dict)}'`;
      }
      const deeper = firstUnfit(inner, dict, secret);
      if (deeper !== null) return deeper;
    }
  }
  return null;
};

/** First the defaults that are values, so that they are checked like what was given; then null for all the rest. */
const setDefaults = (spec: ArgumentSpec, given: Working, all: boolean): void => {
  for (const [name, option] of optionsOf(spec)) {
    const value = option.get("default") ?? null;
    if (!given.has(name) && (all || value !== null)) given.set(name, copied(value));
  }
};

/** The options within options. */
const checkParts = (spec: ArgumentSpec, given: Working, context: Context, check: Check): void => {
  for (const [name, option] of optionsOf(spec)) {
    const inner = subSpecOf(option);
    if (inner === null) continue;
    if (isFlagged(option, "apply_defaults") && (given.get(name) ?? null) === null) given.set(name, new Map());
    const value = given.get(name) ?? null;
    if (value === null || value === UNDECIDED) continue;
    const path = [...context.path, name];
    const around = {
      ...context,
      names: [...context.names, name],
      hidden: context.hidden || isFlagged(option, "no_log"),
    };
    if (!isList<Value>(value)) {
      checkPart({ name, option, inner }, value, { ...around, path }, check);
      continue;
    }
    const places = check.kept.get(value) ?? [...value.keys()];
    for (const [index, part] of value.entries())
      checkPart(
        { name, option, inner },
        part,
        { ...around, path: [...path, String(places[index] ?? index)] },
        check,
      );
  }
};

interface Part {
  readonly name: string;
  readonly option: Option;
  readonly inner: ArgumentSpec;
}

const checkPart = ({ name, option, inner }: Part, part: Value, context: Context, check: Check): void => {
  if (part === UNDECIDED) return;
  if (!(part instanceof Map)) {
    // Its type was told already, with what was found.
    context.errors.push({ ansible: `value of '${name}' must be of type dict or list of dicts`, faults: [] });
    return;
  }
  const given: Working = part;
  takeAliases(inner, given);
  tellUnfit(inner, given, context);
  check.unknown.push(...unknownIn(inner, given, context));
  // What is not decided may turn out to be left out: then nothing can be said of what goes together.
  const decided = ![...given.values()].includes(UNDECIDED);
  if (decided) checkExclusive(option, given, context);
  setDefaults(inner, given, false);
  checkRequired(inner, given, context);
  checkTypes(inner, given, context, check.kept);
  checkChoices(inner, given, context);
  if (decided) checkTogether(option, given, context);
  setDefaults(inner, given, true);
  checkParts(inner, given, context, check);
};
