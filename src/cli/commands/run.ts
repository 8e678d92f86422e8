import { randomBytes, randomInt } from "node:crypto";
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { createCatalog } from "../../config/catalog.ts";
import { loadInventory } from "../../config/inventory.ts";
import { matchHosts } from "../../config/pattern.ts";
import { parseYamlValue } from "../../config/yaml.ts";
import { LbplayError } from "../../core/error.ts";
import type { Inventory } from "../../core/play.ts";
import { createRedactor, type Redactor } from "../../core/secret.ts";
import { type RunReport, runPlaybooks } from "../../engine/run.ts";
import type { RunContext, RunSettings } from "../../engine/run-context.ts";
import type { View } from "../../report/listr.ts";
import { tasks } from "../../tasks/registry.ts";
import { connect } from "../../transport/connect.ts";
import { createKeyRing } from "../../transport/identity.ts";
import { type Credentials, readCredentials } from "../credentials.ts";
import { EXIT, exitCodeOf } from "../exit-code.ts";
import { extraVars } from "../extra-vars.ts";
import { type Io, untilSignal } from "../io.ts";
import { listPlays } from "../listing.ts";
import { type LoadedPlaybook, loadPlaybooks } from "../load-playbooks.ts";
import { createReporter } from "../reporter.ts";
import type { RunOptions } from "../run-options.ts";
import { tellError } from "../tell-error.ts";
import { createValidate } from "../validation.ts";

/** Loads, checks and runs playbooks; or lists what they would do. */
export const run = async (options: RunOptions, io: Io): Promise<number> => {
  const redactor = createRedactor();
  const credentials = await readCredentials(options.credentials, io);
  for (const hidden of [credentials.connection, credentials.become])
    if (hidden !== null) redactor.add(hidden.reveal());
  const files = { cwd: io.cwd, vaults: credentials.vaults, onSecret: redactor.add };
  const { inventory, warnings } = loadInventory(inventorySources(options, io), {
    ...files,
    playbookDir: dirname(resolve(io.cwd, options.playbooks[0] ?? ".")),
  });
  const extra = extraVars(options.extraVars, files);
  const loaded = loadPlaybooks(options.playbooks, {
    ...files,
    inventory,
    extra,
    tasks,
    rolesPath: [...userRoles(io), packageRoles(fileURLToPath(import.meta.url))],
  });
  const match = limitTo(inventory, options.limit, io.cwd);
  for (const warning of warnings) io.stderr.write(`warning: ${warning}\n`);
  if (options.syntaxCheck) {
    io.stdout.write(loaded.map(({ playbook }) => `\nplaybook: ${playbook.path}\n`).join(""));
    return EXIT.ok;
  }
  if (options.listing !== null) {
    io.stdout.write(listPlays(loaded, match, options.listing, options));
    return EXIT.ok;
  }
  return perform({ options, io, redactor, credentials, inventory, loaded, extra, match });
};

/** The roles of lbplay itself, found after the user's own: beside its package.json, built or not. */
const packageRoles = (from: string): string => {
  const directory = dirname(from);
  if (existsSync(join(directory, "package.json"))) return join(directory, "roles");
  return directory === from ? from : packageRoles(directory);
};

const userRoles = (io: Io): readonly string[] =>
  (io.env.ANSIBLE_ROLES_PATH ?? "").split(":").filter((path) => path !== "");

const inventorySources = (options: RunOptions, io: Io): readonly string[] => {
  if (options.inventories.length > 0) return options.inventories;
  const fromEnvironment = io.env.ANSIBLE_INVENTORY ?? "";
  if (fromEnvironment !== "") return [fromEnvironment];
  throw new LbplayError({
    code: "E_NO_INVENTORY",
    message: "no inventory is given",
    hint: "name one with -i: a file, a directory, or hosts as in `-i lb1,lb2,`",
  });
};

/** The hosts of a play's pattern that `--limit` leaves. */
const limitTo = (
  inventory: Inventory,
  limit: string | null,
  cwd: string,
): ((pattern: string, strict?: boolean) => readonly string[]) => {
  if (limit === null) return (pattern, strict = true) => matchHosts(pattern, inventory, { cwd, strict });
  const allowed = new Set(matchHosts(limit, inventory, { cwd, strict: true }));
  if (allowed.size === 0)
    throw new LbplayError({ code: "E_NO_HOSTS", message: `--limit ${limit} leaves no host` });
  return (pattern, strict = true) =>
    matchHosts(pattern, inventory, { cwd, strict }).filter((host) => allowed.has(host));
};

interface RunParts {
  readonly options: RunOptions;
  readonly io: Io;
  readonly redactor: Redactor;
  readonly credentials: Credentials;
  readonly inventory: Inventory;
  readonly loaded: readonly LoadedPlaybook[];
  readonly extra: RunSettings["extraVars"];
  readonly match: (pattern: string, strict?: boolean) => readonly string[];
}

const perform = async (parts: RunParts): Promise<number> => {
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
