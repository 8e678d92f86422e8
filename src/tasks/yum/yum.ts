import type { Schema } from "../../core/schema.ts";
import { defineState } from "../../core/task.ts";
import { probe, type RpmFacts } from "../dnf/facts.ts";
import { planRpm } from "../dnf/plan.ts";
import { rules } from "../dnf/rules.ts";
import { schema as dnfSchema, type RpmParams } from "../dnf/schema.ts";
import { actionsOf, type PlannedChange, viewOf } from "../planned-change.ts";

const schema: Schema = {
  ...dnfSchema,
  properties: {
    ...dnfSchema.properties,
    use_backend: {
      type: "string",
      enum: ["auto", "yum", "yum4", "dnf"],
      default: "auto",
      "x-aliases": ["use"],
      description: "Accepted for Ansible's sake: the node's dnf is used, or its yum where there is no dnf.",
    },
  },
};

/** Installs, upgrades and removes RPM packages on nodes of any age. */
export const yum = defineState<RpmParams, RpmFacts, PlannedChange>({
  kind: "state",
  name: "yum",
  aliases: ["ansible.builtin.yum"],
  summary: "Installs, upgrades and removes RPM packages with yum, or dnf where it took yum's place.",
  schema,
  example: `- ansible.builtin.yum:
    name: haproxy-1.5.18
    state: present
    enablerepo: base
`,
  rules,
  inspect: probe,
  diff: planRpm,
  view: viewOf,
  apply: actionsOf,
});
