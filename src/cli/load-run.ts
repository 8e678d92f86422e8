import { dirname, resolve } from "node:path";
import { type Look, watchDisk } from "../config/disk.ts";
import { loadInventory } from "../config/inventory.ts";
import type { LiveInventory } from "../core/play.ts";
import { createRedactor, type Redactor } from "../core/secret.ts";
import type { SourceDict } from "../core/value.ts";
import { tasks } from "../tasks/registry.ts";
import { allowedBy, inventorySources, limitTo } from "./chosen-hosts.ts";
import { type Credentials, readCredentials } from "./credentials.ts";
import { extraVars } from "./extra-vars.ts";
import type { Io } from "./io.ts";
import { type LoadCache, openLoadCache } from "./load-cache.ts";
import { type LoadedPlaybook, loadPlaybooks } from "./load-playbooks.ts";
import { pairsOf } from "./pairs.ts";
import { collectionsPath, rolesPath } from "./roles-path.ts";
import type { RunOptions } from "./run-options.ts";
import { outsideOf, type Shard } from "./shard.ts";
import { tellWarning } from "./tell-error.ts";

/** What says which playbooks are to be looked at, for which hosts. */
export type RunRequest = Pick<
  RunOptions,
  "playbooks" | "inventories" | "limit" | "extraVars" | "credentials"
> & {
  /** Absent or null: the whole inventory. */
  readonly shard?: Shard | null;
};

/** Playbooks with all that they need, read and found right. */
export interface LoadedRun {
  readonly redactor: Redactor;
  readonly credentials: Credentials;
  readonly inventory: LiveInventory;
  /** The hosts of `--limit`; null where there is no limit. */
  readonly allowed: ReadonlySet<string> | null;
  readonly loaded: readonly LoadedPlaybook[];
  readonly extra: SourceDict;
  /** The hosts of a pattern that `--limit` leaves. */
  readonly match: (pattern: string, strict?: boolean) => readonly string[];
}

/** Gets passwords, and loads inventory and playbooks. Throws LbplayErrors with every mistake in them. */
export const loadRun = async (request: RunRequest, io: Io): Promise<LoadedRun> => {
  const redactor = createRedactor();
  const credentials = await readCredentials(request.credentials, io);
  for (const hidden of [credentials.connection, credentials.become])
    if (hidden !== null) redactor.add(hidden.reveal());
  const disk = watchDisk();
  const files = { cwd: io.cwd, vaults: credentials.vaults, onSecret: redactor.add, disk };
  const sources = inventorySources(request.inventories, io);
  const { inventory, warnings } = loadInventory(sources, {
    ...files,
    playbookDir: dirname(resolve(io.cwd, request.playbooks[0] ?? ".")),
  });
  const extra = extraVars(request.extraVars, files);
  const shard = request.shard ?? null;
  const outside = shard === null ? new Set<string>() : outsideOf(shard, inventory, await pairsOf(inventory));
  const allowed = allowedBy(inventory, request.limit, io.cwd, outside);
  const cache = openLoadCache(io);
  const [roles, collections] = [rolesPath(io), collectionsPath(io)];
  // All that the checks depend on besides files.
  const asked = [
    io.cwd,
    request.playbooks,
    sources,
    request.extraVars,
    roles,
    collections,
    allowed === null ? null : [...allowed],
    credentials.vaults.map(({ id }) => id),
  ];
  const loaded = loadPlaybooks(request.playbooks, {
    ...files,
    inventory,
    extra,
    tasks,
    rolesPath: roles,
    collectionsPath: collections,
    limited: (hosts) => hosts.filter((host) => allowed?.has(host) ?? true),
    redact: redactor.redact,
    warn: (warning) => tellWarning(warning, io),
    ...(cache === null ? {} : { trees: cache.trees, right: { disk, ...rightOf(cache, asked) } }),
  });
  for (const warning of warnings) io.stderr.write(`warning: ${warning}\n`);
  disk.release();
  const match = limitTo(inventory, request.limit, io.cwd, outside);
  return { redactor, credentials, inventory, allowed, loaded, extra, match };
};

const rightOf = ({ right }: LoadCache, asked: unknown) => ({
  before: () => right.find(asked),
  keep: (looks: readonly Look[]) => right.keep(asked, looks),
});
