import { type Command as Commander, Option } from "commander";
import { addLiveOptions, type LiveFlags, liveOptions } from "./args-connection.ts";
import { orNull } from "./option-values.ts";
import type { Command, PairOutput } from "./run-options.ts";

interface DiagnoseFlags extends LiveFlags {
  readonly output: PairOutput;
}

interface DriftFlags extends LiveFlags {
  readonly become?: boolean;
  readonly output: PairOutput;
}

/** Adds `lbplay diagnose`. */
export const addDiagnoseCommand = (program: Commander, found: (command: Command) => void): void => {
  const command = program
    .command("diagnose")
    .description(
      "Find out what is wrong with a pair, and why: the most probable cause first, and what to do.",
    )
    .argument("[pair]", "a pair of the inventory, or a group; all pairs if none is given")
    .addOption(outputOption())
    .addHelpText("after", DIAGNOSE_HELP);
  addLiveOptions(command);
  command.action((pair: string | undefined, flags: DiagnoseFlags) => {
    found({
      kind: "diagnose",
      options: { live: liveOptions(flags), pair: orNull(pair), output: flags.output },
    });
  });
};

/** Adds `lbplay drift`. */
export const addDriftCommand = (program: Commander, found: (command: Command) => void): void => {
  const command = program
    .command("drift")
    .description("Say where nodes are not as a playbook wants them, and where the nodes of a pair differ.")
    .argument("[playbook...]", "what the nodes should be; without, only node is compared with node")
    .option("-b, --become", "run tasks as another user, as lbplay run --become does")
    .addOption(outputOption())
    .addHelpText("after", DRIFT_HELP);
  addLiveOptions(command);
  command.action((playbooks: readonly string[], flags: DriftFlags) => {
    found({
      kind: "drift",
      options: {
        live: liveOptions(flags),
        playbooks,
        become: flags.become ?? false,
        output: flags.output,
      },
    });
  });
};

const outputOption = (): Option =>
  new Option("--output <kind>", "for people, or for programs").choices(["plain", "json"]).default("plain");

const DIAGNOSE_HELP = `
Examples:
  lbplay diagnose -i inventory                   what is wrong, and why
  lbplay diagnose -i inventory lb --output json  the same for programs, with every advert that was seen

Each node is looked at twice, some seconds apart. In between it listens for adverts on all its interfaces (perl, python
or tcpdump, whichever is there), runs keepalived's checks by hand, asks who answers for the virtual addresses, connects to
each server, and sends one marked line the way of HAProxy's log. That line is all that stays. A cause is certain when it
was seen at work, likely when a configuration says so and it fits what was seen, possible when it may matter.

Exit codes: 0 nothing is wrong, 1 something is, 3 a node was not reached: what can be said from the others is said.`;

const DRIFT_HELP = `
Examples:
  lbplay drift site.yaml -i inventory                what a run would change, node by node, and how the pairs differ
  lbplay drift -i inventory                          node against node only, for a pair that no playbook made
  lbplay drift site.yaml -i inventory --output json  one line of JSON, for monitoring

Against the playbook a run in check mode tells what differs. Within a pair these are compared: the configurations of
HAProxy and keepalived, files below /etc/haproxy and /etc/keepalived, certificates, versions, kernel settings, and whether
the services run and are enabled. What is meant to differ (state, priority, router_id, a node's own addresses) is not told.
Passwords and keys are never shown.

Exit codes: 0 no drift, 1 a task could not be judged, 3 a node was not reached, 4 there is drift.`;
