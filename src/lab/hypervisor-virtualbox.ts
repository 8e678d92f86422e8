import { LbplayError } from "../core/error.ts";
import { type HostRun, type Hypervisor, hostCommand } from "./hypervisor.ts";

/**
 * Machines of VirtualBox, by `VBoxManage controlvm` and `showvminfo --machinereadable` (chapter VBoxManage of its user
 * manual).
 */
export const virtualbox = (run: HostRun): Hypervisor => {
  const must = hostCommand(
    run,
    "VBoxManage",
    "VBoxManage comes with VirtualBox; put its directory into PATH",
  );
  const info = async (id: string): Promise<ReadonlyMap<string, string>> =>
    parseInfo(await must(["VBoxManage", "showvminfo", id, "--machinereadable"]));
  const control = async (id: string, ...words: readonly string[]): Promise<void> =>
    void (await must(["VBoxManage", "controlvm", id, ...words]));
  return {
    state: async (id) => STATES.get((await info(id)).get("VMState") ?? "") ?? "off",
    isPlugged: async (id, mac) => {
      const facts = await info(id);
      const card = cardOf(facts, mac);
      if (card === null || STATES.get(facts.get("VMState") ?? "") === undefined) return null;
      return facts.get(`cableconnected${card}`) === "on";
    },
    setPlugged: async (id, mac, plugged) => {
      const card = cardOf(await info(id), mac);
      if (card === null) {
        throw new LbplayError({
          code: "E_LAB_CABLE",
          message: `the virtual machine ${id} has no network card with the address ${mac}`,
          hint: "lbplay lab inventory --provider vagrant learns how the machines are now",
        });
      }
      await control(id, `setlinkstate${card}`, plugged ? "on" : "off");
    },
    freeze: (id) => control(id, "pause"),
    thaw: (id) => control(id, "resume"),
    kill: (id) => control(id, "poweroff"),
  };
};

/** Every other state (poweroff, aborted, saved) is one in which nothing of the machine is there. */
const STATES: ReadonlyMap<string, "running" | "frozen"> = new Map([
  ["running", "running"],
  ["starting", "running"],
  ["paused", "frozen"],
]);

/** Lines such as `VMState="running"`. */
const parseInfo = (text: string): ReadonlyMap<string, string> =>
  new Map([...text.matchAll(/^([^="\r\n]+)="(.*)"\r?$/gm)].map(([, key = "", value = ""]) => [key, value]));

/** `macaddress2="080027ABCDEF"` is the second card. */
const cardOf = (facts: ReadonlyMap<string, string>, mac: string): string | null => {
  const wanted = mac.replaceAll(":", "").toUpperCase();
  const key = [...facts].find(([name, value]) => /^macaddress\d+$/.test(name) && value === wanted)?.[0];
  return key?.slice("macaddress".length) ?? null;
};
