import type { Action } from "../../core/action.ts";
import { defineState, type Plan, planOf } from "../../core/task.ts";
import type { Value } from "../../core/value.ts";
import { actionsOf, type PlannedChange, viewOf } from "../planned-change.ts";
import { editCrontab, namesIn, plainJob } from "./crontab.ts";
import { type CronFacts, cronFacts } from "./facts.ts";
import { type CronParams, schema } from "./schema.ts";
import { type TimeField, timeFault } from "./times.ts";

/** Keeps a job, or a variable for jobs, in a user's crontab or in a file of /etc/cron.d. */
export const cron = defineState<CronParams, CronFacts, PlannedChange>({
  kind: "state",
  name: "cron",
  aliases: ["ansible.builtin.cron"],
  summary: "Keeps a job, or a variable for jobs, in a user's crontab or in a file of /etc/cron.d.",
  schema,
  example: `- ansible.builtin.cron:
    name: renew certificates
    cron_file: certificates
    user: root
    minute: "17"
    hour: "3"
    job: /usr/local/sbin/renew-certificates
`,
  rules,
  inspect: cronFacts,
  diff,
  view: viewOf,
  apply: actionsOf,
  result,
});

const TIMES: readonly TimeField[] = ["minute", "hour", "day", "month", "weekday"];

function rules(params: CronParams): readonly string[] {
  const { state, name, job, cron_file, user, special_time, env, insertafter, insertbefore } = params;
  const present = state === "present";
  const beside = insertafter !== null || insertbefore !== null;
  return [
    ...(cron_file === "/etc/crontab"
      ? ["/etc/crontab is the system's: give the job a cron_file of its own"]
      : []),
    ...(special_time !== null && TIMES.some((field) => params[field] !== "*")
      ? ["special_time stands instead of minute, hour, day, month and weekday"]
      : []),
    ...(present && !env ? TIMES.flatMap((field) => timeFault(field, params[field]) ?? []) : []),
    ...(present && cron_file !== null && user === null ? ["user is required with cron_file"] : []),
    ...(present && job === null ? ["job is required when state is present"] : []),
    ...(/[\r\n]/.test(plainJob(job)) ? ["job must be one line: cron knows no other"] : []),
    ...(insertafter !== null && insertbefore !== null
      ? ["insertafter and insertbefore exclude each other"]
      : []),
    ...(present && beside && !env ? ["insertafter and insertbefore are for variables: env: true"] : []),
    ...(env && /[\s=]/.test(name) ? [`${name} is no name of a variable`] : []),
  ];
}

function diff(params: CronParams, facts: CronFacts): Plan<PlannedChange> {
  if (facts.absent && params.state === "absent") return { kind: "converged" };
  if (facts.fault !== null) return { kind: "blocked", reason: facts.fault };
  const before = facts.text ?? "";
  const edited = editCrontab(params, before);
  if (edited.kind === "missing")
    return { kind: "blocked", reason: `Variable named '${edited.name}' not found.` };
  if (edited.text === before) return { kind: "converged" };
  const { owner, path } = facts;
  const gone = owner === null && params.state === "absent" && !params.env && edited.text.trim() === "";
  const view = {
    field: owner === null ? path : `crontab of ${owner}`,
    before: facts.text,
    after: gone ? null : edited.text,
  };
  return planOf([{ view, actions: gone ? [{ kind: "remove", path }] : landing(params, facts, edited.text) }]);
}

const landing = (params: CronParams, facts: CronFacts, text: string): readonly Action[] => {
  const { owner, foreign, path } = facts;
  const content = Buffer.from(text);
  if (owner === null) {
    const { backup } = params;
    return [{ kind: "write", path, content, mode: null, owner: null, group: null, validate: null, backup }];
  }
  const whose = foreign ? ["-u", owner] : [];
  return [
    ...(params.backup && facts.text !== null ? [copyAside(facts.text)] : []),
    {
      kind: "run",
      argv: ["crontab", ...whose, "-"],
      stdin: content,
      touches: [{ kind: "path", path }],
    },
  ];
};

/** In a file that only its owner can read. */
const copyAside = (text: string): Action => ({
  kind: "script",
  script: 'umask 077; f=$(mktemp /tmp/crontabXXXXXXXX) && cat >"$f"',
  stdin: Buffer.from(text),
  touches: [],
});

/** In check mode too what will be there: the names after the edit. */
function result(params: CronParams, facts: CronFacts): Readonly<Record<string, Value>> {
  const edited = editCrontab(params, facts.text ?? "");
  const names = edited.kind === "missing" ? { jobs: [], envs: [] } : namesIn(edited.text);
  return { ...names, ...(params.cron_file === null ? {} : { cron_file: params.cron_file }) };
}
