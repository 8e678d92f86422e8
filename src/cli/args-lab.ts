import { type Command as Commander, Option } from "commander";
import { LbplayError } from "../core/error.ts";
import type { LabFault, ProviderName } from "../lab/provider.ts";
import { collectParts, orNull } from "./option-values.ts";
import type { Command, LabAction } from "./run-options.ts";

/** Where images and labs are kept unless LBPLAY_STATE or --state says otherwise. */
const STATE_ROOT = "/var/lib/lbplay";

const FAULTS: readonly (readonly [fault: LabFault, description: string])[] = [
  ["unplug", "pull a node's network cable"],
  ["plug", "put the cable back"],
  ["freeze", "stop all of a node's processes where they are"],
  ["thaw", "let them go on"],
  ["kill", "cut a node's power"],
  ["start", "power it on again"],
];

/** Adds `lbplay lab …`. */
export const addLabCommand = (program: Commander, found: (command: Command) => void): void => {
  const lab = program
    .command("lab")
    .description("Real nodes on this machine: systemd, sshd and a network of their own.")
    .usage("ACTION [options]")
    .addOption(providerOption())
    // Options after `ssh NODE` are those of the command there.
    .enablePositionalOptions()
    .addHelpText("after", LAB_HELP);
  const add = (
    usage: string,
    description: string,
    actionOf: (words: readonly string[], flags: ActionFlags) => LabAction,
  ): Commander => {
    const command = lab.command(usage).description(description);
    common(command);
    return command.action((...given: readonly unknown[]) => {
      // commander's order: the arguments, then the flags, then the command itself.
      const flags = given.at(-2) as LabFlags & ActionFlags;
      const provider = flags.provider ?? lab.opts<LabFlags>().provider ?? "embedded";
      if (provider === "vagrant") refuseEmbedded(command);
      const words = given
        .slice(0, -2)
        .flatMap((word) => (word === undefined ? [] : (word as string | string[])));
      const action = actionOf(words, flags);
      found({
        kind: "lab",
        options: { provider, name: orNull(flags.name), stateRoot: flags.state, action },
      });
    });
  };
  add("up", "bring the lab up, or mend what is missing of it", (_, flags) => ({
    kind: "up",
    nodes: flags.nodes ?? [],
    packages: flags.packages ?? [],
    fresh: flags.fresh ?? false,
  }))
    .addOption(
      new Option(
        "--nodes <names>",
        "these instead of lb1,lb2,web1,web2,client; name:package+package adds packages to one (embedded)",
      ).argParser(collectParts),
    )
    .addOption(
      new Option("--packages <names>", "packages that every node has from the start (embedded)").argParser(
        collectParts,
      ),
    )
    .option("--fresh", "give every node an empty disk");
  add("down", "remove everything that up made", () => ({ kind: "down" }));
  add("status", "list the labs and their nodes", () => ({ kind: "status" }));
  add(
    "inventory",
    "print the path of the lab's inventory, which is made anew for Vagrant's machines",
    () => ({
      kind: "inventory",
    }),
  );
  add("ssh <node> [command...]", "log in to a node, or run a command there", ([node = "", ...command]) => ({
    kind: "ssh",
    node,
    // commander leaves the mark that ends our options where it stands behind the node.
    command: command[0] === "--" ? command.slice(1) : command,
  })).passThroughOptions();
  for (const [fault, description] of FAULTS) {
    add(`${fault} <node>`, description, ([node = ""]) => ({ kind: "fault", fault, node }));
  }
};

interface LabFlags {
  readonly provider?: ProviderName;
  readonly name?: string;
  readonly state: string;
}

interface ActionFlags {
  readonly nodes?: readonly string[];
  readonly packages?: readonly string[];
  readonly fresh?: boolean;
}

const common = (command: Commander): Commander =>
  command
    .addOption(providerOption())
    .option("--name <name>", "which lab; by itself one per working directory")
    .addOption(
      new Option("--state <directory>", "where images and labs are kept")
        .env("LBPLAY_STATE")
        .default(STATE_ROOT),
    );

const PROVIDERS: readonly ProviderName[] = ["embedded", "vagrant"];

/** Understood before the action and behind it. */
const providerOption = (): Option =>
  new Option(
    "--provider <name>",
    "who makes the nodes: embedded (the default), or vagrant, by the Vagrantfile here",
  ).choices(PROVIDERS);

/** Vagrant's labs have no names: a Vagrantfile is one. */
const refuseEmbedded = (command: Commander): void => {
  const given = ["name", "state"].find((option) => command.getOptionValueSource(option) === "cli");
  if (given === undefined) return;
  throw new LbplayError({
    code: "E_USAGE",
    message: `--${given} is for the embedded lab, and cannot be used with --provider vagrant`,
    hint: "which machines are meant follows from the working directory's Vagrantfile (see lbplay lab --help)",
  });
};

const LAB_HELP = `
Examples:
  lbplay lab up
  lbplay run playbooks/site.yaml -i inventory/lab
  lbplay lab ssh lb1 ip address show host0
  lbplay lab unplug lb1      and watch the virtual IP move
  lbplay lab down

Where the working directory has inventory/lab (a clone of lbplay has), up links the lab's hosts there, beside
its group_vars; elsewhere give -i "$(lbplay lab inventory)".

Other systems than Debian, and kernels of their own, come from Vagrant (docs/vagrant.md), with the same actions:
  LBPLAY_BOX=rocky9 lbplay lab --provider vagrant up
  lbplay run playbooks/site.yaml -i inventory/vagrant
  lbplay lab --provider vagrant freeze lb1

The embedded lab needs Linux and root; what else is missing is named with the command that installs it.`;
