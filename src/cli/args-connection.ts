import { type Command as Commander, Option } from "commander";
import type { HostKeyChecking } from "../core/transport.ts";
import {
  addPasswordOptions,
  addVaultOptions,
  type CredentialFlags,
  credentialRequest,
} from "./args-credentials.ts";
import { collect, orNull, positive } from "./option-values.ts";
import type { ConnectionRequest, LiveOptions } from "./run-options.ts";

/** Nodes worked on at the same time; a connection costs little, so more than Ansible's 5. */
const DEFAULT_FORKS = 20;

/** Seconds to wait for a connection, as in Ansible. */
const DEFAULT_TIMEOUT = 10;

/** What commander knows of the options for connections. */
export interface ConnectionFlags {
  readonly becomeUser?: string;
  readonly becomeMethod?: string;
  readonly user?: string;
  readonly privateKey?: string;
  readonly connection?: string;
  readonly timeout: number;
  readonly sshCommonArgs?: string;
  readonly hostKeyChecking?: HostKeyChecking;
}

/** What commander knows of the options of commands that read nodes without a playbook. */
export interface LiveFlags extends ConnectionFlags, CredentialFlags {
  readonly inventory?: readonly string[];
  readonly limit?: string;
  readonly extraVars?: readonly string[];
  readonly forks: number;
}

/** Adds the options for the inventory and its hosts. */
export const addInventoryOptions = (command: Commander): Commander =>
  command
    .addOption(
      new Option("-i, --inventory <source>", 'file, directory or "host1,host2," (repeatable)').argParser(
        collect,
      ),
    )
    .option("-l, --limit <pattern>", "only these hosts of the inventory");

/** `-e` */
export const extraVarsOption = (): Option =>
  new Option("-e, --extra-vars <vars>", "key=value, @file, or YAML or JSON in braces (repeatable)").argParser(
    collect,
  );

/** `-f` */
export const forksOption = (): Option =>
  new Option("-f, --forks <number>", "nodes worked on at the same time")
    .argParser(positive)
    .default(DEFAULT_FORKS);

/** Adds the options for how nodes are reached; whether to become somebody else is the command's own affair. */
export const addConnectionOptions = (command: Commander): Commander =>
  command
    .option("-u, --user <name>", "user to log in as")
    .option("--private-key <file>", "key to log in with")
    .addOption(
      new Option("-c, --connection <kind>", "how to reach nodes").choices(["ssh", "openssh", "local"]),
    )
    .addOption(
      new Option("-T, --timeout <seconds>", "wait this long for a connection")
        .argParser(positive)
        .default(DEFAULT_TIMEOUT),
    )
    .option("--ssh-common-args <words>", "further options of ssh, e.g. '-J bastion'")
    .addOption(
      new Option("--host-key-checking <how>", "what to do about unknown host keys").choices([
        "strict",
        "accept-new",
        "off",
      ]),
    )
    .option("--become-user <name>", "user to become on the node; root unless said otherwise")
    .addOption(new Option("--become-method <method>", "how to become it").choices(["sudo", "su"]));

/** Adds all options of a command that reads nodes without a playbook. */
export const addLiveOptions = (command: Commander): Commander => {
  addInventoryOptions(command).addOption(extraVarsOption()).addOption(forksOption());
  return addVaultOptions(addPasswordOptions(addConnectionOptions(command)));
};

/** How nodes are reached, by the flags. */
export const connectionRequest = (flags: ConnectionFlags): Omit<ConnectionRequest, "become"> => ({
  connection: orNull(flags.connection),
  user: orNull(flags.user),
  privateKeyFile: orNull(flags.privateKey),
  sshCommonArgs: orNull(flags.sshCommonArgs),
  hostKeyChecking: orNull(flags.hostKeyChecking),
  timeoutSeconds: flags.timeout,
  becomeUser: orNull(flags.becomeUser),
  becomeMethod: orNull(flags.becomeMethod),
});

/** Which nodes are read and how, by the flags. Such commands become root unless the inventory says otherwise. */
export const liveOptions = (flags: LiveFlags): LiveOptions => ({
  inventories: flags.inventory ?? [],
  limit: orNull(flags.limit),
  extraVars: flags.extraVars ?? [],
  forks: flags.forks,
  connection: { ...connectionRequest(flags), become: true },
  credentials: credentialRequest(flags),
});
