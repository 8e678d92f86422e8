import { type Command as Commander, InvalidArgumentError, Option } from "commander";
import { LbplayError } from "../core/error.ts";
import { parseVersion, type Version } from "../lb/version.ts";
import { addLiveOptions, type LiveFlags, liveOptions } from "./args-connection.ts";
import { collectParts, orNull, reportOption } from "./option-values.ts";
import type { Command, LintOptions, PairSubject } from "./run-options.ts";

interface SubjectFlags extends LiveFlags {
  readonly live?: boolean;
  readonly become?: boolean;
  readonly haproxyVersion?: Version;
  readonly keepalivedVersion?: Version;
}

interface LintFlags extends SubjectFlags {
  readonly output: LintOptions["output"];
  readonly report?: string;
  readonly severity: LintOptions["threshold"];
  readonly rule?: readonly string[];
  readonly explain?: string;
}

interface PredictFlags extends SubjectFlags {
  readonly output: "plain" | "json";
}

/** Adds `lbplay lint`. */
export const addLintCommand = (program: Commander, found: (command: Command) => void): void => {
  const command = program
    .command("lint")
    .description("Find what is wrong with a pair: in files, on its nodes, or as a playbook would leave it.")
    .argument("[what...]", "haproxy.cfg and keepalived.conf of one node or more; with -i: playbooks")
    .addOption(
      new Option("--output <kind>", "how findings are told")
        .choices(["plain", "json", "sarif"])
        .default("plain"),
    )
    .addOption(reportOption("what was found"))
    .addOption(
      new Option("--severity <least>", "exit with 1 from this severity on")
        .choices(["error", "warning", "info"])
        .default("error"),
    )
    .addOption(
      new Option("--rule <ids>", "only these rules, e.g. X23,H21 (repeatable)").argParser(collectParts),
    )
    .addOption(
      new Option("--explain <id>", "what a rule asks for, why, and what to do").conflicts([
        "live",
        "rule",
        "report",
      ]),
    )
    .addHelpText("after", LINT_HELP);
  addSubjectOptions(command);
  command.action((words: readonly string[], flags: LintFlags) => {
    if (flags.explain !== undefined) found({ kind: "explain", rule: flags.explain });
    else
      found({
        kind: "lint",
        options: {
          subject: subjectOf("lint", words, flags),
          output: flags.output,
          report: orNull(flags.report),
          threshold: flags.severity,
          rules: flags.rule ?? [],
        },
      });
  });
};

/** Adds `lbplay predict`. */
export const addPredictCommand = (program: Commander, found: (command: Command) => void): void => {
  const command = program
    .command("predict")
    .description(
      "Foretell each failure of a pair: who owns the virtual IP then, and for how long nobody does.",
    )
    .argument("[what...]", "haproxy.cfg and keepalived.conf of the nodes; with -i: playbooks")
    .addOption(new Option("--output <kind>", "how it is told").choices(["plain", "json"]).default("plain"))
    .addHelpText("after", PREDICT_HELP);
  addSubjectOptions(command);
  command.action((words: readonly string[], flags: PredictFlags) => {
    found({
      kind: "predict",
      options: { subject: subjectOf("predict", words, flags), output: flags.output },
    });
  });
};

const addSubjectOptions = (command: Commander): Commander => {
  command
    .option("--live", "read the nodes of the inventory; nothing is changed there")
    .addOption(versionOption("haproxy"))
    .addOption(versionOption("keepalived"));
  return addLiveOptions(command).option("-b, --become", "with a playbook: run its tasks as another user");
};

const versionOption = (daemon: string): Option =>
  new Option(
    `--${daemon}-version <version>`,
    `with files: the version of ${daemon} that will read them`,
  ).argParser((text: string): Version => {
    const version = /^\d+\.\d+/.test(text) ? parseVersion(text) : null;
    if (version === null) throw new InvalidArgumentError("Expected a version, e.g. 2.6.12.");
    return version;
  });

const subjectOf = (command: string, words: readonly string[], flags: SubjectFlags): PairSubject => {
  const live = liveOptions(flags);
  if (flags.live === true) {
    if (words.length === 0) return { kind: "live", live };
    throw usage(command, `--live reads the nodes, so ${words[0]} says nothing`, "leave one of the two out");
  }
  if (words.length === 0)
    throw usage(
      command,
      "nothing is given to look at",
      "name configuration files, or a playbook with -i INVENTORY, or --live -i INVENTORY",
    );
  if (live.inventories.length === 0)
    return {
      kind: "files",
      words,
      versions: { haproxy: orNull(flags.haproxyVersion), keepalived: orNull(flags.keepalivedVersion) },
    };
  const connection = { ...live.connection, become: flags.become ?? false };
  return { kind: "playbooks", playbooks: words, live: { ...live, connection } };
};

const usage = (command: string, message: string, hint: string): LbplayError =>
  new LbplayError({ code: "E_USAGE", message, hint: `${hint} (see lbplay ${command} --help)` });

const LINT_HELP = `
Examples:
  lbplay lint haproxy.cfg keepalived.conf                  one node's files
  lbplay lint lb1/haproxy.cfg lb1/keepalived.conf lb2/…    both nodes': a directory is a node
  lbplay lint lb1:a.conf lb2:b.conf                        or say whose a file is
  lbplay lint --live -i inventory                          what the nodes have, and the nodes themselves
  lbplay lint site.yaml -i inventory                       what a run would leave behind, before it does
  lbplay lint --explain X23                                what a rule asks for, and why

With --live, nodes are read as root (sudo). An inventory marks a pair by the variable lbplay_pair of its group; without
one, all load balancers of the inventory (or of --limit) are taken for one pair. A rule is switched off for a pair, with
a reason, under lbplay_pair.lint_off. docs/rules.md has all rules.

Exit codes: 0 nothing of that severity, 1 something, 2 a mistake in what was given, 3 a node was not reached.`;

const PREDICT_HELP = `
Examples:
  lbplay predict lb1/keepalived.conf lb2/keepalived.conf --keepalived-version 2.2.7
  lbplay predict --live -i inventory
  lbplay predict site.yaml -i inventory

The figures follow from priorities, weights and timers; docs/failover.md has what was measured.`;
