import type { Action } from "../../core/action.ts";
import type { Schema } from "../../core/schema.ts";
import { argv } from "../../core/shell.ts";
import { defineAction, type Inputs } from "../../core/task.ts";
import {
  type GuardFacts,
  type GuardParams,
  guard,
  guardProperties,
  isGuarded,
  notRun,
} from "../command-run/guard.ts";
import { reportOf, timed } from "../command-run/report.ts";
import { splitWords } from "../command-run/words.ts";

/** Parameters of script, under ansible.builtin.script's names. */
interface ScriptParams extends GuardParams {
  readonly cmd: string;
  readonly executable: string | null;
}

const schema: Schema = {
  type: "object",
  additionalProperties: false,
  required: ["cmd"],
  properties: {
    cmd: {
      type: "string",
      pattern: "\\S",
      description: "The script on this side, from the role's or the playbook's files/, and its arguments.",
    },
    executable: {
      type: "string",
      description: "What runs it, e.g. /bin/bash; absent means the script's own first line.",
    },
    ...guardProperties,
  },
};

/** Runs a script from this side on the node, and leaves no copy of it there. */
export const script = defineAction<ScriptParams, GuardFacts>({
  kind: "action",
  name: "script",
  aliases: ["ansible.builtin.script"],
  summary: "Runs a script from this side on the node, and leaves no copy of it there.",
  schema,
  freeForm: "cmd",
  example: `- ansible.builtin.script: failover.sh --once
  args:
    creates: /var/lib/failover.done
`,
  rules: ({ cmd }) => (splitWords(cmd) === null ? ["the command line has a quote that is not closed"] : []),
  inputs: ({ cmd }) => [{ kind: "file", path: splitWords(cmd)?.[0] ?? cmd }],
  inspect: guard,
  decide: (params, { unneeded }, inputs) =>
    unneeded === null
      ? { kind: "run", needed: isGuarded(params), actions: timed(actionOf(params, inputs)) }
      : notRun(unneeded, params.cmd),
  result: (params, outcomes) => reportOf(params.cmd, outcomes, false),
});

/** The content travels as standard input into a file that only its owner can read and run. */
const actionOf = ({ cmd, chdir, executable }: ScriptParams, [input]: Inputs): Action => {
  if (input === undefined) throw new Error("script got no input");
  const [file = "script", ...args] = splitWords(cmd) ?? [];
  const name = argv(file.replace(/^.*\//, ""));
  const runner = executable === null ? "" : `${executable} `;
  return {
    kind: "script",
    script: [
      'd=$(mktemp -d "${TMPDIR:-/tmp}/lbplay.XXXXXXXX") || exit 126',
      "trap 'rm -rf \"$d\"' EXIT; trap 'exit 129' HUP INT TERM PIPE",
      `cat >"$d"/${name} && chmod 700 "$d"/${name} || exit 126`,
      ...(chdir === null ? [] : [`cd ${argv(chdir)} || exit 126`]),
      `${runner}"$d"/${name} ${argv(...args)} </dev/null`,
    ].join("\n"),
    stdin: input.content,
    okCodes: "any",
    timeoutMs: null,
    touches: [{ kind: "lasting", what: `the script ${file.replace(/^.*\//, "")} was run` }],
  };
};
