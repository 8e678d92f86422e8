import { dirname, resolve } from "node:path";
import { loadInventory } from "../../config/inventory.ts";
import { createRedactor } from "../../core/secret.ts";
import { tasks } from "../../tasks/registry.ts";
import { allowedBy, inventorySources, limitTo } from "../chosen-hosts.ts";
import { readCredentials } from "../credentials.ts";
import { EXIT } from "../exit-code.ts";
import { extraVars } from "../extra-vars.ts";
import type { Io } from "../io.ts";
import { listPlays } from "../listing.ts";
import { loadPlaybooks } from "../load-playbooks.ts";
import { pairsOf } from "../pairs.ts";
import { rolesPath } from "../roles-path.ts";
import type { RunOptions } from "../run-options.ts";
import { tellWarning } from "../tell-error.ts";

/** Loads, checks and runs playbooks; or lists what they would do. */
export const run = async (options: RunOptions, io: Io): Promise<number> => {
  const redactor = createRedactor();
  const credentials = await readCredentials(options.credentials, io);
  for (const hidden of [credentials.connection, credentials.become])
    if (hidden !== null) redactor.add(hidden.reveal());
  const files = { cwd: io.cwd, vaults: credentials.vaults, onSecret: redactor.add };
  const { inventory, warnings } = loadInventory(inventorySources(options.inventories, io), {
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
    rolesPath: rolesPath(io),
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
  return performRun({
    options,
    io,
    redactor,
    credentials,
    inventory,
    loaded,
    extra,
    match,
    pairs: pairsOf(inventory),
  });
};
