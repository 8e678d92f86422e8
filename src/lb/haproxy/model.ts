/** haproxy.cfg as data. Absent is null; times are texts with a unit (`10s`). */
export interface HaproxyModel {
  readonly global: Global;
  readonly defaults: Defaults;
  readonly health: Health | null;
  readonly stats: Stats | null;
  readonly peers: Peers | null;
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
}

export interface Global {
  readonly logs: readonly LogTarget[];
  readonly chroot: string | null;
  readonly user: string | null;
  readonly group: string | null;
  readonly maxconn: number | null;
  readonly daemon: boolean;
  readonly pidfile: string | null;
  readonly stats_socket: string | null;
  readonly stats_socket_mode: string;
  readonly stats_socket_level: "user" | "operator" | "admin";
  readonly hard_stop_after: string | null;
  readonly nbthread: number | null;
  readonly tls_profile: "modern" | "intermediate";
  readonly ca_base: string | null;
  readonly crt_base: string | null;
  readonly raw: readonly string[];
}

export interface Timeouts {
  readonly connect: string | null;
  readonly client: string | null;
  readonly server: string | null;
  readonly http_request: string | null;
  readonly http_keep_alive: string | null;
  readonly queue: string | null;
  readonly check: string | null;
  readonly tunnel: string | null;
  readonly client_fin: string | null;
  readonly server_fin: string | null;
  readonly tarpit: string | null;
}

export interface Defaults {
  readonly mode: Mode;
  readonly maxconn: number | null;
  readonly retries: number | null;
  readonly redispatch: boolean;
  readonly log_health_checks: boolean;
  readonly timeouts: Timeouts;
  readonly errorfiles: Readonly<Record<string, string>>;
  readonly options: readonly string[];
  readonly raw: readonly string[];
}

export type Mode = "http" | "tcp";

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
  readonly users: readonly StatsUser[];
  readonly certificate: string | null;
}

export interface StatsUser {
  readonly name: string;
  readonly password: string;
}

export interface Peers {
  readonly name: string;
  readonly port: number;
  readonly nodes: readonly { readonly name: string; readonly address: string }[];
}

export interface Bind {
  readonly address: string;
  readonly port: number | null;
  readonly tls: boolean;
  readonly certificates: readonly string[];
  readonly alpn: readonly string[];
  readonly client_ca: string | null;
  readonly client_verify: "none" | "optional" | "required" | null;
  readonly accept_proxy: boolean;
  readonly interface: string | null;
  readonly transparent: boolean;
  readonly raw: string | null;
}

export interface Acl {
  readonly name: string;
  readonly test: string;
}

/** What every kind of proxy has. */
export interface Section {
  readonly name: string;
  readonly description: string | null;
  readonly mode: Mode | null;
  readonly maxconn: number | null;
  readonly timeouts: Timeouts | null;
  readonly options: readonly string[];
  readonly acls: readonly Acl[];
  readonly stick_table: string | null;
  readonly tcp_request: readonly string[];
  readonly tcp_response: readonly string[];
  readonly http_request: readonly string[];
  readonly http_response: readonly string[];
  readonly errorfiles: Readonly<Record<string, string>>;
  readonly compression: Compression | null;
  readonly raw: readonly string[];
}

export interface Compression {
  readonly algorithms: readonly string[];
  readonly types: readonly string[];
}

/** What accepts connections. */
export interface Entrance {
  readonly binds: readonly Bind[];
  readonly forwarded: boolean;
  readonly trusted_proxies: readonly string[];
  readonly redirect_https: RedirectHttps | null;
  readonly hsts: string | null;
  readonly monitor_uri: string | null;
}

export interface RedirectHttps {
  readonly code: number;
  readonly port: number;
  readonly except: readonly string[];
}

export interface UseBackend {
  readonly backend: string;
  readonly if: string | null;
  readonly unless: string | null;
}

export interface Frontend extends Section, Entrance {
  readonly default_backend: string | null;
  readonly use_backends: readonly UseBackend[];
}

/** What speaks to servers. */
export interface Farm {
  readonly balance: string | null;
  readonly hash_type: string | null;
  readonly check: Check | null;
  readonly cookie: Cookie | null;
  readonly stick: readonly string[];
  readonly retries: number | null;
  readonly retry_on: readonly string[];
  readonly retry_methods: readonly string[];
  readonly fullconn: number | null;
  readonly servers: readonly Server[];
}

export interface Backend extends Section, Farm {}

export interface Listen extends Section, Entrance, Farm {}

export interface Check {
  readonly kind: "connect" | "http" | "tcp";
  readonly method: string;
  readonly uri: string;
  readonly host: string | null;
  readonly version: string;
  readonly expect: string | null;
  readonly steps: readonly string[];
  readonly interval: string;
  readonly fall: number;
  readonly rise: number;
}

export interface Cookie {
  readonly name: string;
  readonly kind: "insert" | "prefix" | "rewrite";
  readonly options: readonly string[];
}

export interface Server {
  readonly name: string;
  readonly address: string;
  readonly port: number | null;
  readonly check: boolean;
  readonly check_port: number | null;
  readonly check_tls: boolean;
  readonly agent_port: number | null;
  readonly weight: number | null;
  readonly maxconn: number | null;
  readonly cookie: string | null;
  readonly backup: boolean;
  readonly disabled: boolean;
  readonly tls: ServerTls | null;
  readonly send_proxy: "v1" | "v2" | null;
  readonly slowstart: string | null;
  readonly raw: string | null;
}

export interface ServerTls {
  readonly verify: boolean;
  readonly ca_file: string | null;
  readonly sni: string | null;
  readonly verify_host: string | null;
  readonly certificate: string | null;
  readonly alpn: readonly string[];
}
