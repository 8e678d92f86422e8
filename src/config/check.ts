import { LbplayError, type Place } from "../core/error.ts";
import type { Inventory, Loader, Play, Playbook, TaskStep } from "../core/play.ts";
import { suggest } from "../core/suggest.ts";
import type { Params } from "../core/task.ts";
import { type Expression, isTemplate, type Source, type SourceDict, type Template } from "../core/value.ts";
import type { ModuleCatalog } from "./catalog.ts";
import { checkArguments } from "./check-arguments.ts";
import { checkInputFiles } from "./check-files.ts";
import { checkNotifications } from "./check-handlers.ts";
import { checkTexts } from "./check-texts.ts";
import { checkVariables } from "./check-variables.ts";
import { distinct } from "./files.ts";
import { visitPlay } from "./visit.ts";

/** What can be said of a template or an expression without rendering it; handed over by whoever knows Jinja2. */
export type Analyse = (text: Template | Expression) => {
  readonly variables: readonly FreeVariable[];
  readonly lookups?: readonly { readonly name: string; readonly at: Place | null }[];
  readonly errors: readonly LbplayError[];
};

/** A variable that has to come from outside a template; `guarded` where the template itself copes without it. */
export interface FreeVariable {
  readonly name: string;
  readonly path: readonly string[];
  readonly at: Place | null;
  readonly guarded: boolean;
}

/** What the checks need to know. */
export interface CheckOptions {
  readonly cwd: string;
  readonly inventory: Inventory;
  /** Extra variables (`-e`). */
  readonly extra: SourceDict;
  readonly loader: Loader;
  readonly modules: ModuleCatalog;
  /** What is wrong with a module's coerced parameters, as sentences that start with `path: ` where they have one. */
  readonly validate: (module: string, params: Params) => readonly string[];
  readonly analyse: Analyse;
  /** The lookups that there are; absent: not checked. */
  readonly lookups?: readonly string[];
}

/** Notes a mistake. */
export type Report = (fault: {
  code: string;
  message: string;
  at: Place | null;
  hint?: string | null;
}) => void;

/**
 * Everything that can be known to be wrong with a playbook before any node is touched: parameters, templates,
 * variables that nothing defines, handlers that do not exist, files that are not there. Literal includes are
 * followed; what depends on the run is left to the run, so that nothing is reported wrongly.
 */
export const checkPlaybook = (playbook: Playbook, options: CheckOptions): readonly LbplayError[] => {
  const errors: LbplayError[] = [];
  const add = (error: LbplayError): void => {
    errors.push(error);
  };
  const report: Report = (fault) => add(new LbplayError(fault));
  const analyse = remembered(options.analyse);
  const visited = playbook.plays.map((play) => ({ play, ...visitPlay(play, options, add) }));
  for (const { play, visits } of visited) {
    for (const visit of visits) {
      if (visit.step.kind === "task") checkTask(visit.step, options, report);
    }
    checkTexts(play, visits, { ...options, analyse }, add, report);
    checkInputFiles(visits, options, report);
  }
  for (const { play, visits, open } of visited) checkNotifications(play, visits, open, report);
  checkVariables(visited, { ...options, analyse }, report);
  return distinct(errors);
};

/** One play with all steps that can be seen beforehand. */
export type VisitedPlay = { readonly play: Play } & ReturnType<typeof visitPlay>;

/** Each text is analysed once, however many tasks it belongs to. */
const remembered = (analyse: Analyse): Analyse => {
  const known = new WeakMap<object, ReturnType<Analyse>>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const analysis = analyse(text);
    known.set(text, analysis);
    return analysis;
  };
};

const checkTask = (step: TaskStep, options: CheckOptions, report: Report): void => {
  const module = options.modules.find(step.module, step.keywords.collections);
  if (module !== null) checkArguments(step, module, options.validate, report);
  const lookup = step.keywords.loop?.lookup ?? null;
  if (lookup === null || options.lookups === undefined || options.lookups.includes(plainLookup(lookup)))
    return;
  const near = suggest(lookup, options.lookups);
  report({
    code: "E_UNKNOWN_LOOKUP",
    message: `there is no lookup "${lookup}" for with_${lookup}`,
    at: step.keywords.loop?.at ?? step.at,
    hint: near === null ? null : `did you mean with_${near}?`,
  });
};

/** A lookup's name without the collection that plugins are usually in. */
export const plainLookup = (name: string): string =>
  name.replace(/^(?:ansible\.builtin|community\.general)\./, "");

/** A text that is known beforehand, or null. */
export const literal = (source: Source | undefined): string | null =>
  typeof source === "string" ? source : typeof source === "number" ? String(source) : null;

/** The text of a source that is a template or a text; null otherwise. */
export const textOf = (source: Source | undefined): string | null =>
  isTemplate(source) ? source.source : literal(source);
