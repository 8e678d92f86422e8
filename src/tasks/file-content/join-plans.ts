import { type Plan, planOf } from "../../core/task.ts";

/** Several plans as one: blocked if any is, else all their changes in order. */
export const joinPlans = <C>(plans: readonly Plan<C>[]): Plan<C> => {
  const blocked = plans.find((plan) => plan.kind === "blocked");
  if (blocked !== undefined) return blocked;
  return planOf(plans.flatMap((plan) => (plan.kind === "changes" ? plan.changes : [])));
};
