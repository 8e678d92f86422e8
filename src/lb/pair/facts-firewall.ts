import { map, type Probe, read } from "../../core/probe.ts";
import { type Frame, frames, PUT, textOf } from "../live/frames.ts";
import type { FirewallFact, FirewallZone, NodeFacts } from "./facts.ts";

const SCRIPT = `
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
command -v timeout >/dev/null || timeout() { shift; "$@"; }
${PUT}
if command -v firewall-cmd >/dev/null && timeout 15 firewall-cmd --state >/dev/null 2>&1; then
  said=$(timeout 15 firewall-cmd --get-default-zone 2>/dev/null); put default $? "$said"
  said=$(timeout 15 firewall-cmd --list-all-zones 2>/dev/null); put runtime $? "$said"
  said=$(timeout 15 firewall-cmd --permanent --list-all-zones 2>/dev/null); put permanent $? "$said"
  put direct 0 "$(timeout 15 firewall-cmd --direct --get-all-rules 2>/dev/null; timeout 15 firewall-cmd --permanent --direct --get-all-rules 2>/dev/null)"
else
  if command -v iptables-save >/dev/null; then said=$(timeout 10 iptables-save -t filter 2>/dev/null); put iptables $? "$said"; fi
  if command -v nft >/dev/null; then said=$(timeout 10 nft list ruleset 2>/dev/null); put nftables $? "$said"; fi
fi`;

/** What filters packets that come in: firewalld where it runs, else the rules of iptables or nftables. */
export const firewallFacts: Probe<Pick<NodeFacts, "firewall">> = map(read(SCRIPT, frames), (all) => ({
  firewall: firewalldOf(all) ?? rulesOf(all),
}));

const firewalldOf = (all: readonly Frame[]): FirewallFact | null => {
  const [runtime, permanent] = [textOf(all, "runtime"), textOf(all, "permanent")];
  const standard = textOf(all, "default")?.trim() ?? "";
  if (runtime === null || permanent === null) return null;
  return {
    kind: "firewalld",
    runtime: zonesOf(runtime, standard),
    permanent: zonesOf(permanent, standard),
    direct: [...new Set((textOf(all, "direct") ?? "").split("\n").filter((line) => line !== ""))],
  };
};

/** The zones as `firewall-cmd --list-all-zones` prints them: a name, and below it what it has. */
const zonesOf = (text: string, standard: string): readonly FirewallZone[] =>
  text.split(/\n(?=\S)/).flatMap((block) => {
    const name = /^(\S+)/.exec(block.trim())?.[1];
    if (name === undefined) return [];
    const value = (key: string): string =>
      new RegExp(`^  ${key}: ?(.*)$`, "m").exec(block)?.[1]?.trim() ?? "";
    const words = (key: string): readonly string[] =>
      value(key)
        .split(/\s+/)
        .filter((word) => word !== "");
    const rich = /^ {2}rich rules: ?([\s\S]*)$/m.exec(block)?.[1] ?? "";
    return [
      {
        name,
        target: value("target"),
        isDefault: name === standard,
        interfaces: words("interfaces"),
        services: words("services"),
        ports: words("ports"),
        protocols: words("protocols"),
        richRules: rich
          .split("\n")
          .map((line) => line.trim())
          .filter((line) => line.startsWith("rule")),
      },
    ];
  });

const rulesOf = (all: readonly Frame[]): FirewallFact | null => {
  const [iptables, nftables] = [textOf(all, "iptables"), textOf(all, "nftables")];
  if (iptables !== null && /^(:INPUT (?!ACCEPT)|-A INPUT )/m.test(iptables))
    return { kind: "iptables", text: iptables };
  if (nftables !== null && /hook input/.test(nftables)) return { kind: "nftables", text: nftables };
  return iptables === null && nftables === null ? null : { kind: "none" };
};
