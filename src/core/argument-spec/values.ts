import { classOf, sameValue, valueText } from "../python-text.ts";
import { suggest } from "../suggest.ts";
import { isList, type Value } from "../value.ts";
import { ansibleValue, type Context, note, shownValue, within } from "./findings.ts";
import {
  type ArgumentSpec,
  elementsName,
  isFlagged,
  type Option,
  optionsOf,
  typeName,
  UNDECIDED,
} from "./option.ts";
import { ARGUMENT_TYPES, BOOLEAN_WORDS, pythonClass, type Typed } from "./types.ts";

/** The mapping that is being checked; values are replaced by what their types make of them. */
export type Working = Map<Value, Value>;

/** Which elements of a list were left when others did not fit: the places of a list by the list itself. */
export type Kept = WeakMap<object, readonly number[]>;

/** Reads every given value by its type, elements included; null is no value and fits every type, as in Ansible. */
export const checkTypes = (spec: ArgumentSpec, given: Working, context: Context, kept: Kept): void => {
  for (const [name, option] of optionsOf(spec)) {
    const value = given.get(name) ?? null;
    if (value === null || value === UNDECIDED) continue;
    const path = [...context.path, name];
    const hidden = context.hidden || isFlagged(option, "no_log");
    const wanted = typeName(option);
    const type = ARGUMENT_TYPES.get(wanted);
    const typed = type?.read(value) ?? NO_SUCH_TYPE;
    if (typed.kind === "refused") {
      const reason = hidden
        ? typed.reason.replace(valueText(value), ansibleValue(value, true))
        : typed.reason;
      const around = context.names.length === 0 ? "" : ` found in '${context.names.join(" -> ")}'.`;
      const ansible = `argument '${name}' is of type ${pythonClass(value)}${around} and we were unable to convert to ${wanted}: ${reason}`;
      note(context, path, ansible, mismatch(wanted, type?.words, value, hidden));
      continue;
    }
    given.set(name, typed.value);
    const elements = elementsName(option);
    if (elements !== null)
      given.set(name, checkElements(name, elements, option, typed.value, { ...context, hidden }, kept));
  }
};

/** What Python says to a type that there is not. */
const NO_SUCH_TYPE: Typed = { kind: "refused", reason: "'NoneType' object is not callable" };

const mismatch = (wanted: string, words: string | undefined, value: Value, hidden: boolean) =>
  words === undefined
    ? {
        message: `cannot be checked: the argument spec asks for the type "${wanted}", which there is not`,
        hint: typeHint(wanted),
      }
    : { message: `expected ${words}`, found: shownValue(value, hidden) };

const typeHint = (wanted: string): string => {
  const near = suggest(wanted, ARGUMENT_TYPES.keys()) ?? TYPE_WORDS[wanted] ?? null;
  return near === null ? `known are ${[...ARGUMENT_TYPES.keys()].join(", ")}` : `did you mean ${near}?`;
};

/** What other languages call them. */
const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: "str",
  boolean: "bool",
  integer: "int",
  number: "float",
  array: "list",
  object: "dict",
  mapping: "dict",
};

const checkElements = (
  name: string,
  wanted: string,
  option: Option,
  value: Value,
  context: Context,
  kept: Kept,
): Value => {
  const path = [...context.path, name];
  if (!isList<Value>(value)) {
    const around = context.names.length === 0 ? "" : ` found in '${context.names.join(" -> ")}'.`;
    const ansible = `Invalid type ${typeName(option)} for option '${ansibleValue(value, context.hidden)}'${around}, elements value check is supported only with 'list' type`;
    note(context, path, ansible, {
      message: "cannot be checked: the argument spec has `elements` for what is no list",
    });
    return value;
  }
  const type = ARGUMENT_TYPES.get(wanted);
  const fitting: Value[] = [];
  const places: number[] = [];
  for (const [index, element] of value.entries()) {
    const typed: Typed =
      element === UNDECIDED ? { kind: "value", value: element } : (type?.read(element) ?? NO_SUCH_TYPE);
    if (typed.kind === "value") {
      fitting.push(typed.value);
      places.push(index);
      continue;
    }
    const around = context.names.length === 0 ? "" : ` found in '${context.names.join(" -> ")}'`;
    const reason = context.hidden
      ? typed.reason.replace(valueText(element), ansibleValue(element, true))
      : typed.reason;
    const ansible = `Elements value for option '${name}'${around} is of type ${pythonClass(element)} and we were unable to convert to ${wanted}: ${reason}`;
    note(context, [...path, String(index)], ansible, mismatch(wanted, type?.words, element, context.hidden));
  }
  kept.set(fitting, places);
  return fitting;
};

/** `choices`; of a list every element must be one. */
export const checkChoices = (spec: ArgumentSpec, given: Working, context: Context): void => {
  for (const [name, option] of optionsOf(spec)) {
    const choices = option.get("choices") ?? null;
    const value = given.get(name);
    if (choices === null) continue;
    const path = [...context.path, name];
    if (!isList<Value>(choices)) {
      const ansible = `internal error: choices for argument ${name} are not iterable: ${valueText(choices)}`;
      note(context, path, within(context, ansible), {
        message: "cannot be checked: the argument spec has choices that are no list",
      });
    } else if (value !== undefined && value !== UNDECIDED) {
      const hidden = context.hidden || isFlagged(option, "no_log");
      checkChoice({ name, path, choices, hidden }, value, given, context);
    }
  }
};

interface Choice {
  readonly name: string;
  readonly path: readonly string[];
  readonly choices: readonly Value[];
  readonly hidden: boolean;
}

const checkChoice = (choice: Choice, value: Value, given: Working, context: Context): void => {
  const { name, path, choices, hidden } = choice;
  const among = choices.map(valueText).join(", ");
  const isOne = (one: Value): boolean => choices.some((known) => sameValue(known, one));
  if (isList<Value>(value)) {
    const strange = value.filter((item) => item !== UNDECIDED && !isOne(item));
    if (strange.length === 0) return;
    const shown = strange.map((item) => ansibleValue(item, hidden)).join(", ");
    const ansible = `value of ${name} must be one or more of: ${among}. Got no match for: ${shown}`;
    context.errors.push({
      ansible: within(context, ansible),
      faults: strange.map((item) => ({
        path: [...path, String(value.indexOf(item))],
        kind: "value",
        message: `expected one of ${among}`,
        found: shownValue(item, hidden),
        hint: hintFor(item, choices, hidden),
      })),
    });
    return;
  }
  if (isOne(value)) return;
  const meant = wordMeant(value, choices);
  if (meant !== null) {
    given.set(name, meant);
    return;
  }
  note(
    context,
    path,
    within(context, `value of ${name} must be one of: ${among}, got: ${ansibleValue(value, hidden)}`),
    {
      message: `expected one of ${among}`,
      found: shownValue(value, hidden),
      hint: hintFor(value, choices, hidden),
    },
  );
};

const hintFor = (value: Value, choices: readonly Value[], hidden: boolean): string | null => {
  if (hidden || classOf(value) !== "str") return null;
  const near = suggest(valueText(value), choices.map(valueText));
  return near === null ? null : `did you mean ${near}?`;
};

/** YAML makes a boolean of `no`; where exactly one of the choices means the same, that one was meant. */
const wordMeant = (value: Value, choices: readonly Value[]): Value => {
  const words: readonly string[] =
    value === "True" ? BOOLEAN_WORDS.true : value === "False" ? BOOLEAN_WORDS.false : [];
  const truth = value === "True";
  const meant = choices.filter((choice) =>
    typeof choice === "string" ? words.includes(choice) : words.length > 0 && sameValue(choice, truth),
  );
  const [only = null] = meant;
  return meant.length === 1 ? only : null;
};
