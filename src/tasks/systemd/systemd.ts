import { all, known } from "../../core/probe.ts";
import { defineState } from "../../core/task.ts";
import { dict, type Value } from "../../core/value.ts";
import { actionsOf, type PlannedChange, viewOf } from "../planned-change.ts";
import { unitFilesChanged, unitState } from "../shared-probes/unit-state.ts";
import { enabledOf, planUnit, type SystemdFacts } from "./plan.ts";
import { type SystemdParams, schema } from "./schema.ts";

/** Starts, stops, enables and masks systemd units. */
export const systemd = defineState<SystemdParams, SystemdFacts, PlannedChange>({
  kind: "state",
  name: "systemd",
  aliases: ["ansible.builtin.systemd", "ansible.builtin.systemd_service", "systemd_service"],
  summary: "Starts, stops, enables and masks systemd units.",
  schema,
  example: `- ansible.builtin.systemd:
    name: haproxy
    state: started
    enabled: true
    daemon_reload: true
`,
  rules,
  inspect: ({ name, scope, daemon_reload }) =>
    all<SystemdFacts>({
      unit: name === null ? known(null) : unitState(name, scope),
      filesChanged: daemon_reload && scope !== "global" ? unitFilesChanged(scope) : known(false),
    }),
  diff: planUnit,
  view: viewOf,
  apply: actionsOf,
  result,
});

function rules(params: SystemdParams): readonly string[] {
  const { name, state, enabled, masked, daemon_reload, daemon_reexec, scope } = params;
  const wants = state !== null || enabled !== null || masked !== null;
  return [
    ...(!wants && !daemon_reload && !daemon_reexec
      ? ["one of state, enabled, masked, daemon_reload or daemon_reexec is required"]
      : []),
    ...(wants && name === null ? ["name is required with state, enabled and masked"] : []),
    ...(name !== null && /[*?[]/.test(name) ? [`${name}: patterns do not name one unit`] : []),
    ...(scope === "global" && (state !== null || daemon_reload || daemon_reexec)
      ? ["scope global has no running manager: only enabled and masked go with it"]
      : []),
  ];
}

function result(params: SystemdParams, { unit }: SystemdFacts): Readonly<Record<string, Value>> {
  if (unit === null) return { name: null, status: dict({}) };
  return {
    name: params.name,
    status: dict(Object.fromEntries(unit.properties)),
    ...(params.enabled === null ? {} : { enabled: enabledOf(unit) ?? params.enabled }),
    ...(params.state === null ? {} : { state: params.state === "stopped" ? "stopped" : "started" }),
  };
}
