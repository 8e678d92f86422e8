import type { KeepalivedConfig, VirtualAddress } from "../keepalived/config.ts";
import type { LiveState } from "./state.ts";

/** A load balancer of a pair: what was seen of it, or why nothing was, and what its keepalived.conf says. */
export interface LiveNode {
  readonly name: string;
  readonly seen:
    | { readonly kind: "seen"; readonly state: LiveState }
    | { readonly kind: "unreachable"; readonly reason: string };
  /** null: it has none, or was not reached. */
  readonly keepalived: KeepalivedConfig | null;
}

/** What was seen of a node; null where it was not reached. */
export const stateOf = ({ seen }: LiveNode): LiveState | null => (seen.kind === "seen" ? seen.state : null);

/** The virtual addresses that a node's keepalived.conf names. */
export const virtualAddresses = ({ keepalived }: Pick<LiveNode, "keepalived">): readonly VirtualAddress[] =>
  keepalived?.instances.flatMap((instance) => instance.virtualAddresses) ?? [];

/** The virtual addresses of all nodes, each once, in the order of their files. */
export const allAddresses = (nodes: readonly LiveNode[]): readonly string[] => [
  ...new Set(nodes.flatMap((node) => virtualAddresses(node).map(({ address }) => address))),
];

/** The virtual addresses that a node has. */
export const heldBy = (node: LiveNode, addresses: readonly string[]): readonly string[] =>
  addresses.filter((address) => stateOf(node)?.addresses.has(address));
