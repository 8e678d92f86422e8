import { must, run } from "./command.ts";
import { raiseSettings, restoreSettings } from "./host-settings.ts";
import { gatewayAddress, hostNames, subnetPrefix } from "./names.ts";
import { releaseSubnet } from "./subnet.ts";

/** Makes the bridge with its address, and the way out for the nodes; what is there already is kept. */
export const networkUp = async (stateRoot: string, id: string): Promise<void> => {
  const { bridge } = hostNames(id);
  if ((await run(["ip", "link", "show", bridge])).code !== 0) {
    await must([
      "ip",
      "link",
      "add",
      bridge,
      "type",
      "bridge",
      "stp_state",
      "0",
      "forward_delay",
      "0",
      "mcast_snooping",
      "0",
    ]);
  }
  await must(["ip", "address", "replace", `${gatewayAddress(id)}/24`, "dev", bridge]);
  await must(["ip", "link", "set", bridge, "up"]);
  await must(["nft", "-f", "-"], nftTable(id));
  await acceptForwarding(bridge);
  await raiseSettings(stateRoot);
};

/** Rules before a host's own (Docker's is to drop), which would else also stop frames between nodes. */
const forwardRules = (bridge: string): readonly (readonly string[])[] =>
  ["-i", "-o"].map((side) => ["FORWARD", side, bridge, "-j", "ACCEPT"]);

const acceptForwarding = async (bridge: string): Promise<void> => {
  const { code, stdout } = await run(["iptables", "-w", "-S", "FORWARD"]);
  if (code !== 0 || !stdout.startsWith("-P FORWARD DROP")) return;
  for (const rule of forwardRules(bridge)) {
    if ((await run(["iptables", "-w", "-C", ...rule])).code !== 0)
      await must(["iptables", "-w", "-I", ...rule]);
  }
};

/** Whatever the host's policy has become meanwhile. */
const removeForwardRules = async (bridge: string): Promise<void> => {
  for (const rule of forwardRules(bridge)) {
    if ((await run(["iptables", "-w", "-C", ...rule])).code === 0)
      await must(["iptables", "-w", "-D", ...rule]);
  }
};

/**
 * Nodes reach the world as the host; the world does not reach nodes.
 * Where br_netfilter is on, frames between nodes pass here too, and must keep their sender: VRRP checksums contain it.
 */
export const nftTable = (id: string): string => {
  const { bridge, table } = hostNames(id);
  const subnet = `${subnetPrefix(id)}.0/24`;
  return `table ip ${table}
delete table ip ${table}
table ip ${table} {
  chain way_out {
    type nat hook postrouting priority srcnat;
    oifname != "${bridge}" ip saddr ${subnet} masquerade
  }
  chain way_in {
    type filter hook forward priority filter;
    oifname "${bridge}" iifname != "${bridge}" ct state != { established, related } drop
    iifname "${bridge}" tcp flags syn tcp option maxseg size set rt mtu
  }
}
`;
};

/** Removes what networkUp made, gives the subnet back, and restores the host's settings after the last lab; twice is fine. */
export const networkDown = async (stateRoot: string, id: string): Promise<void> => {
  const { bridge, table } = hostNames(id);
  if ((await run(["nft", "list", "table", "ip", table])).code === 0)
    await must(["nft", "delete", "table", "ip", table]);
  if ((await run(["ip", "link", "show", bridge])).code === 0) await must(["ip", "link", "delete", bridge]);
  await removeForwardRules(bridge);
  await restoreSettings(stateRoot, () => releaseSubnet(stateRoot, id));
};
