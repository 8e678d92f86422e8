import type { Play } from "../core/play.ts";
import { suggest } from "../core/suggest.ts";
import { isTemplate } from "../core/value.ts";
import { type Report, textOf } from "./check-options.ts";
import type { Visit } from "./visit.ts";

/** Reports notifications of handlers that a play does not have. */
export const checkNotifications = (
  play: Play,
  visits: readonly Visit[],
  open: boolean,
  report: Report,
): void => {
  const names = new Set<string>();
  for (const { step, handler } of visits) {
    if (!handler || (step.kind !== "task" && step.kind !== "include")) continue;
    const name = textOf(step.name ?? undefined);
    if (name !== null) names.add(name);
    if (name !== null && step.role !== null) names.add(`${step.role.name} : ${name}`);
    if (step.kind === "task") for (const topic of step.listen) names.add(topic);
    if (isTemplate(step.name)) return;
  }
  if (open) return;
  for (const { step } of visits) {
    if (step.kind !== "task") continue;
    for (const notified of step.keywords.notify) {
      if (typeof notified !== "string" || names.has(notified)) continue;
      const near = suggest(notified, names);
      const hint =
        near === null
          ? names.size === 0
            ? `the play${play.name === null ? "" : ` "${play.name}"`} has no handlers`
            : `there are: ${[...names].slice(0, 6).join(", ")}`
          : `did you mean "${near}"?`;
      report({
        code: "E_UNKNOWN_HANDLER",
        message: `no handler is called, or listens to, "${notified}"`,
        at: step.at,
        hint,
      });
    }
  }
};
