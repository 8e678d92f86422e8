import { type Action, touchedBy, type UnitVerb } from "../core/action.ts";
import type { PlannedState } from "../core/task.ts";

type PlannedChanges = Extract<PlannedState["plan"], { kind: "changes" }>["changes"];

/** A plan's changes without those that a roll keeps for itself. */
export interface Unheld {
  readonly changes: readonly PlannedChanges[number][];
  /** Units that a change would have started, restarted or reloaded. */
  readonly held: readonly string[];
}

const RUNS: ReadonlySet<UnitVerb> = new Set(["start", "restart", "reload"]);

/** Leaves out what would start, restart or reload a unit that is held: the roll does so when its turn has come. */
export const withoutHeld = (
  changes: readonly PlannedChanges[number][],
  units: ReadonlySet<string>,
): Unheld => {
  if (units.size === 0) return { changes, held: [] };
  const heldBy = (actions: readonly Action[]): readonly string[] =>
    actions.flatMap(touchedBy).flatMap((touched) => {
      if (touched.kind !== "unit" || !RUNS.has(touched.verb)) return [];
      const name = touched.unit.replace(/\.service$/, "");
      return units.has(name) ? [name] : [];
    });
  const held = changes.flatMap((change) => heldBy(change.actions));
  return {
    changes: changes.filter((change) => heldBy(change.actions).length === 0),
    held: [...new Set(held)],
  };
};
