import type { Action } from "../core/action.ts";
import type { ChangeView } from "../core/task.ts";

/** A change that already knows how it looks and what it takes, for modules whose changes share one command. */
export interface PlannedChange {
  readonly view: ChangeView;
  /** Empty where an earlier change's command brings this one about too. */
  readonly actions: readonly Action[];
}

/** `view` of a module whose changes are PlannedChanges. */
export const viewOf = (change: PlannedChange): ChangeView => change.view;

/** `apply` of a module whose changes are PlannedChanges. */
export const actionsOf = (change: PlannedChange): readonly Action[] => change.actions;
