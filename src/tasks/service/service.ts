import { all, known } from "../../core/probe.ts";
import { defineState, type Plan } from "../../core/task.ts";
import type { Value } from "../../core/value.ts";
import { actionsOf, type PlannedChange, viewOf } from "../planned-change.ts";
import { type UnitState, unitState } from "../shared-probes/unit-state.ts";
import { enabledOf, planUnit } from "../systemd/plan.ts";
import { type InitScript, initScript, planInitScript } from "./init-script.ts";
import { type ServiceParams, schema } from "./schema.ts";

interface ServiceFacts {
  /** null where the task rules systemd out. */
  readonly unit: UnitState | null;
  /** null where the task rules init scripts out. */
  readonly script: InitScript | null;
}

/** Starts, stops and enables services, whatever runs them. */
export const service = defineState<ServiceParams, ServiceFacts, PlannedChange>({
  kind: "state",
  name: "service",
  aliases: ["ansible.builtin.service"],
  summary: "Starts, stops and enables services, whatever runs them.",
  schema,
  example: `- ansible.builtin.service:
    name: haproxy
    state: started
    enabled: true
`,
  rules: ({ name, state, enabled }) => [
    ...(state === null && enabled === null ? ["one of state or enabled is required"] : []),
    ...(/[*?[]/.test(name) ? [`${name}: patterns do not name one service`] : []),
  ],
  inspect: (params) =>
    all<ServiceFacts>({
      unit: scripted(params) ? known(null) : unitState(params.name),
      script: params.use === "systemd" ? known(null) : initScript(params),
    }),
  diff,
  view: viewOf,
  apply: actionsOf,
  result,
});

const scripted = ({ use }: ServiceParams): boolean => use === "sysvinit" || use === "service";

function diff(params: ServiceParams, { unit, script }: ServiceFacts): Plan<PlannedChange> {
  if (script !== null && script.exists === true) return planInitScript(params, script);
  if (unit === null || unit.manager === "none")
    return { kind: "blocked", reason: `Could not find the requested service ${params.name}: host` };
  const { name, state, enabled } = params;
  return planUnit(
    {
      name,
      state,
      enabled,
      masked: null,
      daemon_reload: false,
      daemon_reexec: false,
      force: null,
      no_block: false,
      scope: "system",
    },
    { unit, filesChanged: false },
  );
}

function result(params: ServiceParams, { unit, script }: ServiceFacts): Readonly<Record<string, Value>> {
  const { name, state, enabled } = params;
  const now = script?.exists === true ? script.enabled : unit === null ? null : enabledOf(unit);
  return {
    name,
    ...(state === null ? {} : { state: state === "stopped" ? "stopped" : "started" }),
    ...(enabled === null ? {} : { enabled: now ?? enabled }),
  };
}
