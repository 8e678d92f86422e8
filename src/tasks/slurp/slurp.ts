import { type Probe, read } from "../../core/probe.ts";
import { defineState } from "../../core/task.ts";
import { cleanPath } from "../shared-probes/file-state.ts";
import { assign, labelled } from "../shared-probes/label.ts";
import { type SlurpParams, schema } from "./schema.ts";

type SlurpFacts =
  | { readonly kind: "content"; readonly content: Buffer }
  | { readonly kind: "unusable"; readonly reason: string };

/** Reads a file of the node, and changes nothing. */
export const slurp = defineState<SlurpParams, SlurpFacts, never>({
  kind: "state",
  name: "slurp",
  aliases: ["ansible.builtin.slurp", "ansible.legacy.slurp"],
  summary: "Reads a file of the node, as base64, for the tasks that follow; changes nothing.",
  schema,
  example: `- ansible.builtin.slurp:
    src: /etc/machine-id
  register: machine_id
`,
  inspect: ({ src }) => wholeFile(cleanPath(src)),
  diff: (_, facts) =>
    facts.kind === "unusable" ? { kind: "blocked", reason: facts.reason } : { kind: "converged" },
  view: (change) => change,
  apply: () => [],
  result: ({ src }, facts) =>
    facts.kind === "unusable"
      ? {}
      : { content: facts.content.toString("base64"), encoding: "base64", source: src },
});

const wholeFile = (path: string): Probe<SlurpFacts> =>
  read(
    labelled(`whole content of ${path}`, [
      assign("p", path),
      '[ -e "$p" ] || exit 3',
      '[ -f "$p" ] || exit 4',
      'cat < "$p"',
    ]),
    ({ code, stdout, stderr }) => {
      if (code === 0) return { kind: "content", content: stdout };
      const why =
        code === 3
          ? "does not exist"
          : code === 4
            ? "is no file"
            : `cannot be read: ${stderr.toString("utf8").trim().replace(/^.*: /, "")}`;
      return { kind: "unusable", reason: `${path} ${why}` };
    },
  );
