import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { loadInventory } from "../../config/inventory.ts";
import { matchHosts } from "../../config/pattern.ts";
import { LbplayError } from "../../core/error.ts";
import type { Inventory } from "../../core/play.ts";
import { createRedactor } from "../../core/secret.ts";
import { tasks } from "../../tasks/registry.ts";
import { readCredentials } from "../credentials.ts";
import { EXIT } from "../exit-code.ts";
import { extraVars } from "../extra-vars.ts";
import type { Io } from "../io.ts";
import { listPlays } from "../listing.ts";
import { loadPlaybooks } from "../load-playbooks.ts";
import type { RunOptions } from "../run-options.ts";
import { tellWarning } from "../tell-error.ts";

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
  const allowed = allowedBy(inventory, options.limit, io.cwd);
  const loaded = loadPlaybooks(options.playbooks, {
    ...files,
    inventory,
    extra,
    tasks,
    rolesPath: [...userRoles(io), packageRoles(fileURLToPath(import.meta.url))],
    limited: (hosts) => hosts.filter((host) => allowed?.has(host) ?? true),
    redact: redactor.redact,
    warn: (warning) => tellWarning(warning, io),
  });
  const match = limitTo(inventory, allowed, io.cwd);
  for (const warning of warnings) io.stderr.write(`warning: ${warning}\n`);
  if (options.syntaxCheck) {
    io.stdout.write(loaded.map(({ playbook }) => `\nplaybook: ${playbook.path}\n`).join(""));
    return EXIT.ok;
  }
  if (options.listing !== null) {
    io.stdout.write(listPlays(loaded, (pattern) => match(pattern, false), options.listing, options));
    return EXIT.ok;
  }
  // The engine, its ways to nodes and the views are loaded when there is something to run.
  const { performRun } = await import("../perform-run.ts");
  return performRun({ options, io, redactor, credentials, inventory, loaded, extra, match });
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

/** The hosts of `--limit`; null where there is no limit. */
const allowedBy = (inventory: Inventory, limit: string | null, cwd: string): ReadonlySet<string> | null => {
  if (limit === null) return null;
  const allowed = new Set(matchHosts(limit, inventory, { cwd, strict: true }));
  if (allowed.size > 0) return allowed;
  throw new LbplayError({ code: "E_NO_HOSTS", message: `--limit ${limit} leaves no host` });
};

/** The hosts of a play's pattern that `--limit` leaves. */
const limitTo = (
  inventory: Inventory,
  allowed: ReadonlySet<string> | null,
  cwd: string,
): ((pattern: string, strict?: boolean) => readonly string[]) => {
  if (allowed === null) return (pattern, strict = true) => matchHosts(pattern, inventory, { cwd, strict });
  return (pattern, strict = true) =>
    matchHosts(pattern, inventory, { cwd, strict }).filter((host) => allowed.has(host));
};
