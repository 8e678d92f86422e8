import { all, type Probe } from "../../core/probe.ts";
import { defineState } from "../../core/task.ts";
import { unreadable } from "../file-content/land-file.ts";
import { type FileAt, fileAt } from "../shared-probes/file-state.ts";
import { type Details, detailFacts } from "./details.ts";
import { type StatParams, schema } from "./schema.ts";
import { statValues } from "./values.ts";

interface StatFacts {
  readonly at: FileAt;
  readonly details: Details;
}

/** Tells what a path is, and changes nothing. */
export const stat = defineState<StatParams, StatFacts, never>({
  kind: "state",
  name: "stat",
  aliases: ["ansible.builtin.stat", "ansible.legacy.stat"],
  summary: "Tells what a path is, for the tasks that follow; changes nothing.",
  schema,
  example: `- ansible.builtin.stat:
    path: /etc/haproxy/haproxy.cfg
  register: haproxy_cfg
`,
  inspect: (params): Probe<StatFacts> =>
    all<StatFacts>({ at: fileAt(params.path, { follow: params.follow }), details: detailFacts(params) }),
  diff: (_, { at: { path, state } }) =>
    state?.kind === "unknown" ? { kind: "blocked", reason: unreadable(path, state) } : { kind: "converged" },
  view: (change) => change,
  apply: () => [],
  result: (params, { at, details }) => ({ stat: statValues(params, at, details) }),
});
