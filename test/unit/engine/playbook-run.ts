import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createValidate } from "../../../src/cli/validation.ts";
import { createCatalog } from "../../../src/config/catalog.ts";
import type { FileOptions } from "../../../src/config/files.ts";
import { loadInventory } from "../../../src/config/inventory.ts";
import { matchHosts } from "../../../src/config/pattern.ts";
import { loadPlaybook } from "../../../src/config/playbook.ts";
import { parseYamlValue } from "../../../src/config/yaml.ts";
import type { HostRecap, HostResultEvent, RunEvent } from "../../../src/core/event.ts";
import type { Inventory, Loader, Playbook } from "../../../src/core/play.ts";
import { createRedactor } from "../../../src/core/secret.ts";
import { type RunReport, runPlaybooks } from "../../../src/engine/run.ts";
import type { RunContext, RunSettings } from "../../../src/engine/run-context.ts";
import { tasks } from "../../../src/tasks/registry.ts";
import { connect } from "../../../src/transport/connect.ts";
import { createKeyRing } from "../../../src/transport/identity.ts";
import { nonce, temporaryDirectory } from "./local-session.ts";

/** What a run of a small playbook did. */
export interface Ran {
  readonly events: readonly RunEvent[];
  readonly report: RunReport;
  /** `host: task [item] -> status`, in order. */
  readonly lines: readonly string[];
  readonly recap: Readonly<Record<string, HostRecap>>;
  readonly directory: string;
}

/** A playbook with its other files; hosts are shells on this machine, each with a state directory of its own. */
export interface Play {
  readonly playbook: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly hosts?: readonly string[];
  readonly settings?: Partial<RunSettings>;
  readonly context?: Partial<RunContext>;
  /** Use the files of an earlier run. */
  readonly directory?: string;
}

/** Runs a playbook as the CLI would, against local shells. `@` in the playbook stands for the test's directory. */
export const runPlaybook = async ({
  playbook,
  files = {},
  hosts = ["a"],
  settings = {},
  context = {},
  directory: given,
}: Play): Promise<Ran> => {
  const directory = given ?? temporaryDirectory();
  const place = (text: string): string => text.replaceAll("@", directory);
  for (const [name, text] of Object.entries({ "site.yml": playbook, ...files })) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), place(text));
  }
  const inventory = `[all]\n${hosts.map((host) => `${host} ansible_connection=local`).join("\n")}\n`;
  writeFileSync(join(directory, "hosts"), inventory);
  const load: Load = (options) =>
    loadPlaybook("site.yml", { ...options, modules: createCatalog(tasks), rolesPath: [] });
  return runSite({ directory, state: directory, settings, context, load });
};

/** How `site.yml` of a directory is read. */
type Load = (options: FileOptions & { readonly inventory: Inventory }) => {
  readonly playbook: Playbook;
  readonly loader: Loader;
};

/** Runs `site.yml` with the inventory `hosts`, both in a directory; each host keeps its state in one below `state`. */
export const runSite = async ({
  directory,
  state,
  settings,
  context,
  load,
}: {
  readonly directory: string;
  readonly state: string;
  readonly settings: Partial<RunSettings>;
  readonly context: Partial<RunContext>;
  readonly load: Load;
}): Promise<Ran> => {
  const redactor = createRedactor();
  const options = { cwd: directory, vaults: [], onSecret: redactor.add };
  const { inventory } = loadInventory(["hosts"], { ...options, playbookDir: directory });
  const { playbook, loader } = load({ ...options, inventory });
  const events: RunEvent[] = [];
  const report = await runPlaybooks([playbook], {
    settings: { ...DEFAULT_SETTINGS, ...settings },
    inventory,
    loader,
    module: createCatalog(tasks).find,
    validate: createValidate(tasks),
    matchHosts: (pattern, strict) => matchHosts(pattern, inventory, { cwd: directory, strict }),
    patternHosts: (pattern) => matchHosts(pattern, inventory, { cwd: directory, strict: false }),
    connect: (address) =>
      connect(address, {
        nonce,
        environment: { ...process.env, LBPLAY_STATE_DIR: join(state, `state-${address.name}`) },
        keys: createKeyRing(),
      }),
    sink: (event) => events.push(event),
    redactor,
    cwd: directory,
    environment: process.env,
    now: () => new Date(),
    random: Math.random,
    nonce,
    sleep: async () => undefined,
    owner: "test",
    signal: new AbortController().signal,
    confirm: null,
    prompt: async ({ default: value }) => value ?? "",
    parseYaml: parseYamlValue,
    factCache: null,
    roller: null,
    onPlanned: null,
    ...context,
  });
  return { events, report, recap: report.hosts, directory, lines: results(events).map(line) };
};

/** What a command line without options asks for. */
export const DEFAULT_SETTINGS: RunSettings = {
  mode: "apply",
  diff: false,
  verbosity: 0,
  forks: 5,
  tags: [],
  skipTags: [],
  startAtTask: null,
  limit: null,
  configFile: null,
  forceHandlers: false,
  breakLock: false,
  extraVars: new Map(),
  connection: {
    connection: null,
    user: null,
    password: null,
    privateKeyFile: null,
    sshCommonArgs: null,
    connectTimeoutMs: 5000,
    hostKeyChecking: null,
    become: false,
    becomeUser: null,
    becomeMethod: null,
    becomePassword: null,
    hostKeysOtherwise: "strict",
    port: null,
  },
  defaults: { gathering: "implicit", strategy: null, anyErrorsFatal: false },
};

/** A recap line whose other figures are zero. */
export const recap = (over: Partial<HostRecap>): HostRecap => ({
  ok: 0,
  changed: 0,
  unreachable: 0,
  failed: 0,
  skipped: 0,
  rescued: 0,
  ignored: 0,
  ...over,
});

/** The results among events. */
export const results = (events: readonly RunEvent[]): readonly HostResultEvent[] =>
  events.filter((event) => event.kind === "host-result");

const line = (event: HostResultEvent): string =>
  `${event.host}: ${event.task.name}${event.item === null ? "" : ` [${event.item}]`} -> ${event.status}${event.ignored ? " ignored" : ""}${event.rescued ? " rescued" : ""}`;
