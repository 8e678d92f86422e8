import { defineState } from "../../core/task.ts";
import { actionsOf, type PlannedChange, viewOf } from "../planned-change.ts";
import { probe, type RpmFacts } from "./facts.ts";
import { planRpm } from "./plan.ts";
import { rules } from "./rules.ts";
import { type RpmParams, schema } from "./schema.ts";

/** Installs, upgrades and removes RPM packages with dnf, or yum where there is no dnf. */
export const dnf = defineState<RpmParams, RpmFacts, PlannedChange>({
  kind: "state",
  name: "dnf",
  aliases: ["ansible.builtin.dnf", "ansible.builtin.dnf5", "dnf5"],
  summary: "Installs, upgrades and removes RPM packages with dnf, or yum where there is no dnf.",
  schema,
  example: `- ansible.builtin.dnf:
    name: [haproxy, keepalived]
    state: present
`,
  rules,
  inspect: probe,
  diff: planRpm,
  view: viewOf,
  apply: actionsOf,
});
