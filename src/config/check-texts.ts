import { relative } from "node:path";
import type { LbplayError, SourceText } from "../core/error.ts";
import type { Keywords, Play, Step, TaskStep } from "../core/play.ts";
import { suggest } from "../core/suggest.ts";
import { type Expression, isTemplate, type Source, type Template } from "../core/value.ts";
import { findInput, inputFileOf } from "./check-files.ts";
import { type CheckOptions, plainLookup, type Report, type TextOptions } from "./check-options.ts";
import { templatesIn } from "./node.ts";
import type { Visit } from "./visit.ts";

/** Reports syntax errors, unknown filters, tests and lookups in every template and condition a play can reach. */
export const checkTexts = (
  play: Play,
  visits: readonly Visit[],
  options: TextOptions,
  add: (error: LbplayError) => void,
  report: Report,
): void => {
  const check = (text: Template | Expression): void => {
    const analysis = options.analyse(text);
    for (const error of analysis.errors) add(error);
    for (const lookup of analysis.lookups ?? []) {
      if (options.lookups === undefined || options.lookups.includes(plainLookup(lookup.name))) continue;
      const near = suggest(lookup.name, options.lookups);
      report({
        code: "E_UNKNOWN_LOOKUP",
        message: `there is no lookup "${lookup.name}"`,
        at: lookup.at,
        hint: near === null ? null : `did you mean ${near}?`,
      });
    }
  };
  for (const text of playTexts(play, options)) check(text);
  for (const { step } of visits) {
    for (const text of stepTexts(step)) check(text);
    if (step.kind === "task") for (const text of options.fileTexts(step)) check(text);
  }
};

/** Every template of a play outside its steps: its own, its roles' and the inventory's. */
export function* playTexts(play: Play, options: CheckOptions): Generator<Template> {
  for (const source of [
    play.hosts,
    play.vars,
    play.gatherFacts,
    play.serial,
    play.maxFailPercentage,
    ...play.varsFiles,
  ])
    yield* templatesIn(source);
  for (const role of play.roles)
    for (const layer of [role.defaults, role.vars, role.params]) yield* templatesIn(layer);
  for (const host of options.inventory.hosts.values()) yield* templatesIn(host.vars);
  yield* templatesIn(options.extra);
}

/** Every template and condition of a step. */
export function* stepTexts(step: Step): Generator<Template | Expression> {
  if (step.kind !== "block" && step.kind !== "meta") {
    yield* templatesIn(step.name);
    yield* templatesIn(step.args);
  }
  yield* keywordTexts(step.keywords);
}

function* keywordTexts(keywords: Keywords): Generator<Template | Expression> {
  for (const value of Object.values(keywords) as readonly unknown[]) {
    if (isExpressions(value)) yield* value;
    else if (isTemplate(value)) yield value;
    else if (Array.isArray(value)) yield* templatesIn(value as Source); // the lists of keywords hold sources
  }
  const { loop } = keywords;
  if (loop !== null) for (const source of [loop.items, loop.label, loop.pause]) yield* templatesIn(source);
}

/** Conditions are objects without a kind: {source, at}. */
const isExpressions = (value: unknown): value is readonly Expression[] =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.every(
    (item) =>
      typeof item === "object" && item !== null && "source" in item && !("kind" in item) && "at" in item,
  );

/** The file of a template task, as one template; none where it is not there or not known beforehand. */
export const readFileTexts = (step: TaskStep, options: CheckOptions): readonly Template[] => {
  const input = inputFileOf(step);
  if (input === null || input.kind !== "templates") return [];
  const args = step.args instanceof Map ? step.args : new Map();
  if ([...args.keys()].some((key) => /^(?:variable|block|comment)_(?:start|end)_string$/.test(String(key))))
    return [];
  const path = findInput(input, step, options);
  if (path === null) return [];
  const text = options.disk.bytes(path).toString("utf8");
  if (text.startsWith("$ANSIBLE_VAULT;")) return [];
  const near = relative(options.cwd, path);
  const source: SourceText = { path: near.length < path.length ? near : path, text };
  return [{ kind: "template", source: text, at: { source, line: 1, column: 1, length: 1 } }];
};
