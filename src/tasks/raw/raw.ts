import { known } from "../../core/probe.ts";
import type { Schema } from "../../core/schema.ts";
import { defineAction } from "../../core/task.ts";
import { linesOf } from "../command-run/report.ts";

/** Parameters of raw, under ansible.builtin.raw's names. */
interface RawParams {
  readonly cmd: string;
  readonly executable: string;
}

const schema: Schema = {
  type: "object",
  additionalProperties: false,
  required: ["cmd"],
  properties: {
    cmd: { type: "string", pattern: "\\S", description: "The command line." },
    executable: { type: "string", pattern: "^/", default: "/bin/sh", description: "The shell that runs it." },
  },
};

/** Runs a command line and adds nothing to it. */
export const raw = defineAction<RawParams, null>({
  kind: "action",
  name: "raw",
  aliases: ["ansible.builtin.raw"],
  summary: "Runs a command line and adds nothing to it.",
  schema,
  freeForm: "cmd",
  example: `- ansible.builtin.raw: cat /etc/os-release
`,
  inspect: () => known(null),
  decide: ({ cmd, executable }) => ({
    kind: "run",
    actions: [
      {
        kind: "script",
        script: cmd,
        shell: executable,
        okCodes: "any",
        timeoutMs: null,
        touches: [{ kind: "lasting", what: "a raw command was run" }],
      },
    ],
  }),
  result: (_params, outcomes) => {
    const [outcome] = outcomes;
    if (outcome === undefined) throw new Error("a command reports nothing");
    const stdout = outcome.stdout.toString("utf8");
    const stderr = outcome.stderr.toString("utf8");
    const failed = outcome.code !== 0;
    return {
      changed: true,
      failed,
      msg: failed ? "non-zero return code" : null,
      values: {
        rc: outcome.code,
        stdout,
        stdout_lines: linesOf(stdout),
        stderr,
        stderr_lines: linesOf(stderr),
      },
    };
  },
});
