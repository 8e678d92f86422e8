import { type Command as Commander, Option } from "commander";
import {
  addConnectionOptions,
  addInventoryOptions,
  type ConnectionFlags,
  connectionRequest,
  extraVarsOption,
  forksOption,
} from "./args-connection.ts";
import {
  addPasswordOptions,
  addVaultOptions,
  type CredentialFlags,
  credentialRequest,
} from "./args-credentials.ts";
import {
  collectParts,
  count,
  durationArgument,
  orNull,
  reportOption,
  shardArgument,
} from "./option-values.ts";
import type { Command, OutputKind, RunOptions } from "./run-options.ts";
import type { Shard } from "./shard.ts";

interface RunFlags extends CredentialFlags, ConnectionFlags {
  readonly inventory?: readonly string[];
  readonly check?: boolean;
  readonly diff?: boolean;
  readonly limit?: string;
  readonly shard?: Shard;
  readonly tags?: readonly string[];
  readonly skipTags?: readonly string[];
  readonly startAtTask?: string;
  readonly step?: boolean;
  readonly listHosts?: boolean;
  readonly listTasks?: boolean;
  readonly listTags?: boolean;
  readonly syntaxCheck?: boolean;
  readonly extraVars?: readonly string[];
  readonly forks: number;
  readonly become?: boolean;
  readonly forceHandlers?: boolean;
  readonly breakLock?: boolean;
  readonly allowUnfit?: boolean;
  readonly maxOutage?: number;
  /** Commander's default of a `--no-…` option is true. */
  readonly lint?: string | true;
  readonly proveFailover?: boolean;
  readonly verbose: number;
  readonly output: OutputKind;
  readonly report?: string;
  readonly exitCode?: boolean;
}

/** Adds `lbplay run`. */
export const addRunCommand = (program: Commander, found: (command: Command) => void): void => {
  const command = program
    .command("run")
    .description("Run playbooks: read the nodes, plan, act, and read again to see that it took.")
    .argument("<playbook...>", "playbooks, run in this order")
    .addHelpText("after", RUN_HELP);
  addWhat(command);
  addHow(command);
  addConnectionOptions(command).option("-b, --become", "run tasks as another user");
  addVaultOptions(addPasswordOptions(command));
  command.action((playbooks: readonly string[], flags: RunFlags) => {
    found({ kind: "run", options: runOptions(playbooks, flags) });
  });
};

const addWhat = (command: Commander): Commander =>
  addInventoryOptions(command)
    .addOption(
      new Option("--shard <i/n>", "only the i-th of n parts of the inventory; pairs stay whole").argParser(
        shardArgument,
      ),
    )
    .addOption(new Option("-t, --tags <tags>", "only tasks with one of these tags").argParser(collectParts))
    .addOption(
      new Option("--skip-tags <tags>", "leave out tasks with one of these tags").argParser(collectParts),
    )
    .option("--start-at-task <name>", "begin at the task of this name")
    .addOption(extraVarsOption())
    .option("--list-hosts", "list the hosts of each play, run nothing")
    .option("--list-tasks", "list the tasks of each play, run nothing")
    .option("--list-tags", "list the tags of each play, run nothing")
    .option("--syntax-check", "read and check everything, touch no node");

const addHow = (command: Commander): Commander =>
  command
    .option("-C, --check", "say what would change, change nothing")
    .option("-D, --diff", "show what changes in files and settings")
    .option("--step", "ask before each task")
    .addOption(forksOption())
    .option("--force-handlers", "run notified handlers even where a task failed")
    .option("--break-lock", "take over a lock that another run left on a node")
    .option("--allow-unfit", "change a pair's owner although no other node could take over")
    .addOption(
      new Option(
        "--max-outage <time>",
        "fail if a pair is without an answer for longer: 500ms, 2s",
      ).argParser(durationArgument),
    )
    .option("--no-lint <reason>", "roll a pair without holding it against the rules of lint first; say why")
    .option("--prove-failover", "after rolling a pair, move its addresses to the other node and back")
    .option("--exit-code", "with --check: exit with 4 where there are changes")
    .addOption(
      new Option("--output <kind>", "auto: live on a terminal, else plain")
        .choices(["plain", "json", "live", "auto"])
        .default("auto"),
    )
    .addOption(reportOption("what happened").conflicts(["listHosts", "listTasks", "listTags", "syntaxCheck"]))
    .addOption(
      new Option("-v, --verbose", "show every result (-vv, -vvv: more)").argParser(count).default(0, "none"),
    );

const runOptions = (playbooks: readonly string[], flags: RunFlags): RunOptions => ({
  playbooks,
  inventories: flags.inventory ?? [],
  check: flags.check ?? false,
  diff: flags.diff ?? false,
  limit: orNull(flags.limit),
  shard: orNull(flags.shard),
  tags: flags.tags ?? [],
  skipTags: flags.skipTags ?? [],
  startAtTask: orNull(flags.startAtTask),
  step: flags.step ?? false,
  listing: listingOf(flags),
  syntaxCheck: flags.syntaxCheck ?? false,
  extraVars: flags.extraVars ?? [],
  forks: flags.forks,
  connection: { ...connectionRequest(flags), become: flags.become ?? false },
  credentials: credentialRequest(flags),
  forceHandlers: flags.forceHandlers ?? false,
  breakLock: flags.breakLock ?? false,
  allowUnfit: flags.allowUnfit ?? false,
  maxOutageMs: flags.maxOutage ?? null,
  noLint: flags.lint === undefined || flags.lint === true ? null : flags.lint,
  proveFailover: flags.proveFailover ?? false,
  verbosity: flags.verbose,
  output: flags.output,
  report: orNull(flags.report),
  exitCode: flags.exitCode ?? false,
});

const listingOf = (flags: RunFlags): RunOptions["listing"] => {
  const listing = {
    hosts: flags.listHosts ?? false,
    tasks: flags.listTasks ?? false,
    tags: flags.listTags ?? false,
  };
  return listing.hosts || listing.tasks || listing.tags ? listing : null;
};

const RUN_HELP = `
Examples:
  lbplay run site.yaml -i inventory --check --diff     what would change, and how
  lbplay run site.yaml -i inventory -l lb1 -t haproxy  one node, one part
  lbplay run site.yaml -i "lb1,lb2," -u admin -b -K    no inventory file; sudo asks for a password
  lbplay run site.yaml -i inventory --output json      one event per line, for programs
  lbplay run site.yaml -i inventory --report run.html  a page to look at, to keep and to pass on

A converged node costs one round trip, however many tasks there are. Check mode is exact up to the
first change that a node would get; results below it that depend on that change are called "would follow".
After each change the node is read again: a task whose node still differs has failed.`;
