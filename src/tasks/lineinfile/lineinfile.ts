import { defineState } from "../../core/task.ts";
import { attributeRules, validateRules } from "../file-attributes/schema.ts";
import { editFacts, editPlan, editValues } from "../file-content/edit-file.ts";
import { regexpRules } from "../file-content/edit-schema.ts";
import type { LandingFacts } from "../file-content/land-file.ts";
import { actionsOf, type PlannedChange, viewOf } from "../planned-change.ts";
import { withLine, withoutLines } from "./lines.ts";
import { type LineinfileParams, schema } from "./schema.ts";

/** Keeps one line in a file, or lines out of it. */
export const lineinfile = defineState<LineinfileParams, LandingFacts, PlannedChange>({
  kind: "state",
  name: "lineinfile",
  aliases: ["ansible.builtin.lineinfile", "ansible.legacy.lineinfile"],
  summary: "Keeps one line in a file, or lines out of it.",
  schema,
  example: `- ansible.builtin.lineinfile:
    path: /etc/default/haproxy
    regexp: ^EXTRAOPTS=
    line: EXTRAOPTS="-de -m 16"
`,
  rules,
  inspect: editFacts,
  diff: (params, facts) =>
    editPlan(
      {
        params,
        change: (before) =>
          params.state === "present" ? withLine(params, before) : withoutLines(params, before),
        missing: params.state === "absent" ? "converged" : params.create ? "made" : "blocked",
      },
      facts,
    ),
  view: viewOf,
  apply: actionsOf,
  result: (_, facts) => editValues(facts),
});

function rules(params: LineinfileParams): readonly string[] {
  const { state, line, regexp, search_string, insertafter, insertbefore, backrefs } = params;
  return [
    ...attributeRules(params),
    ...validateRules(params.validate),
    ...regexpRules({ regexp }),
    ...regexpRules({ insertafter, insertbefore }, ["BOF", "EOF"]),
    ...(state === "present" && line === null ? ["line is required when state is present"] : []),
    ...(state === "absent" && line === null && regexp === null && search_string === null
      ? ["line, regexp or search_string is required when state is absent"]
      : []),
    ...(regexp !== null && search_string !== null ? ["regexp and search_string exclude each other"] : []),
    ...(insertafter !== null && insertbefore !== null
      ? ["insertafter and insertbefore exclude each other"]
      : []),
    ...(backrefs && regexp === null ? ["backrefs needs a regexp"] : []),
  ];
}
