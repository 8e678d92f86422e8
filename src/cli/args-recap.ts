import { type Command as Commander, Option } from "commander";
import type { Command } from "./run-options.ts";

interface RecapFlags {
  readonly output: "plain" | "json";
}

/** Adds `lbplay recap`. */
export const addRecapCommand = (program: Commander, found: (command: Command) => void): void => {
  program
    .command("recap")
    .description("Put the results of several runs together: the shards of a site.")
    .argument("<file...>", "what lbplay run --output json has written")
    .addOption(
      new Option("--output <kind>", "as a person reads it, or as JSON")
        .choices(["plain", "json"])
        .default("plain"),
    )
    .addHelpText("after", HELP)
    .action((files: readonly string[], { output }: RecapFlags) => {
      found({ kind: "recap", options: { files, output } });
    });
};

const HELP = `
A large inventory in four runs that know nothing of each other, and one result:

  for i in 1 2 3 4; do lbplay run site.yaml -i inventory --shard $i/4 --output json >shard$i.json & done; wait
  lbplay recap shard*.json

The exit code is that of the worst run: 1 where a task failed, 3 where a node was not reached, 0 otherwise, and 2 where
a file is not the whole result of a run.
`;
