import { type HostRun, type Hypervisor, hostCommand } from "./hypervisor.ts";

/**
 * Machines of libvirt, by virsh (its page in section 1 of the manual). Without `--config` a link's state is forgotten
 * when the machine is switched off. The plugin for Vagrant speaks to LIBVIRT_DEFAULT_URI too.
 */
export const libvirt = (run: HostRun, uri: string | null): Hypervisor => {
  const must = hostCommand(run, "virsh", "apt-get install -y libvirt-clients");
  const virsh = async (...words: readonly string[]): Promise<string> =>
    (await must(["env", "LC_ALL=C", "virsh", "--connect", uri ?? "qemu:///system", ...words])).trim();
  const state = async (id: string): Promise<"running" | "frozen" | "off"> =>
    STATES.get(await virsh("domstate", id)) ?? "off";
  return {
    state,
    isPlugged: async (id, mac) => {
      if ((await state(id)) === "off") return null;
      return (await virsh("domif-getlink", id, mac)).endsWith(" up");
    },
    setPlugged: async (id, mac, plugged) =>
      void (await virsh("domif-setlink", id, mac, plugged ? "up" : "down")),
    freeze: async (id) => void (await virsh("suspend", id)),
    thaw: async (id) => void (await virsh("resume", id)),
    kill: async (id) => void (await virsh("destroy", id)),
  };
};

/** `shut off` and `crashed` are off. */
const STATES: ReadonlyMap<string, "running" | "frozen"> = new Map([
  ["running", "running"],
  ["idle", "running"],
  ["in shutdown", "running"],
  ["paused", "frozen"],
  ["pmsuspended", "frozen"],
]);
