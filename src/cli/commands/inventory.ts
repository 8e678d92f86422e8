import { loadInventory } from "../../config/inventory.ts";
import { matchHosts } from "../../config/pattern.ts";
import { yamlText } from "../../config/yaml-text.ts";
import type { Inventory } from "../../core/play.ts";
import { createRedactor } from "../../core/secret.ts";
import type { Json } from "../../core/value.ts";
import { repr } from "../../jinja/python/print.ts";
import { jsonBlock } from "../../report/json-text.ts";
import { inventorySources } from "../chosen-hosts.ts";
import { readCredentials } from "../credentials.ts";
import { EXIT } from "../exit-code.ts";
import { graphText, hostData, limited, listData, yamlData } from "../inventory-text.ts";
import type { Io } from "../io.ts";
import type { InventoryOptions } from "../run-options.ts";

/** Shows an inventory as ansible-inventory does, except that what came out of a vault stays hidden. */
export const inventory = async (options: InventoryOptions, io: Io): Promise<number> => {
  const { vaults } = await readCredentials(options.credentials, io);
  const redactor = createRedactor();
  const loaded = loadInventory(inventorySources(options.inventories, io), {
    cwd: io.cwd,
    vaults,
    onSecret: redactor.add,
    playbookDir: null,
  });
  for (const warning of loaded.warnings) io.stderr.write(`[WARNING]: ${warning}\n`);
  const all = loaded.inventory;
  const { limit } = options;
  const seen = limit === null ? all : limited(all, matchHosts(limit, all, { cwd: io.cwd, strict: true }));
  io.stdout.write(redactor.redact(shown(seen, options)));
  return EXIT.ok;
};

const shown = (all: Inventory, { action, vars, yaml }: InventoryOptions): string => {
  const text = (data: Json): string => (yaml ? yamlText(data) : `${jsonBlock(data)}\n`);
  switch (action.kind) {
    case "list":
      return text(yaml ? yamlData(all) : listData(all));
    case "host":
      return text(hostData(all, action.host));
    case "graph":
      return graphText(all, action.group ?? "all", vars ? repr : null);
  }
};
