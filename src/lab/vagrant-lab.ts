import { rm } from "node:fs/promises";
import { LbplayError } from "../core/error.ts";
import { argv } from "../core/shell.ts";
import { roleOf } from "./names.ts";
import type { LabInventory, LabProvider, LabUp, UpWish } from "./provider.ts";
import type { NodeStatus } from "./status.ts";
import {
  showVagrant,
  type VagrantMachine,
  type VagrantPlace,
  type VagrantSite,
  vagrantMachines,
  vagrantProject,
} from "./vagrant.ts";
import { plugAgain, vagrantFault } from "./vagrant-faults.ts";
import { vagrantInventory } from "./vagrant-inventory.ts";
import { asTheyAre, checkMachines, findMachine, findRecord, recordOf, stateOf } from "./vagrant-machine.ts";
import { recordWords, vagrantPaths } from "./vagrant-record.ts";

/** The machines of a Vagrantfile; E_VAGRANT_FILE where there is none. */
export const vagrantLab = async (place: VagrantPlace): Promise<LabProvider> => {
  const site: VagrantSite = { place, project: await vagrantProject(place) };
  return {
    name: "vagrant",
    title: `the lab of ${site.project.vagrantfile}`,
    up: (wish) => up(site, wish),
    down: () => down(site),
    status: async () => nodesOf(site, await vagrantMachines(place)),
    inventory: () => inventory(site),
    sshWords: (node, script) => sshWords(site, node, script),
    fault: (fault, node) => vagrantFault(site, fault, node),
  };
};

const up = async (site: VagrantSite, { nodes, packages, fresh }: UpWish): Promise<LabUp> => {
  if (packages.length > 0 || nodes.some((node) => node.includes(":"))) {
    throw new LbplayError({
      code: "E_LAB_PACKAGES",
      message: "Vagrant's machines have the packages of their box, and no others can be there from the start",
      hint: "let a playbook install them, or choose a box that has them with LBPLAY_BOX",
    });
  }
  const machines = await vagrantMachines(site.place);
  checkMachines(site, machines, nodes);
  const chosen = machines.filter(({ name }) => nodes.length === 0 || nodes.includes(name));
  const present = chosen.filter(isMade).map(({ name }) => name);
  await thawAll(site, chosen);
  const plugAll = (): Promise<readonly boolean[]> =>
    Promise.all(chosen.map(({ name }) => plugAgain(site, name)));
  const plugged = await plugAll();
  if (fresh && present.length > 0) await showVagrant(site.place, ["destroy", "-f", ...present]);
  if (fresh || chosen.some(({ state }) => stateOf(state) === "off")) {
    await showVagrant(site.place, ["up", ...nodes]);
    // A cable that was out when the power was cut may still be.
    await plugAll();
  }
  const now = await asTheyAre(site, machines);
  const { file } = await vagrantInventory(site, now);
  const before = machines.map(conditionOf);
  const moved = now.some((machine, index) => conditionOf(machine) !== before[index]);
  return {
    nodes: await nodesOf(site, now),
    inventoryFile: file,
    changed: fresh || moved || plugged.includes(true),
  };
};

const isMade = ({ state }: VagrantMachine): boolean => state !== "not_created";

const conditionOf = (machine: VagrantMachine): NodeStatus["state"] =>
  isMade(machine) ? stateOf(machine.state) : "not created";

/** Vagrant would wait for the answer of a machine that stands still. */
const thawAll = async (site: VagrantSite, machines: readonly VagrantMachine[]): Promise<void> => {
  for (const { name, state } of machines) {
    if (stateOf(state) !== "frozen") continue;
    const machine = await findMachine(site, name);
    await machine?.hypervisor?.thaw(machine.id);
  }
};

const down: (site: VagrantSite) => ReturnType<LabProvider["down"]> = async (site) => {
  const present = (await vagrantMachines(site.place)).filter(isMade);
  await thawAll(site, present);
  if (present.length > 0) await showVagrant(site.place, ["destroy", "-f"]);
  const paths = vagrantPaths(site.project);
  await rm(paths.directory, { recursive: true, force: true });
  return { inventoryFile: paths.inventory, removed: present.length > 0 };
};

const nodesOf = (site: VagrantSite, machines: readonly VagrantMachine[]): Promise<readonly NodeStatus[]> =>
  Promise.all(
    machines.map(async (machine) => {
      const { name } = machine;
      const state = conditionOf(machine);
      const known = { name, role: roleOf(name) };
      if (state === "not created") return { ...known, address: "", state, cable: "none" } as const;
      const record = await findRecord(site, name);
      const found = await findMachine(site, name);
      const plugged =
        found === null || found.hypervisor === null || record === null
          ? null
          : await found.hypervisor.isPlugged(found.id, record.mac);
      const cable = plugged === null ? "none" : plugged ? "plugged" : "pulled";
      return { ...known, address: record?.address ?? "", state, cable } as const;
    }),
  );

const inventory = async (site: VagrantSite): Promise<LabInventory> => {
  const { file, hosts, vip, absent } = await vagrantInventory(site, await vagrantMachines(site.place));
  const notes = [
    ...hosts.map(({ name, address }) => `${name.padEnd(8)}${address}`),
    `virtual IP: ${vip}`,
    ...(absent.length === 0 ? [] : [`left out, as they do not run: ${absent.join(", ")}`]),
  ];
  return { file, notes, made: true };
};

/** Vagrant's user becomes root by sudo without a password: that is what makes a box. */
const sshWords = async (
  site: VagrantSite,
  node: string,
  script: string | null,
): Promise<readonly string[]> => {
  const record = await recordOf(site, node);
  return script === null
    ? [...recordWords(site.project, record, ["-t"]), "sudo -i"]
    : [...recordWords(site.project, record, []), argv("sudo", "-n", "sh", "-c", script)];
};
