import { createHash } from "node:crypto";
import { defineState, type InputRequest, type Inputs } from "../../core/task.ts";
import { attributeValues } from "../file-attributes/attributes.ts";
import { attributeRules, validateRules } from "../file-attributes/schema.ts";
import { type LandingFacts, landingFacts, landingPlan, type WantedFile } from "../file-content/land-file.ts";
import { actionsOf, type PlannedChange, viewOf } from "../planned-change.ts";
import { baseName, modeText } from "../shared-probes/file-state.ts";
import { schema, type TemplateParams } from "./schema.ts";

interface TemplateFacts {
  readonly landing: LandingFacts;
  readonly checksum: string;
}

/** Renders a template of the controller with the task's variables into a file on the node. */
export const template = defineState<TemplateParams, TemplateFacts, PlannedChange>({
  kind: "state",
  name: "template",
  aliases: ["ansible.builtin.template", "ansible.legacy.template"],
  summary: "Renders a Jinja2 template of the controller into a file on the node.",
  schema,
  example: `- ansible.builtin.template:
    src: haproxy.cfg.j2
    dest: /etc/haproxy/haproxy.cfg
    mode: "0644"
    validate: haproxy -c -f %s
`,
  rules: (params) => [
    ...attributeRules(params, true),
    ...validateRules(params.validate),
    ...(/^utf-?8$/i.test(params.output_encoding) ? [] : ["output_encoding can only be utf-8"]),
  ],
  inputs: (params) => [request(params)],
  inspect: (params, inputs) => {
    const wanted = wantedFile(params, inputs);
    const { reads, parse } = landingFacts(wanted);
    const checksum = createHash("sha1").update(wanted.content).digest("hex");
    return { reads, parse: (answers) => ({ landing: parse(answers), checksum }) };
  },
  diff: (params, { landing }, inputs) => landingPlan(wantedFile(params, inputs), landing),
  view: viewOf,
  apply: actionsOf,
  result: (params, { landing: { at }, checksum }) => ({
    dest: at.path,
    src: params.src,
    checksum,
    ...attributeValues(at.state),
  }),
});

const request = (params: TemplateParams): InputRequest => ({
  kind: "template",
  path: params.src,
  settings: {
    trimBlocks: params.trim_blocks,
    lstripBlocks: params.lstrip_blocks,
    newlineSequence: params.newline_sequence.replaceAll("\\r", "\r").replaceAll("\\n", "\n"),
    blockStart: params.block_start_string,
    blockEnd: params.block_end_string,
    variableStart: params.variable_start_string,
    variableEnd: params.variable_end_string,
    commentStart: params.comment_start_string,
    commentEnd: params.comment_end_string,
  },
});

const wantedFile = (params: TemplateParams, [input]: Inputs): WantedFile => {
  if (input === undefined) throw new Error("template was not given its source");
  const name = baseName(params.src);
  return {
    path: params.dest.endsWith("/") ? `${params.dest}${name}` : params.dest,
    content: input.content,
    into: params.dest.endsWith("/") ? null : name,
    follow: params.follow,
    force: params.force,
    backup: params.backup,
    validate: params.validate,
    parents: params.dest.endsWith("/") ? "made" : "required",
    secret: false,
    mode: params.mode === "preserve" ? modeText(input.mode) : params.mode,
    owner: params.owner,
    group: params.group,
  };
};
