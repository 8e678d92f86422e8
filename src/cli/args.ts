import { Command as Commander, CommanderError } from "commander";
import { LbplayError } from "../core/error.ts";
import { addDocCommand } from "./args-doc.ts";
import { addDrillCommand } from "./args-drill.ts";
import { addInventoryCommand } from "./args-inventory.ts";
import { addLabCommand } from "./args-lab.ts";
import { addLintCommand, addPredictCommand } from "./args-lint.ts";
import { addMaintenanceCommand, addStatusCommand, addSwitchoverCommand } from "./args-pair.ts";
import { addDiagnoseCommand, addDriftCommand } from "./args-pair-faults.ts";
import { addRecapCommand } from "./args-recap.ts";
import { addRunCommand } from "./args-run.ts";
import { addVaultCommand } from "./args-vault.ts";
import { EXIT } from "./exit-code.ts";
import type { Command } from "./run-options.ts";

/** What options are where the command line is silent: values by the names that commander has for them. */
export type OptionDefaults = Readonly<Record<string, unknown>>;

/** The words after `lbplay`, understood; a mistake in them throws LbplayError E_USAGE. */
export const parseCommandLine = (words: readonly string[], defaults: OptionDefaults = {}): Command => {
  let found: Command | null = null;
  let text = "";
  const program = createProgram((command) => {
    found = command;
  });
  configure(program, (part) => {
    text += part;
  });
  setDefaults(program, defaults);
  try {
    program.parse([...words], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Without a command (or an action of lab), commander shows the help, as an error.
    if (error.code === "commander.help") return { kind: "show", text, exitCode: EXIT.mistake };
    if (error.exitCode !== 0) throw usageError(error, words);
  }
  return found ?? { kind: "show", text, exitCode: EXIT.ok };
};

const setDefaults = (command: Commander, defaults: OptionDefaults): void => {
  for (const option of command.options) {
    const name = option.attributeName();
    if (Object.hasOwn(defaults, name)) command.setOptionValueWithSource(name, defaults[name], "default");
  }
  for (const child of command.commands) setDefaults(child, defaults);
};

const createProgram = (found: (command: Command) => void): Commander => {
  const program = new Commander("lbplay")
    .description(
      "Turns bare Linux nodes into a highly available HAProxy and Keepalived pair, and keeps them so.",
    )
    .usage("COMMAND [options]")
    .enablePositionalOptions()
    .option("-V, --version", "print the version")
    .helpCommand("help [command]", "explain a command")
    .addHelpText("after", PROGRAM_HELP);
  addRunCommand(program, found);
  addLintCommand(program, found);
  addPredictCommand(program, found);
  addInventoryCommand(program, found);
  addStatusCommand(program, found);
  addDiagnoseCommand(program, found);
  addDriftCommand(program, found);
  addSwitchoverCommand(program, found);
  addMaintenanceCommand(program, found);
  addDrillCommand(program, found);
  addLabCommand(program, found);
  addVaultCommand(program, found);
  addRecapCommand(program, found);
  addDocCommand(program, found);
  return program;
};

/** Every command hands its text and its errors to us instead of the process. */
const configure = (command: Commander, write: (text: string) => void): void => {
  command
    .exitOverride()
    .configureOutput({
      writeOut: write,
      writeErr: write,
      outputError: () => undefined,
      getOutHelpWidth: () => 100,
      getErrHelpWidth: () => 100,
    })
    .showSuggestionAfterError(true);
  for (const child of command.commands) configure(child, write);
};

const COMMANDS: readonly string[] = [
  "run",
  "lint",
  "predict",
  "inventory",
  "status",
  "diagnose",
  "drift",
  "switchover",
  "maintenance",
  "drill",
  "lab",
  "vault",
  "recap",
  "doc",
];

const usageError = (error: CommanderError, words: readonly string[]): LbplayError => {
  const known = COMMANDS.find((name) => words[0] === name);
  const help = known === undefined ? "lbplay --help" : `lbplay ${known} --help`;
  const [message = "", suggestion = ""] = error.message.replace(/^error: /, "").split("\n");
  const meant = suggestion.replace(/^\(|\)$/g, "");
  return new LbplayError({
    code: "E_USAGE",
    message,
    hint: meant === "" ? `see ${help}` : `${meant} (see ${help})`,
  });
};

const PROGRAM_HELP = `
Examples:
  lbplay run site.yaml -i inventory --check --diff   what would change, and how
  lbplay run site.yaml -i inventory                  make it so
  lbplay lint --live -i inventory                    what is wrong with the pair as it is
  lbplay inventory -i inventory --graph              the groups and their hosts
  lbplay status -i inventory                         how a pair is, and what to do about it
  lbplay diagnose -i inventory                       what is wrong with a pair, and why
  lbplay drift site.yaml -i inventory                where nodes are not as they should be
  lbplay switchover -i inventory                     hand its addresses over, and count what fails
  lbplay drill -i inventory                          break a pair on purpose, measure, undo
  lbplay vault edit group_vars/all/vault.yml         secrets, as ansible-vault keeps them
  lbplay doc template                                what a module does, with an example
  lbplay lab up                                      real nodes on this machine, to try things on

Exit codes:
  0  all is well
  1  a task failed, or lint found something
  2  a mistake in the command line, the inventory or a playbook; no node was touched
  3  a node was not reached, and nothing else failed
  4  with --exit-code: check mode found changes; drift found some
  70 an error in lbplay itself
  130 stopped by Ctrl-C

Colours follow the terminal; NO_COLOR and FORCE_COLOR overrule it.`;
