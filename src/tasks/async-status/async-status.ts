import type { ActionOutcome } from "../../core/action.ts";
import { jobDirectory } from "../../core/job.ts";
import { known } from "../../core/probe.ts";
import { type ActionReport, defineAction } from "../../core/task.ts";
import { dict } from "../../core/value.ts";

/** Parameters of async_status. */
interface AsyncStatusParams {
  readonly jid: string;
  readonly mode: "status" | "cleanup";
}

/** Asks for a task that was left running with `async` and `poll: 0`; the engine makes the task's own result of the answer. */
export const asyncStatus = defineAction<AsyncStatusParams, null>({
  kind: "action",
  name: "async_status",
  aliases: ["ansible.builtin.async_status"],
  summary: "Tells how a task is doing that was left running with async and poll: 0.",
  schema: {
    type: "object",
    additionalProperties: false,
    required: ["jid"],
    properties: {
      jid: {
        type: "string",
        minLength: 1,
        description: "The job, as ansible_job_id of the task's registered result has it.",
      },
      mode: {
        type: "string",
        enum: ["status", "cleanup"],
        default: "status",
        description: "Ask for it, or remove what the node keeps of it.",
      },
    },
  },
  example: `- ansible.builtin.async_status:
    jid: "{{ build.ansible_job_id }}"
  register: job
  until: job.finished
  retries: 60
  delay: 5
`,
  rules: ({ jid }) => (/^[\w.]+$/.test(jid) ? [] : [`jid: expected the id of a job, found ${jid}`]),
  inspect: () => known(null),
  decide: ({ jid, mode }) => ({
    kind: "run",
    actions: [
      {
        kind: "script",
        script: mode === "cleanup" ? `rm -rf ${jobDirectory(jid)}` : statusScript(jid),
        okCodes: "any",
        timeoutMs: null,
        touches: [],
      },
    ],
  }),
  result: reportOf,
  harmless: () => true,
});

/** How it ended and what it printed, in base64; `running`, `ended` (killed, before it was through) or `missing` otherwise. */
const statusScript = (jid: string): string =>
  [
    `d=${jobDirectory(jid)}`,
    'if [ ! -d "$d" ]; then echo missing; exit; fi',
    'if [ -f "$d/code" ]; then cat "$d/code"; for f in stdout stderr; do base64 <"$d/$f" | tr -d "\\n"; echo; done; exit; fi',
    'if p=$(cat "$d/pid" 2>/dev/null) && ! kill -0 "$p" 2>/dev/null; then echo ended; else echo running; fi',
  ].join("\n");

function reportOf({ jid, mode }: AsyncStatusParams, [outcome]: readonly ActionOutcome[]): ActionReport {
  const said = (outcome?.stdout.toString("latin1") ?? "").split("\n");
  const [state = "", stdout = "", stderr = ""] = said;
  const base = { changed: false, failed: false, msg: null } as const;
  if (mode === "cleanup") return { ...base, values: { ansible_job_id: jid, erased: jid } };
  if (state === "missing")
    return {
      ...base,
      failed: true,
      msg: "could not find job",
      values: { ansible_job_id: jid, started: 1, finished: 1 },
    };
  if (state === "running") return { ...base, values: { ansible_job_id: jid, started: 1, finished: 0 } };
  const job = dict({ code: state, stdout, stderr });
  return { ...base, values: { ansible_job_id: jid, started: 1, finished: 1, _ansible_job: job } };
}
