import type { Step } from "../core/play.ts";
import { NO_SURROUNDINGS, type Surroundings } from "./variables.ts";

/** A step with what the includes around it bring. */
export interface TimelineEntry extends Surroundings {
  readonly step: Step;
}

/** The steps of a play in the order in which they will probably run, for looking ahead. */
export interface Timeline {
  /** The entries after a step, or all of them for null; none after a step that is not part of it (a handler). */
  readonly after: (step: Step | null) => readonly TimelineEntry[];
  /** Adds what an include turned out to hold, right after it. */
  readonly insert: (include: Step, steps: readonly Step[], around: Surroundings) => void;
}

/** A timeline of steps; rescue parts are not foreseen. `first` stands before all of them. */
export const createTimeline = (first: Step | null, sections: readonly (readonly Step[])[]): Timeline => {
  let entries: readonly TimelineEntry[] = [
    ...(first === null ? [] : [{ step: first, ...NO_SURROUNDINGS }]),
    ...sections.flatMap((steps) => flatten(steps, NO_SURROUNDINGS)),
  ];
  let positions = indexOf(entries);
  const inserted = new Set<Step>();
  return {
    after: (step) => {
      if (step === null) return entries;
      const at = positions.get(step);
      return at === undefined ? [] : entries.slice(at + 1);
    },
    insert: (include, steps, around) => {
      const at = positions.get(include);
      if (at === undefined || steps.some((step) => inserted.has(step))) return;
      for (const step of steps) inserted.add(step);
      entries = [...entries.slice(0, at + 1), ...flatten(steps, around), ...entries.slice(at + 1)];
      positions = indexOf(entries);
    },
  };
};

const flatten = (steps: readonly Step[], around: Surroundings): readonly TimelineEntry[] =>
  steps.flatMap((step) =>
    step.kind === "block" ? flatten([...step.block, ...step.always], around) : [{ step, ...around }],
  );

const indexOf = (entries: readonly TimelineEntry[]): ReadonlyMap<Step, number> =>
  new Map(entries.map(({ step }, index) => [step, index]));
