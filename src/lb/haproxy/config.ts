import type { Place, SourceText } from "../../core/error.ts";
import type { SyntaxProblem, Word } from "../syntax.ts";
import type { HaproxySection } from "./syntax.ts";

/** A line of a section that says something. */
export interface Directive {
  /** `bind`, `server`, `timeout client`, `option httpchk`, `http-request`: of `option`, `timeout`, `stats`, `errorfile`… the first two words. */
  readonly keyword: string;
  /** The line begins with `no` or `default`. */
  readonly prefix: "no" | "default" | null;
  /** All words of the line, a prefix left out. */
  readonly words: readonly Word[];
  /** What follows the keyword. */
  readonly args: readonly Word[];
  readonly at: Place;
  /** Stands between `.if` and `.endif`, and only the daemon can tell whether it holds (a feature, a variable of its environment). */
  readonly conditional: boolean;
}

/** The options of a bind or server line: name to what follows it, `ssl` to nothing, `inter` to its value. */
export type LineOptions = ReadonlyMap<string, readonly Word[]>;

/** One address that a proxy listens on; a bind line with several addresses is several. */
export interface Bind {
  readonly at: Place;
  /** `*`, an IPv4 or IPv6 address without brackets, a path for unix sockets, or as written (`fd@3`, `abns@x`, `$VAR`). */
  readonly address: string;
  readonly family: "ipv4" | "ipv6" | "unix" | "other";
  /** First and last port; null for unix sockets and where a variable stands. */
  readonly ports: readonly [number, number] | null;
  /** `udp` for QUIC and datagrams. */
  readonly protocol: "tcp" | "udp";
  readonly options: LineOptions;
}

/** A server line, with what `default-server` lines before it and in its defaults gave. */
export interface Server {
  readonly at: Place;
  readonly name: string;
  readonly address: string;
  readonly port: number | null;
  /** Inherited from default-server where the line does not say otherwise; `no-check` and the like have removed what they remove. */
  readonly options: LineOptions;
  /** Of a server-template: how many. */
  readonly count: number;
}

/** A frontend, backend or listen section, with its defaults. */
export interface ProxySection {
  readonly kind: "frontend" | "backend" | "listen";
  readonly name: string;
  readonly at: Place;
  readonly mode: string;
  /** The section's own lines, in order. */
  readonly directives: readonly Directive[];
  /** The lines of the defaults section that holds for it, in order; empty where there is none. */
  readonly inherited: readonly Directive[];
  readonly binds: readonly Bind[];
  readonly servers: readonly Server[];
}

/** What a haproxy.cfg says. Several files (a conf.d) are one configuration. */
export interface HaproxyConfig {
  readonly sources: readonly SourceText[];
  readonly global: readonly Directive[];
  readonly proxies: readonly ProxySection[];
  /** All sections as written, also those that are no proxies (peers, resolvers, userlist, cache, …). */
  readonly sections: readonly HaproxySection[];
  readonly problems: readonly SyntaxProblem[];
}
