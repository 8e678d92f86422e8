import type { Action, ActionOutcome } from "../core/action.ts";
import { jobDirectory } from "../core/job.ts";
import { quote } from "../core/shell.ts";
import type { ActionReport, PlannedAction } from "../core/task.ts";
import { dict, isDict, type Value } from "../core/value.ts";
import type { TurnResult } from "./execute.ts";
import { composeActions } from "./perform.ts";
import { endedTurn } from "./results.ts";

/** A task that was left running by itself (`async` with `poll: 0`), as long as the run knows of it. */
export type Job =
  /** What the node says of it is understood by these. */
  | {
      readonly kind: "running";
      readonly split: (stdout: Buffer, stderr: Buffer) => readonly ActionOutcome[];
      readonly report: (outcomes: readonly ActionOutcome[]) => ActionReport;
      readonly seconds: number;
    }
  /** It only compares and changes a state: it was done at once. */
  | { readonly kind: "done"; readonly values: ReadonlyMap<Value, Value>; readonly failed: boolean };

/** How a task is left behind. */
export interface Background {
  readonly jid: string;
  /** It is ended after that. */
  readonly seconds: number;
  readonly nonce: string;
  readonly remember: (job: Job) => void;
}

/** What register sees of a task that was left behind. */
export const startedValues = (jid: string, finished: 0 | 1): Readonly<Record<string, Value>> => ({
  ansible_job_id: jid,
  started: 1,
  finished,
});

/** Starts the actions of a task without waiting for them: their script and its output are kept on the node. */
export const launch = (
  actions: readonly Action[],
  planned: PlannedAction,
  environment: Readonly<Record<string, string>>,
  { jid, seconds, nonce, remember }: Background,
): Action => {
  const composed = composeActions(actions, {
    nonce,
    before: "",
    after: "",
    journal: false,
    unchanged: "",
    environment,
    reads: [],
  });
  remember({
    kind: "running",
    split: (stdout, stderr) => composed.split(stdout, stderr).outcomes,
    report: planned.report,
    seconds,
  });
  const script = Buffer.from(composed.script);
  return {
    kind: "script",
    script: [
      "umask 077",
      `d=${jobDirectory(jid)}`,
      'mkdir -p "$d" || exit 1',
      // What nobody asked for within a day is not asked for any more.
      'find "${d%/*}" -mindepth 1 -maxdepth 1 -mtime +1 -exec rm -rf {} + 2>/dev/null',
      `head -c ${script.length} >"$d/script" || exit 1`,
      'cat >"$d/stdin" || exit 1',
      "s=nohup; if command -v setsid >/dev/null 2>&1; then s=setsid; fi",
      `$s sh -c ${quote(KEEPER)} lbplay-job "$d" ${seconds} </dev/null >/dev/null 2>&1 &`,
    ].join("\n"),
    stdin: Buffer.concat([script, composed.stdin]),
    touches: [{ kind: "lasting", what: `the task was left running as job ${jid}` }],
  };
};

/** Waits for the script on the node, and writes down how it ended, whole. */
const KEEPER = [
  'd=$1; echo $$ >"$d/pid"',
  'if command -v timeout >/dev/null 2>&1; then t="timeout $2"; else t=; fi',
  '$t sh "$d/script" <"$d/stdin" >"$d/stdout" 2>"$d/stderr"; echo $? >"$d/code.new"',
  'mv "$d/code.new" "$d/code"',
].join("\n");

/** What became of the job that an async_status asked for: its answer, as the task itself would have given it. */
export const settleJob = (ended: TurnResult, job: (jid: string) => Job | undefined): TurnResult => {
  const { ansible_job_id: jid, finished, _ansible_job: raw, ...values } = ended.values;
  const known = job(String(jid));
  const base = { ...values, ansible_job_id: jid ?? null, started: 1, finished: 1 };
  if (known?.kind === "done")
    return {
      ...endedTurn(known.failed ? "failed" : "ok", null),
      values: { ...Object.fromEntries(known.values), ...base } as TurnResult["values"],
    };
  if (ended.status === "failed" || finished !== 1 || !isDict<Value>(raw)) return ended;
  const failed = (msg: string): TurnResult => ({ ...endedTurn("failed", msg), values: base });
  if (known === undefined) return failed("could not find job: no task of this run left it behind");
  const [code, stdout = "", stderr = ""] = ["code", "stdout", "stderr"].map((name) => String(raw.get(name)));
  if (code === "124")
    return failed(`async task did not complete within the requested time - ${known.seconds}s`);
  const outcomes = outcomesOf(known, stdout, stderr);
  if (outcomes === null) return failed("the job was ended before it was through");
  const report = known.report(outcomes);
  const status = report.failed ? "failed" : report.changed ? "changed" : "ok";
  return { ...endedTurn(status, report.msg), changed: report.changed, values: { ...report.values, ...base } };
};

/** null where the script was killed: what it printed ends in the middle. */
const outcomesOf = (
  job: Extract<Job, { kind: "running" }>,
  stdout: string,
  stderr: string,
): readonly ActionOutcome[] | null => {
  try {
    return job.split(Buffer.from(stdout, "base64"), Buffer.from(stderr, "base64"));
  } catch {
    return null;
  }
};

/** The result of a task that was done at once although it was to be left behind. */
export const doneJob = (ended: TurnResult): Job => ({
  kind: "done",
  failed: ended.status === "failed",
  values: dict({
    changed: ended.changed,
    ...(ended.msg === null ? {} : { msg: ended.msg }),
    ...ended.values,
  }),
});
