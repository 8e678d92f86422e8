import { randomBytes, randomInt } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { createCatalog } from "../config/catalog.ts";
import { matchHosts } from "../config/pattern.ts";
import { parseYamlValue } from "../config/yaml.ts";
import { LbplayError } from "../core/error.ts";
import { createFactCache, type FactCache } from "../engine/fact-cache.ts";
import type { PlayDefaults, PromptQuestion, RunContext } from "../engine/run-context.ts";
import { tasks } from "../tasks/registry.ts";
import { connect } from "../transport/connect.ts";
import { createKeyRing } from "../transport/identity.ts";
import { ansibleSettings } from "./ansible-settings.ts";
import type { Credentials } from "./credentials.ts";
import type { Io } from "./io.ts";
import type { ConnectionRequest } from "./run-options.ts";
import { createValidate } from "./validation.ts";

/** What a command decides of what it hands to the engine. */
export interface ContextParts
  extends Pick<RunContext, "settings" | "inventory" | "loader" | "sink" | "redactor" | "signal" | "owner"> {
  readonly io: Io;
  readonly match: (pattern: string, strict?: boolean) => readonly string[];
  /** How the user is asked something. */
  readonly ask: Io["ask"];
}

/** All that the engine is given, from the world and the parts that a command decides. Nobody confirms tasks or rolls nodes. */
export const createContext = ({ io, match, ask, ...own }: ContextParts): RunContext => {
  const keys = createKeyRing();
  const nonce = (): string => randomBytes(16).toString("hex");
  const catalog = createCatalog(tasks);
  return {
    ...own,
    module: catalog.find,
    validate: createValidate(tasks),
    matchHosts: match,
    patternHosts: (pattern) => matchHosts(pattern, own.inventory, { cwd: io.cwd, strict: false }),
    connect: (address) => connect(address, { nonce, environment: io.env, keys }),
    cwd: io.cwd,
    environment: io.env,
    now: () => new Date(io.now()),
    // Passwords are made of it.
    random: () => randomInt(2 ** 48 - 1) / 2 ** 48,
    nonce,
    // An interrupted run does not wait for the next try.
    sleep: (milliseconds) => sleep(milliseconds, undefined, { signal: own.signal }).catch(() => undefined),
    confirm: null,
    prompt: (question) => answerOf(question, ask, io),
    parseYaml: parseYamlValue,
    factCache: factCacheOf(io),
    roller: null,
    onPlanned: null,
  };
};

/** Where nobody can answer, a default is the answer. */
const answerOf = async (question: PromptQuestion, ask: Io["ask"], io: Io): Promise<string> => {
  const shown = question.default === null ? "" : ` [${question.default}]`;
  try {
    const answer = await ask({ text: `${question.prompt}${shown}: `, secret: question.private });
    return answer === "" ? (question.default ?? "") : answer;
  } catch (error) {
    if (!(error instanceof LbplayError) || error.code !== "E_NO_TERMINAL") throw error;
    if (question.default === null)
      throw new LbplayError({
        code: error.code,
        message: `vars_prompt: nobody can answer for ${question.name}, the input is no terminal`,
        at: question.at,
        hint: `give it with -e ${question.name}=VALUE, or a secret in a file: -e @FILE`,
        cause: error,
      });
    io.stderr.write(`notice: ${question.name} has its default, the input is no terminal\n`);
    return question.default;
  }
};

/** How nodes are reached, from the command line and the passwords that were given. */
export const connectionOptions = (
  request: ConnectionRequest,
  credentials: Credentials,
  io: Io,
): RunContext["settings"]["connection"] => ({
  ...request,
  connectTimeoutMs: request.timeoutSeconds * 1000,
  password: credentials.connection,
  becomePassword: credentials.become,
  hostKeysOtherwise: ansibleSettings(io).flag("hostKeyChecking") === false ? "off" : "strict",
  port: ansibleSettings(io).number("remotePort"),
});

/** What counts where a play is silent, by Ansible's settings. */
export const playDefaults = (io: Io): PlayDefaults => {
  const { text, flag } = ansibleSettings(io);
  const gathering = text("gathering");
  return {
    gathering: gathering === "explicit" || gathering === "smart" ? gathering : "implicit",
    strategy: text("strategy"),
    anyErrorsFatal: flag("anyErrorsFatal") ?? false,
  };
};

/** One day, as in Ansible. */
const FACTS_SECONDS = 86_400;

const factCacheOf = (io: Io): FactCache | null => {
  const { text, number } = ansibleSettings(io);
  const directory = text("factCachingConnection");
  if (directory === null || !(text("factCaching") ?? "").endsWith("jsonfile")) return null;
  return createFactCache({
    directory,
    prefix: text("factCachingPrefix") ?? "",
    timeoutSeconds: number("factCachingTimeout") ?? FACTS_SECONDS,
    now: io.now,
  });
};
