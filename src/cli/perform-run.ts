import { setTimeout as sleep } from "node:timers/promises";
import { LbplayError } from "../core/error.ts";
import type { LiveInventory } from "../core/play.ts";
import type { Redactor } from "../core/secret.ts";
import { type RunReport, runPlaybooks } from "../engine/run.ts";
import type { RunContext, RunSettings } from "../engine/run-context.ts";
import type { View } from "../report/listr.ts";
import type { RollWorld } from "../roll/parts.ts";
import { createRoller } from "../roll/roller.ts";
import { ansibleSettings } from "./ansible-settings.ts";
import { openContinuity } from "./continuity.ts";
import type { Credentials } from "./credentials.ts";
import { EXIT, exitCodeOf } from "./exit-code.ts";
import { type Io, untilSignal } from "./io.ts";
import type { LoadedPlaybook } from "./load-playbooks.ts";
import type { InventoryPair } from "./pairs.ts";
import { probeTarget } from "./probe-target.ts";
import { createReporter } from "./reporter.ts";
import { writeRetryFile } from "./retry-file.ts";
import { connectionOptions, createContext, playDefaults } from "./run-context.ts";
import type { RunOptions } from "./run-options.ts";
import { tellError } from "./tell-error.ts";

/** What was read, checked and asked before a run. */
export interface RunParts {
  readonly options: RunOptions;
  readonly io: Io;
  readonly redactor: Redactor;
  readonly credentials: Credentials;
  readonly inventory: LiveInventory;
  readonly loaded: readonly LoadedPlaybook[];
  readonly extra: RunSettings["extraVars"];
  readonly match: (pattern: string, strict?: boolean) => readonly string[];
  /** Nodes that are rolled. */
  readonly pairs: readonly InventoryPair[];
}

/** Runs playbooks that were found right, to the exit code; what happens goes to a view, and a node that is locked is told. */
export const performRun = async (
  parts: RunParts,
  openView: () => Promise<View> = () => createReporter(parts.options, parts.io),
  tellLocked: (error: LbplayError) => void = (error) => void tellError(error, parts.io),
): Promise<number> => {
  const { io, options } = parts;
  const view = await openView();
  let retry: string | null = null;
  try {
    return await untilSignal(io, async (signal) => {
      const reports: RunReport[] = [];
      for (const one of parts.loaded) {
        const startAtTask = reports.some((report) => report.started) ? null : options.startAtTask;
        const asked = { ...parts, options: { ...options, startAtTask } };
        const report = await runPlaybooks([one.playbook], contextOf(asked, one, view, signal));
        reports.push(report);
        if (report.lost.length > 0) retry = writeRetryFile(one.playbook.path, report.lost, io) ?? retry;
        if (signal.aborted) return EXIT.interrupted;
        if (reports.some((report) => report.failed || report.unreachable)) break;
      }
      if (reports.every((report) => !report.started)) throw noSuchTask(options.startAtTask ?? "");
      return exitCodeOf(
        {
          failed: reports.some((report) => report.failed),
          unreachable: reports.some((report) => report.unreachable),
          changed: reports.some((report) => report.changed),
        },
        options,
      );
    });
  } catch (error) {
    if (error instanceof LbplayError && error.code === "E_INTERRUPTED") return EXIT.interrupted;
    if (!(error instanceof LbplayError) || error.code !== "E_LOCKED") throw error;
    await view.close();
    tellLocked(error);
    return EXIT.failed;
  } finally {
    await view.close();
    if (retry !== null) io.stderr.write(`to retry: --limit @${retry}\n`);
  }
};

const noSuchTask = (name: string): LbplayError =>
  new LbplayError({
    code: "E_START_AT_TASK",
    message: `--start-at-task: no task is called ${name}, so none was run`,
    hint: "--list-tasks shows their names; * stands for any text",
  });

const contextOf = (
  { options, io, redactor, credentials, inventory, extra, match, pairs }: RunParts,
  { loader }: LoadedPlaybook,
  view: View,
  signal: AbortSignal,
): RunContext => {
  const ask: Io["ask"] = async (question) => {
    await view.pause();
    return io.ask(question);
  };
  const owner = `${io.owner} ${options.playbooks.join(" ")}`;
  const settings = settingsOf(options, credentials, extra, io);
  return {
    ...createContext({
      io,
      redactor,
      inventory,
      loader,
      match,
      settings,
      sink: view.sink,
      signal,
      owner,
      ask,
    }),
    confirm: options.step ? confirmWith(ask) : null,
    roller: createRoller(
      pairs,
      {
        allowUnfit: options.allowUnfit,
        maxOutageMs: options.maxOutageMs,
        noLint: options.noLint,
        proveFailover: options.proveFailover,
      },
      { openContinuity: continuityOf, now: io.now, sleep: (milliseconds) => sleep(milliseconds) },
    ),
  };
};

const continuityOf: RollWorld["openContinuity"] = async ({ said, owner, addresses, from }) => {
  const target = probeTarget(said, owner, addresses);
  return target === null ? null : openContinuity(target, from);
};

const confirmWith =
  (ask: Io["ask"]) =>
  async (task: string): Promise<"yes" | "no" | "continue"> => {
    const answer = (
      await ask({ text: `Perform task: ${task} (N)o/(y)es/(c)ontinue: `, secret: false })
    ).toLowerCase();
    return answer.startsWith("y") ? "yes" : answer.startsWith("c") ? "continue" : "no";
  };

const settingsOf = (
  options: RunOptions,
  credentials: Credentials,
  extra: RunSettings["extraVars"],
  io: Io,
): RunSettings => ({
  mode: options.check ? "check" : "apply",
  diff: options.diff,
  verbosity: options.verbosity,
  forks: options.forks,
  tags: options.tags,
  skipTags: options.skipTags,
  startAtTask: options.startAtTask,
  limit: options.limit,
  configFile: ansibleSettings(io).file,
  forceHandlers: options.forceHandlers,
  breakLock: options.breakLock,
  extraVars: extra,
  connection: connectionOptions(options.connection, credentials, io),
  defaults: playDefaults(io),
});
