import { randomBytes, randomInt } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { createCatalog } from "../config/catalog.ts";
import { parseYamlValue } from "../config/yaml.ts";
import { LbplayError } from "../core/error.ts";
import type { Inventory } from "../core/play.ts";
import type { Redactor } from "../core/secret.ts";
import { type RunReport, runPlaybooks } from "../engine/run.ts";
import type { RunContext, RunSettings } from "../engine/run-context.ts";
import type { View } from "../report/listr.ts";
import { tasks } from "../tasks/registry.ts";
import { connect } from "../transport/connect.ts";
import { createKeyRing } from "../transport/identity.ts";
import type { Credentials } from "./credentials.ts";
import { EXIT, exitCodeOf } from "./exit-code.ts";
import { type Io, untilSignal } from "./io.ts";
import type { LoadedPlaybook } from "./load-playbooks.ts";
import { createReporter } from "./reporter.ts";
import type { RunOptions } from "./run-options.ts";
import { tellError } from "./tell-error.ts";
import { createValidate } from "./validation.ts";

/** What was read, checked and asked before a run. */
export interface RunParts {
  readonly options: RunOptions;
  readonly io: Io;
  readonly redactor: Redactor;
  readonly credentials: Credentials;
  readonly inventory: Inventory;
  readonly loaded: readonly LoadedPlaybook[];
  readonly extra: RunSettings["extraVars"];
  readonly match: (pattern: string, strict?: boolean) => readonly string[];
}

/** Runs playbooks that were found right, to the exit code. */
export const performRun = async (parts: RunParts): Promise<number> => {
  const { options, io } = parts;
  const view = await createReporter(options, io);
  try {
    return await untilSignal(io, async (signal) => {
      const reports: RunReport[] = [];
      for (const one of parts.loaded) {
        const startAtTask = reports.some((report) => report.started) ? null : options.startAtTask;
        const asked = { ...parts, options: { ...options, startAtTask } };
        reports.push(await runPlaybooks([one.playbook], contextOf(asked, one, view, signal)));
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
    tellError(error, io);
    return EXIT.failed;
  } finally {
    await view.close();
  }
};

const noSuchTask = (name: string): LbplayError =>
  new LbplayError({
    code: "E_START_AT_TASK",
    message: `--start-at-task: no task is called ${name}, so none was run`,
    hint: "--list-tasks shows their names; * stands for any text",
  });

const contextOf = (
  { options, io, redactor, credentials, inventory, extra, match }: RunParts,
  { loader }: LoadedPlaybook,
  view: View,
  signal: AbortSignal,
): RunContext => {
  const keys = createKeyRing();
  const ask: Io["ask"] = async (question) => {
    await view.pause();
    return io.ask(question);
  };
  const nonce = (): string => randomBytes(16).toString("hex");
  const catalog = createCatalog(tasks);
  return {
    settings: settingsOf(options, credentials, extra),
    inventory,
    loader,
    module: catalog.find,
    validate: createValidate(tasks),
    matchHosts: match,
    connect: (settings) => connect(settings, { nonce, environment: io.env, keys }),
    sink: view.sink,
    redactor,
    cwd: io.cwd,
    environment: io.env,
    now: () => new Date(io.now()),
    // Passwords are made of it.
    random: () => randomInt(2 ** 48 - 1) / 2 ** 48,
    nonce,
    // An interrupted run does not wait for the next try.
    sleep: (milliseconds) => sleep(milliseconds, undefined, { signal }).catch(() => undefined),
    owner: `${io.owner} ${options.playbooks.join(" ")}`,
    signal,
    confirm: options.step ? confirmWith(ask) : null,
    prompt: async (question) => {
      const shown = question.default === null ? "" : ` [${question.default}]`;
      const answer = await ask({ text: `${question.prompt}${shown}: `, secret: question.private });
      return answer === "" ? (question.default ?? "") : answer;
    },
    parseYaml: parseYamlValue,
    roller: null,
    onPlanned: null,
  };
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
): RunSettings => ({
  mode: options.check ? "check" : "apply",
  diff: options.diff,
  verbosity: options.verbosity,
  forks: options.forks,
  tags: options.tags,
  skipTags: options.skipTags,
  startAtTask: options.startAtTask,
  forceHandlers: options.forceHandlers,
  breakLock: options.breakLock,
  extraVars: extra,
  connection: {
    ...options.connection,
    connectTimeoutMs: options.connection.timeoutSeconds * 1000,
    password: credentials.connection,
    becomePassword: credentials.become,
  },
});
