import { sameValue, valueText } from "../python-text.ts";
import { suggest } from "../suggest.ts";
import { isDict, isList, type Value } from "../value.ts";
import { type Context, note, within } from "./findings.ts";
import { type ArgumentSpec, aliasesIn, isFlagged, listOf, type Option, optionsOf } from "./option.ts";

type Parameters = ReadonlyMap<Value, Value>;

/** `required: true` */
export const checkRequired = (spec: ArgumentSpec, given: Parameters, context: Context): void => {
  const missing = optionsOf(spec)
    .filter(([name, option]) => isFlagged(option, "required") && !given.has(name))
    .map(([name]) => name);
  if (missing.length === 0) return;
  context.errors.push({
    ansible: within(context, `missing required arguments: ${missing.toSorted().join(", ")}`),
    faults: missing.map((name) => ({
      path: [...context.path, name],
      kind: "missing",
      message: "required, but not given",
      found: null,
      hint: null,
    })),
  });
};

/** What `mutually_exclusive` of an option says of the mapping in it. */
export const checkExclusive = (option: Option, given: Parameters, context: Context): void => {
  const broken = listOf(option.get("mutually_exclusive")).filter((terms) => counted(terms, given) > 1);
  if (broken.length === 0) return;
  const shown = broken.map((terms) => listOf(terms).map(valueText).join("|"));
  note(context, context.path, within(context, `parameters are mutually exclusive: ${shown.join(", ")}`), {
    message: `takes only one of ${broken.map(words).join("; and of ")}`,
  });
};

/** What `required_together`, `required_one_of`, `required_if` and `required_by` of an option say of the mapping in it. */
export const checkTogether = (option: Option, given: Parameters, context: Context): void => {
  checkAllOrNone(option, given, context);
  checkOneOf(option, given, context);
  checkIf(option, given, context);
  checkBy(option, given, context);
};

const checkAllOrNone = (option: Option, given: Parameters, context: Context): void => {
  const broken = listOf(option.get("required_together")).find((terms) => {
    const counts = listOf(terms).map((term) => counted(term, given));
    return counts.some((count) => count > 0) && counts.includes(0);
  });
  if (broken === undefined) return;
  const names = listOf(broken).map(valueText);
  note(context, context.path, within(context, `parameters are required together: ${names.join(", ")}`), {
    message: `needs all of ${names.join(", ")}, or none of them`,
  });
};

const checkOneOf = (option: Option, given: Parameters, context: Context): void => {
  const broken = listOf(option.get("required_one_of")).find((terms) => counted(terms, given) === 0);
  if (broken === undefined) return;
  const names = listOf(broken).map(valueText).join(", ");
  note(context, context.path, within(context, `one of the following is required: ${names}`), {
    message: `needs one of ${names}`,
  });
};

const checkIf = (option: Option, given: Parameters, context: Context): void => {
  for (const rule of listOf(option.get("required_if"))) {
    const [name = null, wanted = null, needed = null, anyOf = false] = listOf(rule);
    const value = given.get(name);
    if (value === undefined || !sameValue(value, wanted)) continue;
    const all = listOf(needed);
    const missing = all.filter((term) => counted(term, given) === 0).map(valueText);
    const isAny = anyOf === true;
    if (missing.length === 0 || (isAny && missing.length < all.length)) continue;
    const ansible = `${valueText(name)} is ${valueText(wanted)} but ${isAny ? "any" : "all"} of the following are missing: ${missing.join(", ")}`;
    const message = `needs ${isAny ? "one of " : ""}${missing.join(", ")}, since ${valueText(name)} is ${valueText(wanted)}`;
    note(context, context.path, within(context, ansible), { message });
    return;
  }
};

const checkBy = (option: Option, given: Parameters, context: Context): void => {
  const rules = option.get("required_by");
  if (!isDict<Value>(rules)) return;
  for (const [name, needed] of rules) {
    if ((given.get(name) ?? null) === null) continue;
    const missing = listOf(needed)
      .filter((term) => (given.get(term) ?? null) === null)
      .map(valueText);
    if (missing.length === 0) continue;
    const ansible = `missing parameter(s) required by '${valueText(name)}': ${missing.join(", ")}`;
    note(context, context.path, within(context, ansible), {
      message: `${valueText(name)} needs ${missing.join(", ")} beside it`,
    });
    return;
  }
};

/** How many of the terms (or the one term) are given. */
const counted = (terms: Value, given: Parameters): number =>
  new Set(isList<Value>(terms) ? terms.filter((term) => given.has(term)) : given.has(terms) ? [terms] : [])
    .size;

const words = (terms: Value): string => listOf(terms).map(valueText).join(", ");

/** A key that no option has. */
export interface Unknown {
  readonly path: readonly string[];
  /** The name with those of the options around it. */
  readonly dotted: string;
  readonly supported: string;
  readonly near: string | null;
}

/** The keys of a mapping that its spec does not know. */
export const unknownIn = (spec: ArgumentSpec, given: Parameters, context: Context): readonly Unknown[] => {
  const aliases = aliasesIn(spec);
  const names = optionsOf(spec).map(([name]) => name);
  const known = [...names, ...aliases.keys()];
  const others = [...aliases.keys()].toSorted().join(", ");
  const supported = names.toSorted().join(", ") + (others === "" ? "" : ` (${others})`);
  return [...given.keys()].map(valueText).flatMap((name) =>
    known.includes(name)
      ? []
      : [
          {
            path: [...context.path, name],
            dotted: [...context.names, name].join("."),
            supported,
            near: suggest(name, known),
          },
        ],
  );
};

/** All unknown keys are one error of Ansible's, which lists what the last of them might have been. */
export const tellUnknown = (unknown: readonly Unknown[], errors: Context["errors"]): void => {
  const last = unknown.at(-1);
  if (last === undefined) return;
  const names = [...new Set(unknown.map(({ dotted }) => dotted))].toSorted();
  errors.push({
    ansible: `${names.join(", ")}. Supported parameters include: ${last.supported}.`,
    faults: unknown.map(({ path, near, supported }) => ({
      path: path,
      kind: "unknown",
      message: "unknown",
      found: null,
      hint: near === null ? (supported === "" ? null : `known are ${supported}`) : `did you mean ${near}?`,
    })),
  });
};
