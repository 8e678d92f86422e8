import type { IncludeStep, Play, Step, TaskStep } from "../core/play.ts";
import { isTemplate } from "../core/value.ts";

/** Whether a task's name, with or without its role's, is the one that `--start-at-task` gives (or fits its glob). */
export const matchesName = (name: string, pattern: string): boolean => {
  const expression = new RegExp(
    `^${pattern
      .replace(/[.+^${}()|[\]\\]/g, "\\$&")
      .replaceAll("*", ".*")
      .replaceAll("?", ".")}$`,
  );
  return expression.test(name) || expression.test(name.replace(/^.* : /, ""));
};

/** Whether a play has the task to start at: only tasks that are there before the run can be it. */
export const hasStart = (play: Play, pattern: string): boolean =>
  play.sections.some((section) => section.some((step) => isStart(step, pattern)));

const isStart = (step: Step, pattern: string): boolean => {
  if (step.kind === "block")
    return [...step.block, ...step.rescue, ...step.always].some((one) => isStart(one, pattern));
  return step.kind !== "meta" && matchesName(nameOf(step), pattern);
};

const nameOf = ({ name, role, ...step }: TaskStep | IncludeStep): string => {
  const own = isTemplate(name) ? name.source : typeof name === "string" ? name : null;
  const module = step.kind === "task" ? step.module : `include_${step.what}`;
  return `${role === null ? "" : `${role.name} : `}${own ?? module}`;
};
