import { classOf } from "../python-text.ts";
import { isDict, isList, type Value } from "../value.ts";
import { type ArgumentSpec, isFlagged } from "./option.ts";

/** A mistake in an argument spec itself, at a path of option names and keys below it. */
export interface SpecFault {
  readonly path: readonly string[];
  readonly message: string;
}

/** What in a spec no arguments could be validated by, whatever they are: Ansible gives up there, too. */
export const specFaults = (spec: ArgumentSpec, path: readonly string[] = []): readonly SpecFault[] =>
  [...spec].flatMap(([key, option]) => {
    const here = [...path, String(key)];
    if (!isDict<Value>(option))
      return [{ path: here, message: `expected a mapping such as {type: str}, found ${found(option)}` }];
    const { options, faults } = partsOf(option, here);
    return [...faults, ...(options === null ? [] : specFaults(options, [...here, "options"]))];
  });

const partsOf = (
  option: ReadonlyMap<Value, Value>,
  here: readonly string[],
): { readonly options: ArgumentSpec | null; readonly faults: readonly SpecFault[] } => {
  const faults: SpecFault[] = [];
  const at = (key: string, message: string): void => {
    faults.push({ path: [...here, key], message });
  };
  for (const key of ["type", "elements"]) {
    const value = option.get(key) ?? null;
    if (value !== null && typeof value !== "string")
      at(key, `expected the name of a type, found ${found(value)}`);
  }
  if (isFlagged(option, "required") && (option.get("default") ?? null) !== null)
    at("default", "what is required has no default: one of the two is meant");
  const aliases = option.get("aliases") ?? null;
  if (aliases !== null && !isList(aliases))
    at("aliases", `expected a list of names, found ${found(aliases)}`);
  if (option.has("fallback")) at("fallback", "only modules written in Python have fallbacks");
  const options = option.get("options") ?? null;
  if (options === null || isDict<Value>(options)) return { options, faults };
  at("options", `expected a mapping of options, found ${found(options)}`);
  return { options: null, faults };
};

const found = (value: Value): string => WORDS[classOf(value)] ?? "something else";

const WORDS: Readonly<Record<string, string>> = {
  NoneType: "nothing",
  list: "a list",
  dict: "a mapping",
  str: "a text",
  bool: "a boolean",
  int: "a number",
  float: "a number",
};
