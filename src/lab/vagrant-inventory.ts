import { mkdir } from "node:fs/promises";
import { LbplayError } from "../core/error.ts";
import { quote } from "../core/shell.ts";
import { run } from "./command.ts";
import { hostsText } from "./inventory.ts";
import { roleOf } from "./names.ts";
import { writeWhole } from "./state.ts";
import {
  parseSshConfig,
  runningMachines,
  type VagrantLogin,
  type VagrantMachine,
  type VagrantProject,
  type VagrantSite,
  vagrantSshConfig,
} from "./vagrant.ts";
import {
  MACHINE_SCRIPT,
  type MachineFacts,
  parseMachine,
  type SharedNetwork,
  sharedNetwork,
} from "./vagrant-network.ts";
import {
  knownHostsText,
  type MachineRecord,
  readRecords,
  recordWords,
  type VagrantPaths,
  vagrantPaths,
} from "./vagrant-record.ts";

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
export const vagrantInventory = async (
  { place, project }: VagrantSite,
  machines: readonly VagrantMachine[],
): Promise<VagrantInventory> => {
  const paths = vagrantPaths(project);
  checkDirectory(paths.directory);
  const running = runningMachines(project, machines);
  const config = await vagrantSshConfig(place, running);
  await mkdir(paths.directory, { recursive: true });
  await writeWhole(paths.sshConfig, config);
  const logins = parseSshConfig(config);
  const facts = await Promise.all(logins.map((login) => askMachine(paths, login)));
  const network = sharedNetwork(facts);
  const off = machines.filter(({ name, state }) => !running.includes(name) && state !== "not_created");
  const kept = (await readRecords(project)).filter(({ name }) => off.some((one) => one.name === name));
  const seen = facts.map((machine) => seenIn(network, machine));
  await writeWhole(paths.knownHosts, knownHostsText([...seen, ...kept]));
  const records = await Promise.all(
    logins.map(async (login, index): Promise<MachineRecord> => {
      const { address, mac, hostKeys } = seen[index] ?? NOTHING_SEEN;
      const key = await workingKey(project, login, address);
      return { name: login.name, address, mac, user: login.user, key, hostKeys };
    }),
  );
  await writeWhole(paths.records, `${JSON.stringify([...records, ...kept], null, 2)}\n`);
  await writeWhole(paths.inventory, inventoryOf(records, network, paths, project));
  return {
    file: paths.inventory,
    hosts: records.map(({ name, address }) => ({ name, address })),
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

const askMachine = async ({ sshConfig }: VagrantPaths, { name }: VagrantLogin): Promise<MachineFacts> => {
  const options = ["-F", sshConfig, "-o", "BatchMode=yes", "-o", "ConnectTimeout=10", "-o", "LogLevel=ERROR"];
  const { code, stdout, stderr } = await run(["ssh", ...options, name, MACHINE_SCRIPT]);
  const facts = parseMachine(name, stdout);
  if (code === 0 && facts.hostKeys.length > 0) return facts;
  throw new LbplayError({
    code: "E_VAGRANT_LOGIN",
    message: `${name} runs, but Vagrant's login does not work: ${lastLine(stderr) || `ssh exited ${code}`}`,
    hint: `vagrant reload ${name}`,
  });
};

/** What of a machine's own answer matters in the network that all share. */
type Seen = Pick<MachineRecord, "address" | "mac" | "hostKeys">;

const NOTHING_SEEN: Seen = { address: "", mac: "", hostKeys: [] };

const seenIn = ({ addresses }: SharedNetwork, { name, hostKeys, macs }: MachineFacts): Seen => {
  const own = addresses.get(name);
  return own === undefined
    ? NOTHING_SEEN
    : { address: own.address, mac: macs.get(own.interface) ?? "", hostKeys };
};

/** The key that opens the machine where lbplay will knock, which also proves that it is the same machine. */
const workingKey = async (
  project: VagrantProject,
  { name, user, host, port, keys }: VagrantLogin,
  address: string,
): Promise<string> => {
  let reason = "Vagrant has no key for it";
  for (const key of keys) {
    const words = recordWords(project, { key, user, address }, [
      "-o",
      "BatchMode=yes",
      "-o",
      "ConnectTimeout=10",
    ]);
    const { code, stderr } = await run([...words, "true"]);
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
  machines: readonly MachineRecord[],
  { vip, subnet }: SharedNetwork,
  { knownHosts }: VagrantPaths,
  { vagrantfile }: VagrantProject,
): string => {
  const all = {
    ansible_ssh_common_args: `-o UserKnownHostsFile=${quote(knownHosts)} -o StrictHostKeyChecking=yes -o IdentitiesOnly=yes`,
    lab_vagrantfile: vagrantfile,
    lab_vip: vip,
    lab_subnet: subnet,
  };
  const described = machines.map(({ name, address, user, key }) => ({
    name,
    role: roleOf(name),
    vars: { ansible_host: address, ansible_user: user, ansible_ssh_private_key_file: key },
  }));
  return hostsText(all, described, {});
};
