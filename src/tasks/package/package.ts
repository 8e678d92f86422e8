import { coerce } from "../../core/coerce.ts";
import { all, known } from "../../core/probe.ts";
import { defineState, type Plan } from "../../core/task.ts";
import { dict } from "../../core/value.ts";
import { type AptFacts, probe as aptProbe } from "../apt/facts.ts";
import { planApt } from "../apt/plan.ts";
import { type AptParams, schema as aptSchema } from "../apt/schema.ts";
import { type RpmFacts, probe as rpmProbe } from "../dnf/facts.ts";
import { planRpm } from "../dnf/plan.ts";
import { type RpmParams, schema as rpmSchema } from "../dnf/schema.ts";
import { actionsOf, type PlannedChange, viewOf } from "../planned-change.ts";
import { type PackageManager, packageManager } from "../shared-probes/package-state.ts";
import { type PackageParams, schema } from "./schema.ts";

interface PackageFacts {
  readonly manager: PackageManager | null;
  readonly apt: AptFacts | null;
  readonly rpm: RpmFacts | null;
}

/** Installs and removes packages with whatever package manager the node has. */
export const packageTask = defineState<PackageParams, PackageFacts, PlannedChange>({
  kind: "state",
  name: "package",
  aliases: ["ansible.builtin.package"],
  summary: "Installs and removes packages with whatever package manager the node has.",
  schema,
  example: `- ansible.builtin.package:
    name: [haproxy, keepalived]
    state: present
`,
  rules: ({ name }) =>
    name.some((item) => item.trim() === "" || item.trim() === "*")
      ? ["name takes packages one by one, neither empty texts nor *"]
      : [],
  inspect: (params) => {
    const asked = params.use;
    return all<PackageFacts>({
      manager: asked === "auto" ? packageManager(["apt-get", "dnf", "yum"]) : known(managerOf(asked)),
      apt: asked === "auto" || asked === "apt" ? aptProbe(aptParams(params)) : known(null),
      rpm: asked === "apt" ? known(null) : rpmProbe(rpmParams(params)),
    });
  },
  diff,
  view: viewOf,
  apply: actionsOf,
});

const managerOf = (use: Exclude<PackageParams["use"], "auto">): PackageManager =>
  use === "dnf5" ? "dnf" : use;

const aptParams = ({ name, state, update_cache }: PackageParams): AptParams =>
  // Coercion by the schema gives exactly the type that is declared beside it.
  coerce(aptSchema, dict({ name: [...name], state: plainState(state), update_cache })).value as AptParams;

const rpmParams = ({ name, state, update_cache }: PackageParams): RpmParams =>
  coerce(rpmSchema, dict({ name: [...name], state: plainState(state), update_cache })).value as RpmParams;

const plainState = (state: PackageParams["state"]): "present" | "latest" | "absent" =>
  state === "installed" ? "present" : state === "removed" ? "absent" : state;

function diff(params: PackageParams, { manager, apt, rpm }: PackageFacts): Plan<PlannedChange> {
  if (manager === "apt" && apt !== null) return planApt(aptParams(params), apt);
  if (manager !== null && rpm !== null) return planRpm(rpmParams(params), rpm);
  return { kind: "blocked", reason: "no package manager was found: neither apt-get nor dnf nor yum" };
}
