import { LbplayError } from "../core/error.ts";
import { poll, run } from "./command.ts";
import type { Hypervisor } from "./hypervisor.ts";
import type { LabFault } from "./provider.ts";
import { showVagrant, type VagrantSite } from "./vagrant.ts";
import { findMachine, findRecord, machineOf, recordOf } from "./vagrant-machine.ts";
import { recordWords } from "./vagrant-record.ts";

/** Lets a fault happen to a machine, or undoes it. */
export const vagrantFault = (site: VagrantSite, fault: LabFault, node: string): Promise<void> =>
  FAULTS[fault](site, node);

type Act = (site: VagrantSite, node: string) => Promise<void>;

const FAULTS: Readonly<Record<LabFault, Act>> = {
  unplug: (site, node) => setPlugged(site, node, false),
  plug: (site, node) => setPlugged(site, node, true),
  freeze: async (site, node) => {
    const { id, hypervisor } = await breakable(site, node, "freeze");
    if ((await refuseOff(hypervisor, id, node)) === "running") await hypervisor.freeze(id);
  },
  thaw: async (site, node) => {
    const { id, hypervisor } = await breakable(site, node, "thaw");
    if ((await refuseOff(hypervisor, id, node)) === "frozen") await hypervisor.thaw(id);
  },
  kill: async (site, node) => {
    const { id, hypervisor } = await machineOf(site, node);
    if (hypervisor === null) await showVagrant(site.place, ["halt", "-f", node]);
    else if ((await hypervisor.state(id)) !== "off") await hypervisor.kill(id);
  },
  start: async (site, node) => {
    const { id, hypervisor } = await machineOf(site, node);
    const state = await hypervisor?.state(id);
    if (state === "frozen") await hypervisor?.thaw(id);
    else if (state !== "running") await showVagrant(site.place, ["up", node]);
    await plugAgain(site, node);
    await waitForLogin(site, node);
  },
};

const setPlugged = async (site: VagrantSite, node: string, plugged: boolean): Promise<void> => {
  const { id, hypervisor } = await breakable(site, node, plugged ? "plug" : "unplug");
  await refuseOff(hypervisor, id, node);
  const { mac } = await recordOf(site, node);
  if ((await hypervisor.isPlugged(id, mac)) !== plugged) await hypervisor.setPlugged(id, mac, plugged);
};

/** Puts a cable back that is out, where that is known; says whether it was out. */
export const plugAgain = async (site: VagrantSite, node: string): Promise<boolean> => {
  const machine = await findMachine(site, node);
  const record = await findRecord(site, node);
  if (machine === null || machine.hypervisor === null || record === null) return false;
  if ((await machine.hypervisor.isPlugged(machine.id, record.mac)) !== false) return false;
  await machine.hypervisor.setPlugged(machine.id, record.mac, true);
  return true;
};

const breakable = async (
  site: VagrantSite,
  node: string,
  fault: LabFault,
): Promise<{ readonly id: string; readonly hypervisor: Hypervisor }> => {
  const { id, provider, hypervisor } = await machineOf(site, node);
  if (hypervisor !== null) return { id, hypervisor };
  throw new LbplayError({
    code: "E_LAB_FAULT",
    message: `lbplay cannot ${fault} ${node}, a machine of Vagrant's provider ${provider}`,
    hint: "it can with virtualbox, libvirt and lxc; kill and start work with every provider",
  });
};

const refuseOff = async (hypervisor: Hypervisor, id: string, node: string): Promise<"running" | "frozen"> => {
  const state = await hypervisor.state(id);
  if (state !== "off") return state;
  throw new LbplayError({
    code: "E_LAB_OFF",
    message: `${node} is off`,
    hint: `lbplay lab start ${node} --provider vagrant`,
  });
};

/** Vagrant's own login may take another way than the network in which the nodes work. */
const waitForLogin = async (site: VagrantSite, node: string): Promise<void> => {
  const record = await findRecord(site, node);
  if (record === null) return;
  const words = recordWords(site.project, record, ["-o", "BatchMode=yes", "-o", "ConnectTimeout=2"]);
  const attempt = async (): Promise<true | null> =>
    (await run([...words, "true"])).code === 0 ? true : null;
  if ((await poll(attempt, { everyMs: 100, forMs: 60_000 })) !== null) return;
  throw new LbplayError({
    code: "E_LAB_BOOT",
    message: `${node} runs, but does not answer to a login at ${record.address}`,
    hint: `vagrant reload ${node}`,
  });
};
