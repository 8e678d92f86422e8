import { LbplayError, type Place } from "../core/error.ts";
import { suggest } from "../core/suggest.ts";
import type { FilterTools } from "./filters/define.ts";
import { FILTERS, filterName } from "./filters/registry.ts";
import { DictView, type Keywords, type Obj, Range, Text, textOf } from "./objects.ts";
import { iterate } from "./python/operators.ts";
import type { Run } from "./run.ts";
import { TESTS, testName } from "./tests/registry.ts";

/** The names of all filters, without those of collections. */
export const filterNames: readonly string[] = [...FILTERS.keys()];

/** The names of all tests. */
export const testNames: readonly string[] = [...TESTS.keys()];

/** Filters whose text Ansible never reads as a Python literal. */
const TEXT_FILTERS: ReadonlySet<string> = new Set([
  "string",
  "to_json",
  "to_nice_json",
  "to_yaml",
  "to_nice_yaml",
]);

/** True for a filter that exists, by its short or its full name. */
export const isFilter = (name: string): boolean => filterName(name) !== null;

/** True for a test that exists. */
export const isTest = (name: string): boolean => testName(name) !== null;

/** The error for a filter that does not exist. */
export const unknownFilter = (name: string, at: Place | null): LbplayError =>
  unknown("E_UNKNOWN_FILTER", "filter", name, filterNames, at);

/** The error for a test that does not exist. */
export const unknownTest = (name: string, at: Place | null): LbplayError =>
  unknown("E_UNKNOWN_TEST", "test", name, testNames, at);

const unknown = (
  code: string,
  what: string,
  name: string,
  names: readonly string[],
  at: Place | null,
): LbplayError => {
  const meant = suggest(name.split(".").at(-1) ?? name, names);
  return new LbplayError({
    code,
    message: `there is no ${what} '${name}'`,
    at,
    hint: meant === null ? null : `Did you mean '${meant}'?`,
  });
};

const tools = (run: Run, at: () => Place | null): FilterTools => ({
  host: run.host,
  filter: (name, value, args, keywords) => callFilter(name, value, args, keywords, run, at),
  test: (name, value, args, keywords) => callTest(name, value, args, keywords, run, at),
  isFilter,
  isTest,
});

/** Applies a filter by name; iterators come back as lists, as Ansible unrolls them. */
export const callFilter = (
  name: string,
  value: Obj,
  args: readonly Obj[],
  keywords: Keywords,
  run: Run,
  at: () => Place | null,
): Obj => {
  const known = filterName(name);
  const filter = known === null ? undefined : FILTERS.get(known);
  if (known === null || filter === undefined) throw unknownFilter(name, at());
  const result = filter(value, { args, keywords, tools: tools(run, at) });
  if (TEXT_FILTERS.has(name)) {
    const text = textOf(result);
    return text === null ? result : new Text("native", text);
  }
  return result instanceof Range || result instanceof DictView ? iterate(result) : result;
};

/** Applies a test by name. */
export const callTest = (
  name: string,
  value: Obj,
  args: readonly Obj[],
  keywords: Keywords,
  run: Run,
  at: () => Place | null,
): Obj => {
  const known = testName(name);
  const test = known === null ? undefined : TESTS.get(known);
  if (test === undefined) throw unknownTest(name, at());
  return test(value, { args, keywords, tools: tools(run, at) });
};
