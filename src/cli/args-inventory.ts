import { type Command as Commander, Option } from "commander";
import { LbplayError } from "../core/error.ts";
import { addVaultOptions, type CredentialFlags, credentialRequest } from "./args-credentials.ts";
import { collect, orNull } from "./option-values.ts";
import type { Command, InventoryOptions } from "./run-options.ts";

interface InventoryFlags extends CredentialFlags {
  readonly inventory?: readonly string[];
  readonly list?: boolean;
  readonly host?: string;
  readonly graph?: boolean;
  readonly vars?: boolean;
  readonly yaml?: boolean;
  readonly limit?: string;
}

/** Adds `lbplay inventory`. */
export const addInventoryCommand = (program: Commander, found: (command: Command) => void): void => {
  const command = program
    .command("inventory")
    .description("Show the hosts, groups and variables of an inventory, as ansible-inventory does.")
    .argument("[group]", "with --graph: begin at this group")
    .addOption(
      new Option("-i, --inventory <source>", 'file, directory or "host1,host2," (repeatable)').argParser(
        collect,
      ),
    )
    .addOption(
      new Option("--list", "everything as JSON (what is done by itself)").conflicts(["host", "graph"]),
    )
    .addOption(new Option("--host <host>", "the variables of one host").conflicts("graph"))
    .option("--graph", "groups and hosts as a tree")
    .option("--vars", "with --graph: variables too")
    .option("-y, --yaml", "YAML instead of JSON")
    .option("-l, --limit <pattern>", "only these hosts")
    .addHelpText("after", INVENTORY_HELP);
  addVaultOptions(command);
  command.action((group: string | undefined, flags: InventoryFlags) => {
    found({ kind: "inventory", options: inventoryOptions(orNull(group), flags) });
  });
};

const inventoryOptions = (group: string | null, flags: InventoryFlags): InventoryOptions => {
  if (group !== null && flags.graph !== true) {
    throw new LbplayError({
      code: "E_USAGE",
      message: `a group (${group}) is only understood with --graph`,
      hint: "give --graph, or --host for the variables of one host",
    });
  }
  return {
    inventories: flags.inventory ?? [],
    action: actionOf(group, flags),
    vars: flags.vars ?? false,
    yaml: flags.yaml ?? false,
    limit: orNull(flags.limit),
    credentials: credentialRequest(flags),
  };
};

const actionOf = (group: string | null, flags: InventoryFlags): InventoryOptions["action"] => {
  if (flags.host !== undefined) return { kind: "host", host: flags.host };
  return flags.graph === true ? { kind: "graph", group } : { kind: "list" };
};

const INVENTORY_HELP = `
Examples:
  lbplay inventory -i inventory --graph              groups and hosts as a tree
  lbplay inventory -i inventory --host lb1 --yaml    all that lb1 inherits, merged`;
