import type { Backend, Frontend, Listen, Mode, Timeouts } from "./proxy-model.ts";

/** haproxy.cfg as data. Absent is null; times are texts with a unit (`10s`). */
export interface HaproxyModel {
  readonly global: Global;
  readonly defaults: Defaults;
  readonly health: Health | null;
  readonly stats: Stats | null;
  readonly peers: Peers | null;
  readonly resolvers: readonly Resolvers[];
  readonly caches: readonly Cache[];
  readonly userlists: readonly Userlist[];
  readonly frontends: readonly Frontend[];
  readonly backends: readonly Backend[];
  readonly listens: readonly Listen[];
  /** Whole sections as they shall stand, after ours. */
  readonly raw: readonly string[];
}

export interface LogTarget {
  readonly address: string;
  readonly facility: string;
  readonly level: string | null;
  readonly format: string | null;
  /** Longest line in bytes; null: 1024. */
  readonly length: number | null;
}

export interface Global {
  readonly logs: readonly LogTarget[];
  readonly log_tag: string | null;
  readonly chroot: string | null;
  readonly user: string | null;
  readonly group: string | null;
  readonly maxconn: number | null;
  /** null: haproxy takes what its maxconn needs. */
  readonly ulimit_n: number | null;
  readonly daemon: boolean;
  readonly pidfile: string | null;
  readonly stats_socket: string | null;
  readonly stats_socket_mode: string;
  readonly stats_socket_user: string | null;
  readonly stats_socket_group: string | null;
  readonly stats_socket_level: "user" | "operator" | "admin";
  readonly server_state_file: string | null;
  readonly hard_stop_after: string | null;
  readonly nbthread: number | null;
  readonly tls_profile: "modern" | "intermediate";
  readonly ocsp_update: boolean;
  readonly ca_base: string | null;
  readonly crt_base: string | null;
  readonly raw: readonly string[];
}

export interface Defaults {
  readonly mode: Mode;
  readonly maxconn: number | null;
  readonly retries: number | null;
  readonly redispatch: boolean;
  readonly log_health_checks: boolean;
  readonly log_format: string | null;
  readonly timeouts: Timeouts;
  readonly errorfiles: Readonly<Record<string, string>>;
  readonly options: readonly string[];
  readonly raw: readonly string[];
}

/** A listener on loopback that answers as long as haproxy works: for polled trackers and for gates. */
export interface Health {
  readonly address: string;
  readonly port: number;
  readonly uri: string;
}

export interface Stats {
  readonly address: string;
  readonly port: number;
  readonly uri: string;
  readonly refresh: string | null;
  readonly realm: string | null;
  /** Whether its users may take servers out and put them back. */
  readonly admin: boolean;
  /** Path of the numbers in Prometheus' form. */
  readonly prometheus: string | null;
  readonly users: readonly User[];
  readonly certificate: string | null;
  readonly raw: readonly string[];
}

/** One of password and password_hash. */
export interface User {
  readonly name: string;
  readonly password: string | null;
  /** As crypt(3) makes it. */
  readonly password_hash: string | null;
}

export interface Userlist {
  readonly name: string;
  readonly users: readonly (User & { readonly groups: readonly string[] })[];
}

export interface Cache {
  readonly name: string;
  /** Mebibytes. */
  readonly total_max_size: number;
  /** Seconds. */
  readonly max_age: number;
  /** Bytes. */
  readonly max_object_size: number | null;
}

export interface Resolvers {
  readonly name: string;
  readonly nameservers: readonly {
    readonly name: string;
    readonly address: string;
    readonly port: number;
  }[];
  readonly system: boolean;
  readonly hold_valid: string | null;
}

export interface Peers {
  readonly name: string;
  readonly port: number;
  readonly nodes: readonly { readonly name: string; readonly address: string }[];
}
