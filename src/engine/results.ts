import { LbplayError, LbplayErrors, placeText } from "../core/error.ts";
import { dict, type Value } from "../core/value.ts";
import type { TurnResult } from "./execute.ts";

/** A turn that ended without a module's answer. */
export const endedTurn = (
  status: TurnResult["status"],
  msg: string | null,
  hint: string | null = null,
): TurnResult => ({
  status,
  changed: status === "changed" || status === "would-follow",
  msg,
  hint,
  changes: [],
  values: {},
  facts: new Map(),
  unrun: status === "would-follow",
});

/** What `register` sees of a turn, under Ansible's names. */
export const registered = (
  turn: TurnResult,
  extra: Readonly<Record<string, Value>> = {},
): ReadonlyMap<Value, Value> =>
  dict({
    changed: turn.changed,
    ...(turn.status === "skipped" ? { skipped: true } : { failed: turn.status === "failed" }),
    ...(turn.msg === null ? {} : { msg: turn.msg }),
    ...Object.fromEntries(Object.entries(turn.values).filter(([name]) => !name.startsWith("_ansible_"))),
    ...extra,
  });

/** A user's mistake as the failure of a task; anything else is a bug, or a lost node, and is thrown on. */
export const failureOf = (error: unknown): TurnResult => {
  if (error instanceof LbplayErrors) {
    return endedTurn("failed", error.errors.map(withPlace).join("\n"), error.errors[0]?.hint ?? null);
  }
  if (error instanceof LbplayError) {
    if (error.code === "E_INTERRUPTED" || error.code === "E_LOCKED") throw error;
    return endedTurn("failed", withPlace(error), error.hint);
  }
  throw error;
};

const withPlace = (error: LbplayError): string => {
  const place = placeText(error.at);
  return place === null ? error.message : `${error.message} (${place})`;
};

/** The result of a loop as a whole, from the results of its turns. */
export const loopResult = (
  results: readonly ReadonlyMap<Value, Value>[],
  turns: readonly TurnResult[],
): ReadonlyMap<Value, Value> => {
  if (turns.length === 0)
    return dict({ changed: false, skipped: true, skipped_reason: "No items in the list", results });
  const failed = turns.some((turn) => turn.status === "failed");
  const skipped = turns.every((turn) => turn.status === "skipped");
  return dict({
    results,
    changed: turns.some((turn) => turn.changed),
    skipped,
    ...(failed ? { failed: true } : {}),
    msg: failed ? "One or more items failed" : skipped ? "All items skipped" : "All items completed",
  });
};
