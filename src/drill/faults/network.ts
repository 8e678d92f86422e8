import { quote } from "../../core/shell.ts";
import { DRILL_DIRECTORY } from "../guard.ts";
import { predictedEvent } from "../predictions.ts";
import { type Capabilities, type Fault, planned, type Subject } from "./fault.ts";
import { type Blocked, blockScript, noFilter, unblockScript } from "./filter.ts";

/** VRRP is IP protocol 112. */
const VRRP: readonly Blocked[] = (["input", "output"] as const).map((chain) => ({
  chain,
  nft: "meta l4proto 112 drop",
  ipv4: "-p 112 -j DROP",
  ipv6: "-p 112 -j DROP",
}));

const NONE: Capabilities = { nft: false, iptables: false, systemd: false };

const vrrpBlock: Fault = {
  id: "vrrp-block",
  title: "VRRP blocked by a firewall (split brain)",
  injection: "a firewall on the owner drops VRRP both ways, in a table or rules of its own",
  undo: "the rules are removed",
  plan: (subject) => {
    const { owner, capabilities } = subject;
    const lack = noFilter(owner.name, capabilities.get(owner.name));
    if (lack !== null) return { because: lack };
    const able = capabilities.get(owner.name) ?? NONE;
    const predicted = predictedEvent(subject, "partition");
    return planned({
      nodes: [owner.name],
      scripts: { inject: blockScript(VRRP, able), undo: unblockScript(VRRP, able) },
      predicted,
      // Which of the two owners a client gets to is the network's affair.
      served: false,
    });
  },
};

const cable: Fault = {
  id: "cable",
  title: "cable pulled",
  injection: "the interface of the addresses is set down on the owner, also where ssh comes that way",
  undo: "the node sets it up again by itself, with its addresses and routes",
  plan: (subject) => {
    const { owner, addresses } = subject;
    const interfaces = interfacesOf(subject);
    if (interfaces.length === 0)
      return { because: `the keepalived.conf of ${owner.name} names no interface` };
    const predicted = predictedEvent(subject, "cable");
    return planned({
      nodes: [owner.name],
      scripts: {
        inject: interfaces.map((name) => downScript(name, addresses)).join("\n"),
        undo: interfaces.map(upScript).join("\n"),
      },
      way: "cut",
      predicted,
    });
  },
};

const interfacesOf = ({ owner }: Subject): readonly string[] => [
  ...new Set(
    (owner.keepalived?.instances ?? []).flatMap(({ interface: own }) => (own === null ? [] : [own.text])),
  ),
];

/** What the kernel forgets with the link is kept: routes, and addresses of IPv6 that are not keepalived's. */
const downScript = (name: string, virtual: readonly string[]): string => {
  const dev = quote(name);
  const others = virtual.map((address) => ` -e ${quote(` ${address}/`)}`).join("");
  return [
    DRILL_DIRECTORY,
    `ip -o -4 route show dev ${dev} | grep -v 'proto kernel' >"$d/${name}.routes4"`,
    `ip -o -6 route show dev ${dev} | grep -v -e 'proto kernel' -e 'proto ra' >"$d/${name}.routes6"`,
    `ip -o -6 addr show dev ${dev} scope global | grep -v dynamic | grep -vF${others === "" ? " -e lbplay" : others} | sed 's/.* inet6 \\([^ ]*\\).*/\\1/' >"$d/${name}.addresses6"`,
    `ip link set ${dev} down`,
  ].join("\n");
};

const upScript = (name: string): string => {
  const dev = quote(name);
  return [
    DRILL_DIRECTORY,
    `ip link set ${dev} up; code=$?`,
    `turn=0; until [ "$(cat /sys/class/net/${dev}/carrier 2>/dev/null)" = 1 ] || [ $turn -ge 50 ]; do sleep 0.1; turn=$((turn + 1)); done`,
    `while read -r address; do ip -6 addr add "$address" dev ${dev} 2>/dev/null; done <"$d/${name}.addresses6" 2>/dev/null`,
    ...["4", "6"].map(
      (family) =>
        `sed -e 's/ linkdown//' -e 's/ dead//' "$d/${name}.routes${family}" 2>/dev/null | while read -r route; do ip -${family} route replace $route dev ${dev} 2>/dev/null; done`,
    ),
    `[ $code = 0 ]`,
  ].join("\n");
};

/** Faults of the network around the owner. */
export const NETWORK_FAULTS: readonly Fault[] = [vrrpBlock, cable];
