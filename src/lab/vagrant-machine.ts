import { LbplayError } from "../core/error.ts";
import { run } from "./command.ts";
import type { Hypervisor } from "./hypervisor.ts";
import { libvirt } from "./hypervisor-libvirt.ts";
import { lxc } from "./hypervisor-lxc.ts";
import { virtualbox } from "./hypervisor-virtualbox.ts";
import type { NodeState } from "./node.ts";
import {
  machineId,
  type VagrantMachine,
  type VagrantPlace,
  type VagrantSite,
  vagrantMachines,
} from "./vagrant.ts";
import { type MachineRecord, readRecords } from "./vagrant-record.ts";

/** A machine that there is. */
export interface Machine {
  readonly name: string;
  readonly id: string;
  /** Vagrant's name of it. */
  readonly provider: string;
  /** null: nothing is known of this provider beyond what Vagrant itself can do. */
  readonly hypervisor: Hypervisor | null;
}

/** A machine by its name; null: it was not made yet, or is destroyed, or the Vagrantfile knows no such machine. */
export const findMachine = async ({ place, project }: VagrantSite, name: string): Promise<Machine | null> => {
  const made = await machineId(project, name);
  return made === null ? null : { name, ...made, hypervisor: hypervisorOf(made.provider, place) };
};

const hypervisorOf = (provider: string, { env }: VagrantPlace): Hypervisor | null => {
  switch (provider) {
    case "lxc":
      return lxc(run);
    case "libvirt":
      return libvirt(run, env.LIBVIRT_DEFAULT_URI ?? null);
    case "virtualbox":
      return virtualbox(run);
    default:
      return null;
  }
};

/** A machine by its name; E_LAB_NODE where the Vagrantfile has none, E_LAB_OFF where it was not made. */
export const machineOf = async (site: VagrantSite, name: string): Promise<Machine> => {
  const found = await findMachine(site, name);
  if (found !== null) return found;
  checkMachines(site, await vagrantMachines(site.place), [name]);
  throw new LbplayError({
    code: "E_LAB_OFF",
    message: `${name} is not created`,
    hint: `lbplay lab up --provider vagrant --nodes ${name}`,
  });
};

/** Refuses names that no machine has; E_LAB_NODE. */
export const checkMachines = (
  { project }: VagrantSite,
  machines: readonly VagrantMachine[],
  names: readonly string[],
): void => {
  const unknown = names.find((name) => !machines.some((machine) => machine.name === name));
  if (unknown === undefined) return;
  throw new LbplayError({
    code: "E_LAB_NODE",
    message: `${project.vagrantfile} has no machine ${unknown}`,
    hint: `its machines are ${machines.map(({ name }) => name).join(", ")}`,
  });
};

/** What was learnt of a machine; null where that was nothing yet. */
export const findRecord = async ({ project }: VagrantSite, name: string): Promise<MachineRecord | null> =>
  (await readRecords(project)).find((record) => record.name === name) ?? null;

/** What was learnt of a machine; E_VAGRANT_UNKNOWN where that was nothing yet. */
export const recordOf = async (site: VagrantSite, name: string): Promise<MachineRecord> => {
  const record = await findRecord(site, name);
  if (record !== null) return record;
  await machineOf(site, name);
  throw new LbplayError({
    code: "E_VAGRANT_UNKNOWN",
    message: `nothing was learnt of ${name} yet: neither its address nor its host keys`,
    hint: "lbplay lab inventory --provider vagrant, while it runs",
  });
};

/** A state in the words of `vagrant status`, which are LXC's, libvirt's or VirtualBox's. */
export const stateOf = (word: string): NodeState => {
  // libvirt's inaccessible is a machine that runs, and has no address for Vagrant yet.
  if (word === "running" || word === "inaccessible") return "running";
  return word === "frozen" || word === "paused" ? "frozen" : "off";
};

/** Machines that were listed before, as they are now; Vagrant is asked once more only where nobody else knows. */
export const asTheyAre = async (
  site: VagrantSite,
  machines: readonly VagrantMachine[],
): Promise<readonly VagrantMachine[]> => {
  const known = await Promise.all(
    machines.map(async (machine): Promise<VagrantMachine | null> => {
      const found = await findMachine(site, machine.name);
      if (found === null) return { ...machine, state: "not_created" };
      return found.hypervisor === null ? null : { ...machine, state: await found.hypervisor.state(found.id) };
    }),
  );
  const all = known.filter((machine) => machine !== null);
  return all.length === known.length ? all : vagrantMachines(site.place);
};
