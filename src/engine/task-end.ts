import { isDict, isList, type Source, type Value } from "../core/value.ts";
import type { TurnResult } from "./execute.ts";
import { settleNeedless } from "./handlers.ts";
import { count, noteRole, setVariable } from "./host-state.ts";
import type { PlayRun } from "./play-run.ts";
import { endedTurn, loopResult } from "./results.ts";
import type { DoneTurn, TaskCall, TaskEnd } from "./task-call.ts";
import { isIgnored, reportTurn } from "./task-report.ts";

/** What follows from a task's turns on a host: the report, the registered result, notifications, the recap's figures. */
export const finish = (
  call: TaskCall,
  run: PlayRun,
  started: number,
  done: readonly DoneTurn[] | DoneTurn,
): TaskEnd => {
  const whole = wholeOf(done);
  const ignored = isIgnored(call, run, whole.turn);
  reportTurn(call, run, whole, { started, item: null, ignored });
  remember(call, run, whole);
  notify(call, run, whole, ignored);
  account(call, run, whole.turn, ignored);
  if (whole.turn.status !== "skipped") noteRole(call.at.host, call.step.role);
  const turns = isList<DoneTurn>(done) ? done.map(({ turn }) => turn) : [done.turn];
  return { status: whole.turn.status, ignored, turns, result: whole.value };
};

const wholeOf = (done: readonly DoneTurn[] | DoneTurn): DoneTurn => {
  if (!isList<DoneTurn>(done)) return done;
  const turns = done.map(({ turn }) => turn);
  const value = loopResult(
    done.map((one) => one.value),
    turns,
  );
  const order: readonly TurnResult["status"][] = ["failed", "would-follow", "changed", "ok"];
  const status = order.find((one) => turns.some((turn) => turn.status === one)) ?? "skipped";
  const msg = value.get("msg");
  return {
    turn: {
      ...endedTurn(status, typeof msg === "string" ? msg : null),
      changed: turns.some((turn) => turn.changed),
      unrun: turns.some((turn) => turn.unrun),
    },
    value,
    delegatedTo: done[0]?.delegatedTo ?? null,
    notifies: [...new Set(done.flatMap(({ notifies }) => notifies))],
    breaks: false,
  };
};

/** Registers the result. In check mode it is noted which results (and facts) are not those that a run would have. */
const remember = (call: TaskCall, run: PlayRun, whole: DoneTurn): void => {
  const { host } = call.at;
  const { register } = call.step.keywords;
  if (register !== null) setVariable(host, register, whole.value);
  if (run.context.settings.mode !== "check") return;
  if (register !== null && (whole.turn.unrun || host.pending)) host.unrun.add(register);
  if (whole.turn.status === "would-follow") for (const name of namesSet(call.step.args)) host.unrun.add(name);
};

/** The names that a set_fact would have set. */
const namesSet = (args: Source): readonly string[] =>
  isDict<Value>(args) ? [...args.keys()].filter((name) => typeof name === "string") : [];

/** A change notifies, unless the task failed: then nothing is owed for it once the failure is taken care of. */
const notify = (call: TaskCall, run: PlayRun, whole: DoneTurn, ignored: boolean): void => {
  const { host } = call.at;
  if (whole.turn.status === "failed") {
    if (ignored || call.rescuable) settleNeedless(host, whole.notifies, run);
    return;
  }
  if (whole.turn.changed) for (const key of whole.notifies) host.notified.add(key);
};

/** The figures of the recap, and the state of the host for what follows. */
const account = (call: TaskCall, run: PlayRun, turn: TurnResult, ignored: boolean): void => {
  const { host } = call.at;
  switch (turn.status) {
    case "ok":
      count(host, "ok");
      break;
    case "changed":
    case "would-follow":
      if (run.context.settings.mode === "check") host.pending = true;
      count(host, "ok", "changed");
      break;
    case "skipped":
      count(host, "skipped");
      break;
    case "failed":
      if (ignored) count(host, "ok", "ignored", ...(turn.changed ? (["changed"] as const) : []));
      else {
        host.status = "failed";
        count(host, call.rescuable ? "rescued" : "failed");
      }
  }
};
