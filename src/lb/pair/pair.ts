import type { HaproxyConfig } from "../haproxy/config.ts";
import type { KeepalivedConfig } from "../keepalived/config.ts";
import type { NodeFacts } from "./facts.ts";

/** One load balancer of a pair: what its daemons are told, and what is known of the machine. */
export interface PairNode {
  readonly name: string;
  /** null: it has none, or none was given. */
  readonly haproxy: HaproxyConfig | null;
  readonly keepalived: KeepalivedConfig | null;
  readonly facts: NodeFacts | null;
}

/** What an inventory says of a pair: the variable `lbplay_pair` of the group that is one. */
export interface PairSettings {
  /** Longest time without an answer that a run may cost, in milliseconds; null: none is declared. */
  readonly maxOutageMs: number | null;
  /** Who owns the addresses when all is well: a node, or null to leave them where they are. */
  readonly prefer: string | null;
  /** What the continuity probe asks: `http://192.0.2.10/`, `https://…`, `tcp://192.0.2.10:443`; null: found from the configuration. */
  readonly probe: string | null;
  /** The inventory host that asks; null: the controller. */
  readonly probeFrom: string | null;
  /** Rules of lint that are off, each with the reason. */
  readonly lintOff: ReadonlyMap<string, string>;
}

/** Nodes that share virtual addresses: two as a rule, or more. */
export interface Pair {
  /** The inventory's group, or of files the word `files`. */
  readonly name: string;
  readonly nodes: readonly PairNode[];
  readonly settings: PairSettings;
}
