import { LbplayError } from "../core/error.ts";
import type { Playbook, TaskStep } from "../core/play.ts";
import { remembered } from "../core/remembered.ts";
import { suggest } from "../core/suggest.ts";
import { checkArguments } from "./check-arguments.ts";
import { checkInputFiles } from "./check-files.ts";
import { checkNotifications } from "./check-handlers.ts";
import { type CheckOptions, plainLookup, type Report, type TextOptions } from "./check-options.ts";
import { checkRoleArguments } from "./check-role-arguments.ts";
import { checkRoleNames } from "./check-role-names.ts";
import { checkTexts, readFileTexts } from "./check-texts.ts";
import { checkVariables } from "./check-variables.ts";
import { distinct } from "./files.ts";
import { visitPlay } from "./visit.ts";

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
  const texts: TextOptions = {
    ...options,
    analyse: remembered(options.analyse),
    fileTexts: remembered((step: TaskStep) => readFileTexts(step, options)),
  };
  const visited = playbook.plays.map((play) => ({ play, ...visitPlay(play, options, add) }));
  for (const { play, visits } of visited) {
    for (const visit of visits) {
      if (visit.step.kind === "task") checkTask(visit.step, options, report);
    }
    checkTexts(play, visits, texts, add, report);
    checkInputFiles(visits, options, report);
  }
  for (const { play, visits, open } of visited) checkNotifications(play, visits, open, report);
  checkVariables(visited, texts, report);
  checkRoleArguments(visited, options, report);
  checkRoleNames(visited, texts);
  return options.explain === undefined ? distinct(errors) : distinct(errors).map(options.explain);
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
