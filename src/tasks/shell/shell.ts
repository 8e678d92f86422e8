import { defineAction } from "../../core/task.ts";
import { type GuardFacts, guard, isGuarded, notRun } from "../command-run/guard.ts";
import { stdinOf } from "../command-run/input.ts";
import { reportOf, timed } from "../command-run/report.ts";
import { type ShellParams, schema } from "./schema.ts";

/** Runs a shell script. */
export const shell = defineAction<ShellParams, GuardFacts>({
  kind: "action",
  name: "shell",
  aliases: ["ansible.builtin.shell"],
  summary: "Runs a shell script.",
  schema,
  freeForm: "cmd",
  example: `- ansible.builtin.shell:
    cmd: echo "show info" | socat stdio /run/haproxy/admin.sock | grep ^Uptime
    executable: /bin/bash
`,
  inspect: guard,
  decide: (params, { unneeded }) =>
    unneeded === null
      ? {
          kind: "run",
          needed: isGuarded(params),
          actions: timed({
            kind: "script",
            script: params.cmd,
            shell: params.executable,
            okCodes: "any",
            timeoutMs: null,
            touches: [{ kind: "lasting", what: "a shell command was run" }],
            ...stdinOf(params),
            ...(params.chdir === null ? {} : { chdir: params.chdir }),
          }),
        }
      : notRun(unneeded, params.cmd),
  result: (params, outcomes) => reportOf(params.cmd, outcomes, params.strip_empty_ends),
});
