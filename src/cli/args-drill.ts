import { type Command as Commander, InvalidArgumentError, Option } from "commander";
import { parseTarget } from "../probe/target.ts";
import { addLiveOptions, type LiveFlags, liveOptions } from "./args-connection.ts";
import { collectParts, durationArgument, orNull, positive, reportOption } from "./option-values.ts";
import type { Command, DrillOptions } from "./run-options.ts";

interface DrillFlags extends LiveFlags {
  readonly faults?: readonly string[];
  readonly repeat?: number;
  readonly rate?: number;
  readonly from?: string;
  readonly probe?: string;
  readonly held?: number;
  readonly maxOutage?: number;
  readonly file?: string;
  readonly keepGoing?: boolean;
  readonly check?: boolean;
  readonly yes?: boolean;
  readonly breakLock?: boolean;
  readonly output: DrillOptions["output"];
  readonly json?: string;
  readonly junit?: string;
  readonly report?: string;
}

/** Adds `lbplay drill`. */
export const addDrillCommand = (program: Commander, found: (command: Command) => void): void => {
  const command = program
    .command("drill")
    .description("Break a pair on purpose, fault by fault: measure what clients feel, undo, and judge.")
    .argument("[pair]", "a pair of the inventory, or a group; the only one if none is given")
    .addOption(
      new Option("--faults <names>", "only these, as in haproxy-kill,cable; all if none is given").argParser(
        collectParts,
      ),
    )
    .addOption(new Option("--repeat <number>", "how often each fault is done; 1").argParser(positive))
    .addOption(
      new Option("--rate <number>", "requests a second, each on a connection of its own; 200").argParser(
        rate,
      ),
    )
    .option("--from <host>", "a host of the inventory that asks, or controller for this machine")
    .addOption(
      new Option(
        "--probe <url>",
        "what is asked: http://…, https://… or tcp://ADDRESS:PORT; found in haproxy.cfg unless said otherwise",
      ).argParser(target),
    )
    .addOption(new Option("--held <number>", "connections that are held open meanwhile; 10").argParser(count))
    .addOption(
      new Option(
        "--max-outage <time>",
        "a fault fails if there was no answer for longer: 500ms, 2s",
      ).argParser(durationArgument),
    )
    .option("--file <path>", "a drill file, with the faults and budgets of a team")
    .option("--keep-going", "go on after a result that is not as expected, where the pair came back")
    .option("-C, --check", "say what would be done, change nothing")
    .option("-y, --yes", "do not ask")
    .option("--break-lock", "take over a lock that another run left on a node")
    .addOption(
      new Option("--output <kind>", "for people, for programs, or for CI")
        .choices(["plain", "json", "junit"])
        .default("plain"),
    )
    .option("--json <path>", "write the result as JSON into a file, too")
    .option("--junit <path>", "write the result as JUnit's XML into a file, too")
    .addOption(reportOption("the result").conflicts("check"))
    .addHelpText("after", HELP);
  addLiveOptions(command);
  command.action((pair: string | undefined, flags: DrillFlags) => {
    found({
      kind: "drill",
      options: {
        live: liveOptions(flags),
        pair: orNull(pair),
        faults: flags.faults ?? [],
        repeats: orNull(flags.repeat),
        rate: orNull(flags.rate),
        from: orNull(flags.from),
        probe: orNull(flags.probe),
        held: orNull(flags.held),
        maxOutageMs: orNull(flags.maxOutage),
        file: orNull(flags.file),
        keepGoing: flags.keepGoing ?? false,
        check: flags.check ?? false,
        yes: flags.yes ?? false,
        breakLock: flags.breakLock ?? false,
        output: flags.output,
        jsonFile: orNull(flags.json),
        junitFile: orNull(flags.junit),
        report: orNull(flags.report),
      },
    });
  });
};

const MOST_A_SECOND = 1000;

const rate = (text: string): number => {
  const number = positive(text);
  if (number > MOST_A_SECOND) throw new InvalidArgumentError(`Expected at most ${MOST_A_SECOND}.`);
  return number;
};

const MOST_HELD = 500;

const count = (text: string): number => {
  if (!/^\d+$/.test(text) || Number(text) > MOST_HELD)
    throw new InvalidArgumentError(`Expected a whole number from 0 to ${MOST_HELD}.`);
  return Number(text);
};

const target = (text: string): string => {
  if (parseTarget(text) === null)
    throw new InvalidArgumentError(
      "Expected http://ADDRESS/PATH, https://ADDRESS/PATH or tcp://ADDRESS:PORT.",
    );
  return text;
};

const HELP = `
Examples:
  lbplay drill -i inventory --check                            what would be done, what is predicted, what cannot be done
  lbplay drill -i inventory --faults switchover,reload --yes   the gentle ones
  lbplay drill -i inventory --max-outage 1s --repeat 3         all; a fault fails if clients wait for longer than a second
  lbplay drill -i inventory --file drill.yaml --junit out.xml  a team's own set, for CI
  lbplay drill -i inventory --report drill.html                a page with the timeline of each fault

Each fault is injected on the node that has the addresses, or on all nodes, while a client opens new connections and
holds others. It is undone by the node itself where nobody else comes to it in time, also when this process is killed.
Then the pair has to come to rest, with one owner of each address, the same owner as before, and everything else as before.
A fault fails where that is not so, where somebody else has the addresses than lbplay predict says, where it took longer
than predicted, or longer than the budget. The drill stops at the first such result.

Faults: switchover, reload, keepalived-reload, backend-down, backend-hang, backends-down, haproxy-stop, haproxy-kill,
haproxy-freeze, keepalived-stop, keepalived-restart, keepalived-kill, disk-full, vrrp-block, cable, reboot, power-off.

Exit codes: 0 all passed, 1 a fault failed or the pair was not fit, 3 a node was not reached, 130 stopped by Ctrl-C.`;
