import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { LbplayError } from "../core/error.ts";
import { quote } from "../core/shell.ts";
import { run } from "./command.ts";
import { hostsText } from "./inventory.ts";
import { sshOptions } from "./keys.ts";
import { roleOf } from "./names.ts";
import { writeWhole } from "./state.ts";
import {
  parseSshConfig,
  runningMachines,
  type VagrantLogin,
  type VagrantPlace,
  vagrantMachines,
  vagrantProject,
  vagrantSshConfig,
} from "./vagrant.ts";
import {
  MACHINE_SCRIPT,
  type MachineFacts,
  parseMachine,
  type SharedNetwork,
  sharedNetwork,
} from "./vagrant-network.ts";

/** An inventory of Vagrant's machines. */
export interface VagrantInventory {
  readonly file: string;
  readonly hosts: readonly { readonly name: string; readonly address: string }[];
  readonly vip: string;
  /** Machines of the Vagrantfile that do not run, and so are not in the inventory. */
  readonly absent: readonly string[];
}

/**
 * Makes an inventory of the machines that run, beside what Vagrant keeps of them. Their host keys are learnt through the
 * login that Vagrant has, once, and written down: whatever answers with another key from then on is refused.
 */
export const vagrantInventory = async (place: VagrantPlace): Promise<VagrantInventory> => {
  const project = await vagrantProject(place);
  const directory = join(project.dataDirectory, "lbplay");
  checkDirectory(directory);
  const machines = await vagrantMachines(place);
  const running = runningMachines(project, machines);
  const config = await vagrantSshConfig(place, running);
  await mkdir(directory, { recursive: true });
  await writeWhole(join(directory, "ssh_config"), config);
  const logins = parseSshConfig(config);
  const facts = await Promise.all(logins.map((login) => askMachine(directory, login)));
  const network = sharedNetwork(facts);
  const knownHosts = join(directory, "known_hosts");
  await writeWhole(knownHosts, knownHostsText(facts, network));
  const hosts = await Promise.all(
    logins.map(async (login) => {
      const address = network.addresses.get(login.name) ?? "";
      return { login, address, key: await workingKey(login, address, knownHosts) };
    }),
  );
  const file = join(directory, "inventory.yaml");
  await writeWhole(file, inventoryOf(hosts, network, knownHosts));
  return {
    file,
    hosts: hosts.map(({ login, address }) => ({ name: login.name, address })),
    vip: network.vip,
    absent: machines.map(({ name }) => name).filter((name) => !running.includes(name)),
  };
};

/** ssh takes the value of UserKnownHostsFile for several files at each blank, and knows no way to say otherwise. */
const checkDirectory = (directory: string): void => {
  if (!/\s/.test(directory)) return;
  throw new LbplayError({
    code: "E_VAGRANT_PATH",
    message: `ssh cannot be told of a known_hosts file in a directory with a blank in its path: ${directory}`,
    hint: "set VAGRANT_DOTFILE_PATH to a directory without, before vagrant up",
  });
};

const askMachine = async (directory: string, { name }: VagrantLogin): Promise<MachineFacts> => {
  const config = join(directory, "ssh_config");
  const options = ["-F", config, "-o", "BatchMode=yes", "-o", "ConnectTimeout=10", "-o", "LogLevel=ERROR"];
  const { code, stdout, stderr } = await run(["ssh", ...options, name, MACHINE_SCRIPT]);
  const facts = parseMachine(name, stdout);
  if (code === 0 && facts.hostKeys.length > 0) return facts;
  throw new LbplayError({
    code: "E_VAGRANT_LOGIN",
    message: `${name} runs, but Vagrant's login does not work: ${lastLine(stderr) || `ssh exited ${code}`}`,
    hint: `vagrant reload ${name}`,
  });
};

const knownHostsText = (machines: readonly MachineFacts[], { addresses }: SharedNetwork): string =>
  machines
    .flatMap(({ name, hostKeys }) => hostKeys.map((key) => `${addresses.get(name) ?? ""} ${key}\n`))
    .join("");

/** The key that opens the machine where lbplay will knock, which also proves that it is the same machine. */
const workingKey = async (
  { name, user, host, port, keys }: VagrantLogin,
  address: string,
  knownHosts: string,
): Promise<string> => {
  let reason = "Vagrant has no key for it";
  for (const key of keys) {
    const options = [...sshOptions({ key, knownHosts }), "-o", "BatchMode=yes", "-o", "ConnectTimeout=10"];
    const { code, stderr } = await run(["ssh", ...options, `${user}@${address}`, "true"]);
    if (code === 0) return key;
    reason = lastLine(stderr) || `ssh exited ${code}`;
  }
  throw new LbplayError({
    code: "E_VAGRANT_UNREACHABLE",
    message: `${name} is not reached at ${address}, though Vagrant reaches it at ${host}:${port}: ${reason}`,
    hint: `this machine needs a way into ${name}'s private network; vagrant reload ${name} sets it up again`,
  });
};

const lastLine = (text: string): string => text.trim().split("\n").at(-1)?.trim() ?? "";

const inventoryOf = (
  hosts: readonly { readonly login: VagrantLogin; readonly address: string; readonly key: string }[],
  { vip, subnet }: SharedNetwork,
  knownHosts: string,
): string => {
  const all = {
    ansible_ssh_common_args: `-o UserKnownHostsFile=${quote(knownHosts)} -o StrictHostKeyChecking=yes -o IdentitiesOnly=yes`,
    lab_vip: vip,
    lab_subnet: subnet,
  };
  const described = hosts.map(({ login, address, key }) => ({
    name: login.name,
    role: roleOf(login.name),
    vars: { ansible_host: address, ansible_user: login.user, ansible_ssh_private_key_file: key },
  }));
  return hostsText(all, described, {});
};
