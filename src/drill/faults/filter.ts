import type { Capabilities } from "./fault.ts";

/** Packets that a drill keeps from a node, in the words of both firewalls. */
export interface Blocked {
  readonly chain: "input" | "output";
  /** Of nft: what follows the chain. */
  readonly nft: string;
  /** Of iptables, without the chain; null: that family has none. */
  readonly ipv4: string | null;
  readonly ipv6: string | null;
}

/** A table of our own: what others have in the firewall is not touched, and a drop in any table is final. */
const TABLE = "inet lbplay_drill";

/** Earlier than what anybody else's chains do. */
const PRIORITY = -350;

const MARK = "-m comment --comment lbplay-drill";

/** Shell text that blocks packets: in a table of its own with nft, else with rules of iptables that carry a mark. */
export const blockScript = (blocked: readonly Blocked[], { nft }: Capabilities): string =>
  nft
    ? [
        `nft delete table ${TABLE} 2>/dev/null`,
        "nft -f - <<'RULES'",
        `table ${TABLE} {`,
        ...(["input", "output"] as const).flatMap((chain) => [
          `  chain ${chain} {`,
          `    type filter hook ${chain} priority ${PRIORITY}; policy accept;`,
          ...blocked.filter((one) => one.chain === chain).map((one) => `    ${one.nft}`),
          "  }",
        ]),
        "}",
        "RULES",
      ].join("\n")
    : blocked.flatMap((one) => iptables("-I", one)).join(" &&\n");

/** Shell text that lets everything through again; fails where something is left. */
export const unblockScript = (blocked: readonly Blocked[], { nft }: Capabilities): string =>
  nft
    ? `nft delete table ${TABLE} 2>/dev/null\n! nft list table ${TABLE} >/dev/null 2>&1`
    : [
        ...blocked.flatMap((one) =>
          iptables("-D", one).map((line) => `while ${line} 2>/dev/null; do :; done`),
        ),
        "! { iptables -S; ip6tables -S 2>/dev/null; } | grep -q lbplay-drill",
      ].join("\n");

const iptables = (verb: "-I" | "-D", { chain, ipv4, ipv6 }: Blocked): readonly string[] => [
  ...(ipv4 === null
    ? []
    : [`iptables ${verb} ${chain.toUpperCase()} ${ipv4.replace(" -j ", ` ${MARK} -j `)}`]),
  ...(ipv6 === null
    ? []
    : [`ip6tables ${verb} ${chain.toUpperCase()} ${ipv6.replace(" -j ", ` ${MARK} -j `)}`]),
];

/** Why a node's packets cannot be blocked; null: they can. */
export const noFilter = (node: string, capabilities: Capabilities | undefined): string | null =>
  capabilities?.nft || capabilities?.iptables ? null : `${node} has neither nft nor iptables`;
