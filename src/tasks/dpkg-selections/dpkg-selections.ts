import { read } from "../../core/probe.ts";
import { argv } from "../../core/shell.ts";
import { defineState, planOf } from "../../core/task.ts";
import { labelled } from "../shared-probes/label.ts";
import { type DpkgSelectionsParams, schema } from "./schema.ts";

/** The present selection; null where dpkg knows no such package. */
type Selection =
  | { readonly kind: "selection"; readonly selection: string | null }
  | { readonly kind: "fault"; readonly reason: string };

interface SelectionChange extends DpkgSelectionsParams {
  readonly before: string;
}

/** Sets what shall become of a package: held as it is, installed or removed. */
export const dpkgSelections = defineState<DpkgSelectionsParams, Selection, SelectionChange>({
  kind: "state",
  name: "dpkg_selections",
  aliases: ["ansible.builtin.dpkg_selections", "ansible.legacy.dpkg_selections"],
  summary: "Sets what shall become of a package: hold keeps it in its version whatever is upgraded.",
  schema,
  example: `- ansible.builtin.dpkg_selections:
    name: haproxy
    selection: hold
`,
  inspect: ({ name }) =>
    read(
      labelled(`selection of ${name}`, [
        "command -v dpkg >/dev/null 2>&1 || exit 127",
        argv("dpkg", "--get-selections", name),
      ]),
      ({ code, stdout, stderr }) => {
        if (code === 127) return { kind: "fault", reason: "there is no dpkg: this is no Debian system" };
        if (code !== 0) return { kind: "fault", reason: stderr.toString("utf8").trim() };
        const [, selection = null] = stdout.toString("utf8").trim().split(/\s+/);
        return { kind: "selection", selection };
      },
    ),
  diff: (params, facts) => {
    if (facts.kind === "fault") return { kind: "blocked", reason: facts.reason };
    const { name, selection } = params;
    if (facts.selection === null) {
      return selection === "deinstall" || selection === "purge"
        ? { kind: "converged" }
        : { kind: "blocked", reason: `dpkg knows no package ${name}: install it first` };
    }
    return planOf(facts.selection === selection ? [] : [{ ...params, before: facts.selection }]);
  },
  view: ({ name, before, selection }) => ({ field: `selection of ${name}`, before, after: selection }),
  apply: ({ name, selection, before }) => [
    {
      kind: "run",
      argv: ["dpkg", "--set-selections"],
      stdin: Buffer.from(`${name} ${selection}\n`),
      touches: [{ kind: "lasting", what: `package ${name} was ${before} and is set to ${selection}` }],
    },
  ],
  result: ({ selection }) => ({ after: selection }),
  was: (_, facts) => (facts.kind === "fault" ? {} : { before: facts.selection ?? ABSENT }),
});

const ABSENT = "not present";
