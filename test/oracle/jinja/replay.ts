import { readFileSync } from "node:fs";
import { LbplayError, LbplayErrors, type SourceText } from "../../../src/core/error.ts";
import { isDict, isList, type Value } from "../../../src/core/value.ts";
import {
  compileExpression,
  compileTemplate,
  FILE_SETTINGS,
  type Host,
  type JinjaSettings,
  type Scope,
  STRING_SETTINGS,
} from "../../../src/jinja/environment.ts";
import { fromJsonText } from "../../../src/jinja/python/json.ts";
import { repr } from "../../../src/jinja/python/print.ts";

/** What came out: a value (written as Python writes it), or which kind of error. */
export type Outcome = { readonly value: string } | { readonly error: "syntax" | "undefined" | "other" };

/** One case with what the real thing made of it. */
export interface RecordedCase {
  readonly title: string;
  readonly input: ReadonlyMap<Value, Value>;
  readonly outcome: Outcome;
}

/** Cases that share variables and templates to include. */
export interface RecordedGroup {
  readonly name: string;
  readonly variables: ReadonlyMap<Value, Value>;
  readonly templates: ReadonlyMap<string, SourceText>;
  readonly cases: readonly RecordedCase[];
}

const KINDS = ["file", "string", "expression", "condition"] as const;

/** A dict of the record; nothing is an empty one. */
export const dictOf = (value: Value | undefined): ReadonlyMap<Value, Value> => {
  if (value === undefined) return new Map();
  if (!isDict<Value>(value)) throw new Error("a dict is expected in the record");
  return value;
};

/** A list of the record. */
export const listOf = (value: Value | undefined): readonly Value[] => {
  if (value === undefined || !isList<Value>(value)) throw new Error("a list is expected in the record");
  return value;
};

/** JSON as Python's values. */
export const readJson = (text: string): Value => fromJsonText(text) as Value; // plain JSON has plain values alone

/** What the real thing made of a case. */
export const recordedOutcome = (record: ReadonlyMap<Value, Value>): Outcome => {
  const error = record.get("error");
  if (error === "syntax" || error === "undefined" || error === "other") return { error };
  return { value: String(record.get("value")) };
};

/** The groups of cases with their records, `record` being the text of expected.json. */
export const readGroups = (directory: URL, record: string): readonly RecordedGroup[] =>
  [...dictOf(dictOf(readJson(record)).get("cases"))].map(([name, results]) => {
    const group = dictOf(readJson(readFileSync(new URL(`cases/${String(name)}`, directory), "utf8")));
    const inputs = listOf(group.get("cases")).map(dictOf);
    const outcomes = listOf(results).map(dictOf);
    if (inputs.length !== outcomes.length) throw new Error(`${String(name)} has cases that are not recorded`);
    return {
      name: String(name),
      variables: dictOf(group.get("variables")),
      templates: new Map(
        [...dictOf(group.get("templates"))].map(([path, text]) => [
          String(path),
          { path: String(path), text: String(text) },
        ]),
      ),
      cases: inputs.map((input, index) => {
        const outcome = outcomes[index] ?? new Map();
        const source = sourceOf(input);
        if (outcome.get("source") !== source)
          throw new Error(`${String(name)}: the record of '${source}' is stale`);
        return { title: source, input, outcome: recordedOutcome(outcome) };
      }),
    };
  });

const kindOf = (input: ReadonlyMap<Value, Value>): (typeof KINDS)[number] => {
  const kind = KINDS.find((candidate) => input.has(candidate));
  if (kind === undefined) throw new Error("a case without anything to render");
  return kind;
};

const sourceOf = (input: ReadonlyMap<Value, Value>): string => String(input.get(kindOf(input)));

/** A host that knows these templates and nothing else; time stands still. */
export const hostOf = (templates: ReadonlyMap<string, SourceText>): Host => ({
  load: (name) => templates.get(name) ?? null,
  lookup: null,
  now: () => new Date(0),
  random: () => 0.5,
  parseYaml: null,
  files: null,
  utcOffset: () => 0,
});

/** Variables as Ansible has them: strings with tags are rendered when they are read. */
export const scopeOf = (variables: ReadonlyMap<Value, Value>, host: Host): Scope => {
  const scope: Scope = {
    get: (name) => {
      const value = variables.get(name);
      return value === undefined ? undefined : render(value);
    },
    names: () => [...variables.keys()].map(String),
    isLiteral: (name) => typeof variables.get(name) !== "string",
  };
  const render = (value: Value): Value => {
    if (isList<Value>(value)) return value.map(render);
    if (isDict<Value>(value)) return new Map([...value].map(([key, item]) => [key, render(item)]));
    if (typeof value !== "string" || !/\{[{%#]/.test(value)) return value;
    return compileTemplate({ path: "variable", text: value, at: null }, STRING_SETTINGS).renderNative(
      scope,
      host,
    );
  };
  return scope;
};

const SETTING_NAMES: Readonly<Record<string, keyof JinjaSettings>> = {
  trim_blocks: "trimBlocks",
  lstrip_blocks: "lstripBlocks",
  newline_sequence: "newlineSequence",
  variable_start_string: "variableStart",
  variable_end_string: "variableEnd",
  block_start_string: "blockStart",
  block_end_string: "blockEnd",
  comment_start_string: "commentStart",
  comment_end_string: "commentEnd",
};

const settingsOf = (given: Value | undefined): JinjaSettings => {
  const changes = [...dictOf(given)].map(([name, value]) => {
    const key = SETTING_NAMES[String(name)];
    if (key === undefined) throw new Error(`no such setting: ${String(name)}`);
    return [key, value] as const;
  });
  return { ...FILE_SETTINGS, ...Object.fromEntries(changes) };
};

/** What ours makes of a case. */
export const replay = (
  input: ReadonlyMap<Value, Value>,
  group: Pick<RecordedGroup, "variables" | "templates">,
): Outcome => {
  const host = hostOf(group.templates);
  const scope = scopeOf(new Map([...group.variables, ...dictOf(input.get("variables"))]), host);
  const text = sourceOf(input);
  const template = { path: "case", text, at: null };
  return outcomeOf(() => {
    switch (kindOf(input)) {
      case "file":
        return compileTemplate(template, settingsOf(input.get("settings"))).render(scope, host);
      case "string":
        return compileTemplate(template, STRING_SETTINGS).renderNative(scope, host);
      case "expression":
        return compileExpression({ source: text, at: null }).evaluate(scope, host);
      case "condition":
        return compileExpression({ source: text, at: null }).truth(scope, host);
    }
  });
};

/** Runs something, and tells errors of users apart by kind; bugs stay exceptions. */
export const outcomeOf = (run: () => Value): Outcome => {
  try {
    return { value: repr(run()) };
  } catch (error) {
    const code =
      error instanceof LbplayErrors
        ? (error.errors[0]?.code ?? "")
        : error instanceof LbplayError
          ? error.code
          : null;
    if (code === null) throw error;
    if (code === "E_UNDEFINED") return { error: "undefined" };
    return {
      error: ["E_TEMPLATE_SYNTAX", "E_UNKNOWN_FILTER", "E_UNKNOWN_TEST"].includes(code) ? "syntax" : "other",
    };
  }
};
