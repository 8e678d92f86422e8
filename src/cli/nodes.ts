import { createCatalog } from "../config/catalog.ts";
import { loadInventory } from "../config/inventory.ts";
import { adHocPlay } from "../config/playbook.ts";
import { LbplayError } from "../core/error.ts";
import type { Inventory } from "../core/play.ts";
import { createRedactor, type Redactor } from "../core/secret.ts";
import { type Nodes, openNodes } from "../engine/nodes.ts";
import type { RunSettings } from "../engine/run-context.ts";
import { tasks } from "../tasks/registry.ts";
import { allowedBy, inventorySources, limitTo } from "./chosen-hosts.ts";
import { readCredentials } from "./credentials.ts";
import { EXIT } from "./exit-code.ts";
import { extraVars } from "./extra-vars.ts";
import { type Io, untilSignal } from "./io.ts";
import { collectionsPath, rolesPath } from "./roles-path.ts";
import { type ContextParts, connectionOptions, createContext } from "./run-context.ts";
import type { LiveOptions } from "./run-options.ts";

/** The inventory of a command that goes to nodes without a playbook, and the way there. */
export interface Live {
  readonly inventory: Inventory;
  /** The hosts that `--limit` leaves, in the inventory's order. */
  readonly hosts: readonly string[];
  readonly redactor: Redactor;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /** Reaches hosts, as root; they are closed when the command ends. */
  readonly open: (hosts: readonly string[]) => Nodes;
  /**
   * Reaches hosts to change something, under the lock that a run takes: no run gets between. Ctrl-C does not cut off what
   * is being done there; the command asks `signal` when it can stop.
   */
  readonly lock: (hosts: readonly string[], breakLock: boolean) => Nodes;
}

/**
 * Loads the inventory for a command that reads nodes, and closes all connections after its work, however it ends. What it
 * is for is written into the locks that it takes: `switchover lb`.
 */
export const withNodes = async (
  options: LiveOptions,
  io: Io,
  work: (live: Live) => Promise<number>,
  purpose = "",
): Promise<number> => {
  const redactor = createRedactor();
  const credentials = await readCredentials(options.credentials, io);
  for (const hidden of [credentials.connection, credentials.become])
    if (hidden !== null) redactor.add(hidden.reveal());
  const files = { cwd: io.cwd, vaults: credentials.vaults, onSecret: redactor.add };
  const sources = inventorySources(options.inventories, io);
  const { inventory, warnings } = loadInventory(sources, { ...files, playbookDir: null });
  for (const warning of warnings) io.stderr.write(`warning: ${warning}\n`);
  const allowed = allowedBy(inventory, options.limit, io.cwd);
  const { play, loader } = adHocPlay({
    ...files,
    modules: createCatalog(tasks),
    rolesPath: rolesPath(io),
    collectionsPath: collectionsPath(io),
  });
  const settings: RunSettings = {
    ...READING,
    forks: options.forks,
    extraVars: extraVars(options.extraVars, files),
    connection: connectionOptions(options.connection, credentials, io),
  };
  const opened: Nodes[] = [];
  return untilSignal(io, async (signal) => {
    const reach = (hosts: readonly string[], own: Pick<ContextParts, "settings" | "signal">): Nodes => {
      const context = createContext({
        ...own,
        io,
        redactor,
        inventory,
        loader,
        match: limitTo(inventory, options.limit, io.cwd),
        sink: () => undefined,
        owner: `${io.owner} ${purpose}`.trim(),
        ask: io.ask,
      });
      const nodes = openNodes(play, hosts, context);
      opened.push(nodes);
      return nodes;
    };
    const open: Live["open"] = (hosts) => reach(hosts, { settings, signal });
    const lock: Live["lock"] = (hosts, breakLock) =>
      reach(hosts, {
        settings: { ...settings, mode: "apply", breakLock },
        signal: new AbortController().signal,
      });
    const hosts = [...inventory.hosts.keys()].filter((host) => allowed?.has(host) ?? true);
    try {
      return await work({ inventory, hosts, redactor, signal, open, lock });
    } catch (error) {
      if (error instanceof LbplayError && error.code === "E_INTERRUPTED") return EXIT.interrupted;
      throw error;
    } finally {
      await Promise.all(opened.map((nodes) => nodes.close()));
    }
  });
};

/** Nodes are only read: nothing is locked, unless asked for. */
export const READING: Omit<RunSettings, "forks" | "extraVars" | "connection"> = {
  mode: "check",
  diff: false,
  verbosity: 0,
  tags: [],
  skipTags: [],
  startAtTask: null,
  limit: null,
  configFile: null,
  forceHandlers: false,
  breakLock: false,
  defaults: { gathering: "implicit", strategy: null, anyErrorsFatal: false },
};
