import type { IncludeStep, Keywords, Play, Step, TaskStep } from "../core/play.ts";
import type { RollOptions } from "../core/roll.ts";
import type { Become, NodeAddress } from "../core/transport.ts";
import type { Value } from "../core/value.ts";
import type { Host } from "../jinja/environment.ts";
import type { Job } from "./background.ts";
import { becomeKeywords, becomeSettings, nodeAddress } from "./connection-settings.ts";
import type { CustomStats } from "./custom-stats.ts";
import { type ControllerFiles, createControllerFiles } from "./files.ts";
import { controllerHostFiles } from "./host-files.ts";
import type { HostState } from "./host-state.ts";
import { runLookup } from "./lookups.ts";
import type { RunContext } from "./run-context.ts";
import { createSession, type NodeSession } from "./session.ts";
import type { TaskScope, Templar } from "./templar.ts";
import type { Timeline } from "./timeline.ts";
import { createScope, NO_SURROUNDINGS, type PlayVariables, type TaskPosition } from "./variables.ts";

/** Everything that the tasks of one play (and one batch of its hosts) share. */
export interface PlayRun {
  readonly context: RunContext;
  readonly play: Play;
  readonly templar: Templar;
  readonly files: ControllerFiles;
  readonly variables: PlayVariables;
  /** The hosts of the present batch. */
  readonly hosts: readonly HostState[];
  /** In order of definition; roles that are included later add theirs. */
  readonly handlers: Step[];
  readonly timeline: Timeline;
  /** What set_stats noted so far in the whole run. */
  readonly stats: CustomStats;
  /** "Gathering Facts"; null where facts are not wanted. */
  readonly gathering: TaskStep | null;
  /** Steps of includes that were worked out, by file or role. */
  readonly included: WeakMap<IncludeStep, Map<string, readonly Step[]>>;
  /** The user to become for a step on a host. */
  readonly becomeOf: (
    step: { readonly keywords: Keywords },
    target: string,
    scope: TaskScope,
  ) => Become | null;
  /** The session of a host, as the task's keywords and variables reach it. */
  readonly sessionOf: (
    target: string,
    step: { readonly keywords: Keywords },
    scope: TaskScope,
  ) => NodeSession;
  /** Tasks that were left running, by their ids. */
  readonly jobs: Map<string, Job>;
  /** All sessions so far. */
  readonly sessions: () => readonly NodeSession[];
  /** Those with a host. */
  readonly sessionsWith: (host: string) => readonly NodeSession[];
  /** The variables of the host a task runs on, which for a delegated one is another. */
  readonly variableOf: (target: string, scope: TaskScope) => (name: string) => Value | undefined;
}

/** The sessions of a run; they live as long as it does. */
export interface Sessions {
  /** Random text that tells this run from others in the locks of nodes. */
  readonly run: string;
  /** By the way a host is reached. */
  readonly open: Map<string, NodeSession>;
  /** Whether two names of the inventory were found to be the same machine. */
  twins: boolean;
  /** Tasks that were left running, by their ids. */
  readonly jobs: Map<string, Job>;
  /** Hosts that are being rolled, and how. */
  readonly rolling: Map<string, RollOptions>;
}

/** Closes all sessions; a node that is gone does not keep the others from it. */
export const closeAll = async (sessions: Sessions): Promise<void> => {
  await Promise.allSettled([...sessions.open.values()].map((session) => session.close()));
};

/** The session for a way to reach a host: the same way is the same session. */
export const sessionFor = (sessions: Sessions, address: NodeAddress, context: RunContext): NodeSession => {
  const { password, passphrase, ...plain } = address;
  const key = JSON.stringify([plain, password?.reveal(), passphrase?.reveal()]);
  const present = sessions.open.get(key);
  if (present !== undefined) return present;
  for (const hidden of [password, passphrase]) {
    if (hidden !== null) context.redactor.add(hidden.reveal());
  }
  const fresh = createSession(address.name, {
    connect: () => context.connect(address),
    nonce: context.nonce,
    mode: context.settings.mode,
    owner: context.owner,
    run: sessions.run,
    breakLock: context.settings.breakLock,
    // Runs for different pairs may ask something of the machine that they run on at the same time.
    locks: context.inventory.hosts.has(address.name),
    local: address.connection === "local",
    stopped: () => context.signal.aborted,
    rolling: () => sessions.rolling.get(address.name) ?? null,
    onShared: () => {
      sessions.twins = true;
    },
    onChange: () => {
      for (const other of sessions.open.values())
        if (other !== fresh && (sessions.twins || other.name === address.name)) other.forget();
    },
  });
  sessions.open.set(key, fresh);
  return fresh;
};

/** The parts of a PlayRun that follow from its context and variables. */
export const createPlayRun = (
  parts: Pick<
    PlayRun,
    | "context"
    | "play"
    | "templar"
    | "files"
    | "variables"
    | "hosts"
    | "handlers"
    | "timeline"
    | "gathering"
    | "stats"
  >,
  sessions: Sessions,
): PlayRun => {
  const variableOf: PlayRun["variableOf"] = (target, scope) => {
    if (scope.get("inventory_hostname") === target) return scope.get;
    return createScope(parts.variables, {
      host: target,
      role: null,
      at: null,
      keywords: { vars: [] },
      ...NO_SURROUNDINGS,
      speculative: false,
    }).get;
  };
  return {
    ...parts,
    included: new WeakMap(),
    jobs: sessions.jobs,
    variableOf,
    becomeOf: (step, target, scope) => {
      const settings = becomeSettings(
        target,
        variableOf(target, scope),
        becomeKeywords(step.keywords, (source) => parts.templar.resolve(source, scope)),
        parts.context.settings.connection,
      );
      if (settings !== null && settings.password !== null)
        parts.context.redactor.add(settings.password.reveal());
      return settings;
    },
    sessions: () => [...sessions.open.values()],
    sessionsWith: (host) => [...sessions.open.values()].filter((session) => session.name === host),
    sessionOf: (target, step, scope) => {
      const render = (source: Keywords["connection"]): Value => parts.templar.resolve(source, scope);
      const address = nodeAddress(
        target,
        localUnlessListed(target, parts.context, variableOf(target, scope)),
        {
          connection: render(step.keywords.connection),
          remoteUser: render(step.keywords.remoteUser),
          port: render(step.keywords.port),
        },
        parts.context.settings.connection,
      );
      return sessionFor(sessions, address, parts.context);
    },
  };
};

/** `localhost` that the inventory does not know is the controller itself. */
const localUnlessListed =
  (target: string, context: RunContext, variable: (name: string) => Value | undefined) =>
  (name: string): Value | undefined => {
    const implicit =
      ["localhost", "127.0.0.1", "::1"].includes(target) && !context.inventory.hosts.has(target);
    return implicit && name === "ansible_connection" ? (variable(name) ?? "local") : variable(name);
  };

/** Lookups that do something on the controller, or answer differently each time: not while only looking ahead. */
const EFFECTIVE_LOOKUPS = new Set(["pipe", "lines", "password", "random_choice"]);

/** What the templates of a task may reach outside themselves. */
export const createOutside =
  (context: RunContext, play: Play, templar: Templar, files: ControllerFiles) =>
  (position: TaskPosition, scope: () => TaskScope): Host => ({
    load: null,
    lookup: (plugin, terms, options) => {
      if (position.speculative && EFFECTIVE_LOOKUPS.has(plugin))
        throw new Error(`the lookup ${plugin} waits for its turn`);
      const from = { role: position.role, at: position.at ?? play.at };
      return runLookup(plugin, terms, options, {
        files,
        from,
        cwd: context.cwd,
        environment: context.environment,
        random: context.random,
        variable: (name) => scope().get(name),
        variableNames: () => scope().names(),
        renderTemplate: (path) =>
          templar.renderFile(
            { path, text: files.read(path).toString("utf8") },
            { keepTrailingNewline: true },
            scope(),
          ),
        onSecret: context.redactor.add,
        hosts: context.patternHosts,
      });
    },
    now: context.now,
    random: context.random,
    parseYaml: context.parseYaml,
    files: controllerHostFiles(context.cwd, context.environment),
  });

/** A finder for the files of a play. */
export const filesOf = (context: RunContext): ControllerFiles =>
  createControllerFiles(context.loader, context.cwd);
