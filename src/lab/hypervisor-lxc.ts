import { LbplayError } from "../core/error.ts";
import { type HostRun, type Hypervisor, hostCommand } from "./hypervisor.ts";

/**
 * Containers of LXC, by lxc-info, lxc-freeze, lxc-unfreeze and lxc-stop (their pages in section 1 of the manual). A cable
 * is a pair of interfaces: the machine's, and the host's, which is a port of the bridge.
 */
export const lxc = (run: HostRun): Hypervisor => {
  const must = hostCommand(run, "lxc-info", "apt-get install -y lxc iproute2 util-linux");
  const info = async (id: string, field: "--state" | "--pid"): Promise<string> =>
    (await must(["lxc-info", "--name", id, "--no-humanize", field])).trim();
  /** The host's end of a cable; null where the machine is off or has no such interface. */
  const hostEnd = async (id: string, mac: string): Promise<HostEnd | null> => {
    if ((await info(id, "--state")) === "STOPPED") return null;
    const pid = await info(id, "--pid");
    const inside = await must(["nsenter", "--target", pid, "--net", "--", "ip", "-o", "link", "show"]);
    const peer = peerIndex(inside, mac);
    return peer === null ? null : hostLink(await must(["ip", "-o", "link", "show"]), peer);
  };
  return {
    state: async (id) => {
      const state = await info(id, "--state");
      if (state === "STOPPED") return "off";
      return state === "FROZEN" ? "frozen" : "running";
    },
    isPlugged: async (id, mac) => (await hostEnd(id, mac))?.up ?? null,
    setPlugged: async (id, mac, plugged) => {
      const end = await hostEnd(id, mac);
      if (end === null) {
        throw new LbplayError({
          code: "E_LAB_CABLE",
          message: `the container ${id} has no interface with the address ${mac}`,
          hint: "lbplay lab inventory --provider vagrant learns how the machines are now",
        });
      }
      await must(["ip", "link", "set", "dev", end.name, plugged ? "up" : "down"]);
    },
    freeze: async (id) => void (await must(["lxc-freeze", "--name", id])),
    thaw: async (id) => void (await must(["lxc-unfreeze", "--name", id])),
    kill: async (id) => void (await must(["lxc-stop", "--name", id, "--kill"])),
  };
};

interface HostEnd {
  readonly name: string;
  readonly up: boolean;
}

/** `2: eth0@if17: <…> … link/ether 00:16:3e:…`: the host numbers the other end 17. */
const peerIndex = (links: string, mac: string): string | null => {
  const line = links.split("\n").find((one) => one.includes(`link/ether ${mac} `));
  return /^\d+: [^@]+@if(\d+): /.exec(line ?? "")?.[1] ?? null;
};

const hostLink = (links: string, index: string): HostEnd | null => {
  const [, name, flags = ""] = new RegExp(`^${index}: ([^@:]+)(?:@[^:]+)?: <([^>]*)>`, "m").exec(links) ?? [];
  return name === undefined ? null : { name, up: flags.split(",").includes("UP") };
};
