import { defineState } from "../../core/task.ts";
import { attributeRules, validateRules } from "../file-attributes/schema.ts";
import { editFacts, editPlan, editValues } from "../file-content/edit-file.ts";
import { regexpRules } from "../file-content/edit-schema.ts";
import type { LandingFacts } from "../file-content/land-file.ts";
import { actionsOf, type PlannedChange, viewOf } from "../planned-change.ts";
import { withBlock } from "./block.ts";
import { type BlockinfileParams, schema } from "./schema.ts";

/** Keeps a block of lines between two markers in a file. */
export const blockinfile = defineState<BlockinfileParams, LandingFacts, PlannedChange>({
  kind: "state",
  name: "blockinfile",
  aliases: ["ansible.builtin.blockinfile", "ansible.legacy.blockinfile"],
  summary: "Keeps a block of lines between two markers in a file.",
  schema,
  example: `- ansible.builtin.blockinfile:
    path: /etc/hosts
    marker: "# {mark} load balancers"
    block: |
      192.0.2.11 lb1
      192.0.2.12 lb2
`,
  rules,
  inspect: editFacts,
  diff: (params, facts) =>
    editPlan(
      {
        params,
        change: (before) => withBlock(params, before),
        missing: params.state === "absent" ? "converged" : params.create ? "made" : "blocked",
      },
      facts,
    ),
  view: viewOf,
  apply: actionsOf,
  result: (_, facts) => editValues(facts),
});

function rules(params: BlockinfileParams): readonly string[] {
  const { marker, marker_begin, marker_end, insertafter, insertbefore } = params;
  const line = [marker, marker_begin, marker_end];
  return [
    ...attributeRules(params),
    ...validateRules(params.validate),
    ...regexpRules({ insertafter, insertbefore }, ["BOF", "EOF"]),
    ...(insertafter !== null && insertbefore !== null
      ? ["insertafter and insertbefore exclude each other"]
      : []),
    ...(marker.includes("{mark}")
      ? []
      : ["marker must contain {mark}: otherwise the block's begin cannot be told from its end"]),
    ...(marker_begin === marker_end ? ["marker_begin and marker_end must differ"] : []),
    ...(line.some((text) => text.includes("\n")) ? ["a marker is one line"] : []),
  ];
}
