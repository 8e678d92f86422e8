import { map, type Probe } from "../../core/probe.ts";
import { defineState } from "../../core/task.ts";
import { attributeRules } from "../file-attributes/schema.ts";
import { type EditParams, editFacts, editPlan, editValues } from "../file-content/edit-file.ts";
import type { LandingFacts } from "../file-content/land-file.ts";
import { actionsOf, type PlannedChange, viewOf } from "../planned-change.ts";
import { cleanPath } from "../shared-probes/file-state.ts";
import { withIni } from "./lines.ts";
import { type IniFileParams, schema } from "./schema.ts";

/** Keeps an option, or a whole section, in an INI file or out of it. */
export const iniFile = defineState<IniFileParams, LandingFacts, PlannedChange>({
  kind: "state",
  name: "ini_file",
  aliases: ["community.general.ini_file"],
  summary: "Keeps an option, or a whole section, in an INI file or out of it.",
  schema,
  example: `- community.general.ini_file:
    path: /etc/systemd/journald.conf
    section: Journal
    option: SystemMaxUse
    value: 500M
    no_extra_spaces: true
`,
  rules,
  inspect,
  diff: (params, facts) =>
    editPlan(
      {
        params: editParams(params),
        change: (before) => withIni(params, before),
        missing: !params.create ? "blocked" : params.state === "absent" ? "converged" : "made",
      },
      facts,
    ),
  view: viewOf,
  apply: actionsOf,
  result: (_, facts) => editValues(facts),
});

function rules(params: IniFileParams): readonly string[] {
  const { state, option, value, values, allow_no_value, section_has_values } = params;
  const lines = [params.section, option, value, ...(values ?? [])];
  return [
    ...attributeRules(params),
    ...(section_has_values === null
      ? []
      : ["section_has_values is not supported: the first section of the name is taken"]),
    ...(value !== null && values !== null ? ["value and values exclude each other"] : []),
    ...(state === "present" && !allow_no_value && value === null && (values ?? []).length === 0
      ? ["value or values is required when state is present and allow_no_value is false"]
      : []),
    ...(option === null && (params.section ?? "") === "" ? ["section or option is required"] : []),
    ...(lines.some((line) => line !== null && /[\r\n]/.test(line))
      ? ["section, option and values are one line each"]
      : []),
  ];
}

const editParams = (params: IniFileParams): EditParams => ({ ...params, validate: null });

/** A link that is not followed is read all the same, and gives way to the edited file. */
function inspect(params: IniFileParams): Probe<LandingFacts> {
  const facts = editFacts(editParams(params));
  if (params.follow) return facts;
  return map(facts, (found) => ({ ...found, at: { ...found.at, path: cleanPath(params.path) } }));
}
