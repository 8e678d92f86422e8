import type { Host } from "../environment.ts";
import { type Keywords, type Obj, PyError } from "../objects.ts";

/** What a filter may use beside its input. */
export interface FilterTools {
  readonly host: Host;
  /** Applies another filter (`map('upper')`). */
  readonly filter: (name: string, value: Obj, args: readonly Obj[], keywords: Keywords) => Obj;
  /** Applies a test (`select('defined')`). */
  readonly test: (name: string, value: Obj, args: readonly Obj[], keywords: Keywords) => Obj;
  readonly isFilter: (name: string) => boolean;
  readonly isTest: (name: string) => boolean;
}

/** How a filter or test is called. */
export interface FilterCall {
  readonly args: readonly Obj[];
  readonly keywords: Keywords;
  readonly tools: FilterTools;
}

/** A filter or a test. */
export type FilterFunction = (value: Obj, call: FilterCall) => Obj;

/** A name with its filter or test. */
export type Definition = readonly [string, FilterFunction];

/** The arguments in the order of the parameters; undefined where one was not given. */
export type Given = readonly (Obj | undefined)[];

/**
 * A filter or test with named parameters; one whose name ends in `!` is required.
 * Too many arguments and unknown names are TypeErrors, as Python's.
 */
export const define = (
  name: string,
  parameters: readonly string[],
  body: (value: Obj, given: Given, tools: FilterTools) => Obj,
): Definition => {
  const names = parameters.map((parameter) => parameter.replace(/!$/, ""));
  return [name, (value, call) => body(value, bind(name, names, parameters, call), call.tools)];
};

const bind = (
  filter: string,
  names: readonly string[],
  parameters: readonly string[],
  call: FilterCall,
): Given => {
  const { args, keywords } = call;
  if (args.length > names.length) {
    throw new PyError(
      "TypeError",
      `'${filter}' takes at most ${names.length} arguments, ${args.length} given`,
    );
  }
  const given: (Obj | undefined)[] = names.map((_, index) => args[index]);
  for (const [keyword, value] of keywords) {
    const index = names.indexOf(keyword);
    if (index === -1) throw new PyError("TypeError", `'${filter}' has no argument '${keyword}'`);
    if (index < args.length) throw new PyError("TypeError", `'${filter}' got '${keyword}' twice`);
    given[index] = value;
  }
  for (const [index, parameter] of parameters.entries()) {
    if (given[index] === undefined && parameter.endsWith("!")) {
      throw new PyError("TypeError", `'${filter}' wants an argument '${names[index]}'`);
    }
  }
  return given;
};
