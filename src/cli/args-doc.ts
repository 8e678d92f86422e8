import type { Command as Commander } from "commander";
import { orNull } from "./option-values.ts";
import type { Command } from "./run-options.ts";

/** Adds `lbplay doc`. */
export const addDocCommand = (program: Commander, found: (command: Command) => void): void => {
  program
    .command("doc")
    .description("List the modules, or explain one: parameters, defaults and an example.")
    .argument("[module]", "short or full name, e.g. template or ansible.builtin.template")
    .action((module: string | undefined) => {
      found({ kind: "doc", module: orNull(module) });
    });
};
