import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { sshOptions } from "./keys.ts";
import type { VagrantProject } from "./vagrant.ts";

/** What was learnt of a machine while it ran; true until it is destroyed. */
export interface MachineRecord {
  readonly name: string;
  /** In the network that the machines share. */
  readonly address: string;
  /** Of the interface that has the address. */
  readonly mac: string;
  readonly user: string;
  /** The private key that opens it. */
  readonly key: string;
  /** Its public host keys, each `type key`. */
  readonly hostKeys: readonly string[];
}

/** Where lbplay keeps its files, beside what Vagrant keeps of the machines. */
export interface VagrantPaths {
  readonly directory: string;
  readonly sshConfig: string;
  readonly knownHosts: string;
  readonly inventory: string;
  readonly records: string;
}

/** The files of a Vagrantfile's machines. */
export const vagrantPaths = ({ dataDirectory }: VagrantProject): VagrantPaths => {
  const directory = join(dataDirectory, "lbplay");
  return {
    directory,
    sshConfig: join(directory, "ssh_config"),
    knownHosts: join(directory, "known_hosts"),
    inventory: join(directory, "inventory.yaml"),
    records: join(directory, "machines.json"),
  };
};

/** The machines that were ever in the inventory; none where it was never made. */
export const readRecords = async (project: VagrantProject): Promise<readonly MachineRecord[]> => {
  const text = await readFile(vagrantPaths(project).records, "utf8").catch(() => null);
  // Only vagrantInventory writes this file.
  return text === null ? [] : (JSON.parse(text) as readonly MachineRecord[]);
};

/** A known_hosts file of machines at their addresses. */
export const knownHostsText = (machines: readonly Pick<MachineRecord, "address" | "hostKeys">[]): string =>
  machines.flatMap(({ address, hostKeys }) => hostKeys.map((key) => `${address} ${key}\n`)).join("");

/** The words that log in to a machine by the system's ssh, and take no other machine for it. */
export const recordWords = (
  project: VagrantProject,
  { key, user, address }: Pick<MachineRecord, "key" | "user" | "address">,
  options: readonly string[],
): readonly string[] => {
  const { knownHosts } = vagrantPaths(project);
  return ["ssh", ...sshOptions({ key, knownHosts }), ...options, `${user}@${address}`];
};
