import { type Command as Commander, InvalidArgumentError, Option } from "commander";
import { LbplayError } from "../core/error.ts";
import { parseTarget } from "../probe/target.ts";
import { addLiveOptions, type LiveFlags, liveOptions } from "./args-connection.ts";
import { durationArgument, orNull, positive, reportOption } from "./option-values.ts";
import type { Command, MaintenanceOptions, PairOutput } from "./run-options.ts";

interface StatusFlags extends LiveFlags {
  readonly watch?: number | true;
  readonly output: PairOutput;
  readonly report?: string;
}

interface SwitchoverFlags extends LiveFlags {
  readonly to?: string;
  readonly back?: boolean;
  readonly maxOutage?: number;
  readonly probe?: string;
  readonly probeFrom?: string;
  readonly check?: boolean;
  readonly yes?: boolean;
  readonly breakLock?: boolean;
  readonly output: PairOutput;
}

interface MaintenanceFlags extends LiveFlags {
  readonly reason?: string;
  readonly yes?: boolean;
  readonly breakLock?: boolean;
  readonly output: PairOutput;
}

/** Adds `lbplay status`. */
export const addStatusCommand = (program: Commander, found: (command: Command) => void): void => {
  const command = program
    .command("status")
    .description(
      "Say how a pair is: who has its addresses, who would take over, what is wrong and what to do.",
    )
    .argument("[pair]", "a pair of the inventory, or a group; all pairs if none is given")
    .addOption(
      new Option(
        "-w, --watch [seconds]",
        "look again and again, every 2 seconds unless said otherwise",
      ).argParser(positive),
    )
    .addOption(outputOption())
    .addOption(reportOption("how the pairs are").conflicts("watch"))
    .addHelpText("after", STATUS_HELP);
  addLiveOptions(command);
  command.action((pair: string | undefined, flags: StatusFlags) => {
    found({
      kind: "status",
      options: {
        live: liveOptions(flags),
        pair: orNull(pair),
        watchSeconds: flags.watch === undefined ? null : flags.watch === true ? DEFAULT_WATCH : flags.watch,
        output: flags.output,
        report: orNull(flags.report),
      },
    });
  });
};

/** Adds `lbplay switchover`. */
export const addSwitchoverCommand = (program: Commander, found: (command: Command) => void): void => {
  const command = program
    .command("switchover")
    .description("Hand the virtual addresses over to the standby, while a client counts what fails.")
    .argument("[pair]", "a pair of the inventory, or a group; the only one if none is given")
    .option("--to <node>", "the node that gets them; the standby that is next unless said otherwise")
    .option("--back", "hand them back afterwards")
    .addOption(
      new Option("--max-outage <time>", "fail if there was no answer for longer: 500ms, 2s").argParser(
        durationArgument,
      ),
    )
    .addOption(
      new Option(
        "--probe <url>",
        "what the client asks: http://…, https://…, tcp://ADDRESS:PORT, or none; found in haproxy.cfg unless said otherwise",
      ).argParser(target),
    )
    .option("--probe-from <host>", "a host of the inventory that asks, instead of this machine")
    .option("-C, --check", "say whether and how it would be done, change nothing")
    .option("-y, --yes", "do not ask")
    .option("--break-lock", "take over a lock that another run left on a node")
    .addOption(outputOption())
    .addHelpText("after", SWITCHOVER_HELP);
  addLiveOptions(command);
  command.action((pair: string | undefined, flags: SwitchoverFlags) => {
    found({
      kind: "switchover",
      options: {
        live: liveOptions(flags),
        pair: orNull(pair),
        to: orNull(flags.to),
        back: flags.back ?? false,
        maxOutageMs: orNull(flags.maxOutage),
        probe: orNull(flags.probe),
        probeFrom: orNull(flags.probeFrom),
        check: flags.check ?? false,
        yes: flags.yes ?? false,
        breakLock: flags.breakLock ?? false,
        output: flags.output,
      },
    });
  });
};

/** Adds `lbplay maintenance`. */
export const addMaintenanceCommand = (program: Commander, found: (command: Command) => void): void => {
  const command = program
    .command("maintenance")
    .description("Take a node out of its pair, or a server out of rotation on all nodes; and back.")
    .argument("<action>", "on or off, for a node; drain, maint or ready, for a server")
    .argument("<what>", "the node, or BACKEND/SERVER")
    .argument(
      "[pair]",
      "a pair of the inventory, or a group; needed where a server is named and there are several",
    )
    .option("--reason <text>", "why, for those who see it in lbplay status")
    .option("-y, --yes", "do not ask before addresses move")
    .option("--break-lock", "take over a lock that another run left on a node")
    .addOption(outputOption())
    .addHelpText("after", MAINTENANCE_HELP);
  addLiveOptions(command);
  command.action((action: string, what: string, pair: string | undefined, flags: MaintenanceFlags) => {
    found({
      kind: "maintenance",
      options: {
        live: liveOptions(flags),
        work: workOf(action, what),
        pair: orNull(pair),
        reason: orNull(flags.reason),
        yes: flags.yes ?? false,
        breakLock: flags.breakLock ?? false,
        output: flags.output,
      },
    });
  });
};

const DEFAULT_WATCH = 2;

const outputOption = (): Option =>
  new Option("--output <kind>", "for people, or for programs").choices(["plain", "json"]).default("plain");

const target = (text: string): string => {
  if (text !== "none" && parseTarget(text) === null)
    throw new InvalidArgumentError(
      "Expected http://ADDRESS/PATH, https://ADDRESS/PATH, tcp://ADDRESS:PORT or none.",
    );
  return text;
};

const workOf = (action: string, what: string): MaintenanceOptions["work"] => {
  if (action === "on" || action === "off") return { kind: "node", action, node: what };
  if (action !== "drain" && action !== "maint" && action !== "ready") {
    throw new LbplayError({
      code: "E_USAGE",
      message: `maintenance has no action ${action}`,
      hint: "for a node: on, off; for a server: drain, maint, ready",
    });
  }
  const [, backend, server] = /^([^/\s;]+)\/([^/\s;]+)$/.exec(what) ?? [];
  if (backend === undefined || server === undefined) {
    throw new LbplayError({
      code: "E_USAGE",
      message: `${action} needs a server, found ${what}`,
      hint: "write BACKEND/SERVER, as lbplay status has them",
    });
  }
  return { kind: "server", action, backend, server };
};

const STATUS_HELP = `
Examples:
  lbplay status -i inventory                   all pairs of the inventory
  lbplay status -i inventory lb --watch        the group lb, every two seconds
  lbplay status -i inventory --output json     one line of JSON, for monitoring

A group is a pair where its variables say lbplay_pair: true; without any, the group lb is taken. The nodes need nothing
but sh; keepalived is asked by a signal that it knows, HAProxy on its stats socket. Nothing is changed.

Exit codes: 0 healthy, 1 something is wrong, 3 a node was not reached and nothing else is wrong.`;

const SWITCHOVER_HELP = `
Examples:
  lbplay switchover -i inventory --check              could it be done now, how, and what would it cost?
  lbplay switchover -i inventory --max-outage 500ms   do it; fail if clients waited for longer
  lbplay switchover -i inventory --back --yes         there and back, without questions
  lbplay switchover -i inventory --probe-from client  a host of the inventory counts, not this machine

Nothing is moved unless the other node is fit: it must see its servers, run the configuration that is on its disk, and be
BACKUP. The cheapest way that the configuration allows is taken: a drain file that keepalived tracks, else a stop of
keepalived. When the addresses do not arrive in time, everything is taken back. Connections that are open break.

Exit codes: 0 done, 1 refused, taken back, or the client waited longer than --max-outage, 3 a node was not reached.`;

const MAINTENANCE_HELP = `
Examples:
  lbplay maintenance on lb1 -i inventory --reason "new memory"   lb1 owns nothing from now on; hands over first
  lbplay maintenance off lb1 -i inventory                        it takes part again
  lbplay maintenance drain app/web1 -i inventory                 no new clients for web1, on all nodes of the pair
  lbplay maintenance maint app/web1 -i inventory                 no clients at all, and no checks
  lbplay maintenance ready app/web1 -i inventory                 back into rotation

A server's state lasts until HAProxy's next reload or restart. lbplay status shows what is out.`;
