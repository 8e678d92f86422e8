/** The parts of haproxy.cfg that carry traffic. Absent is null; times are texts with a unit (`10s`). */
export interface Frontend extends Section, Entrance {
  readonly default_backend: string | null;
  readonly use_backends: readonly UseBackend[];
}

export interface Backend extends Section, Farm {}

export interface Listen extends Section, Entrance, Farm {}

export type Mode = "http" | "tcp";

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

/** What every kind of proxy has. */
export interface Section {
  readonly name: string;
  readonly description: string | null;
  readonly mode: Mode | null;
  readonly maxconn: number | null;
  readonly timeouts: Timeouts | null;
  readonly log_format: string | null;
  readonly options: readonly string[];
  readonly acls: readonly Acl[];
  readonly stick_table: string | StickTable | null;
  readonly tcp_request: readonly string[];
  readonly tcp_response: readonly string[];
  readonly auth: Auth | null;
  readonly http_request: readonly string[];
  readonly http_response: readonly string[];
  readonly errorfiles: Readonly<Record<string, string>>;
  readonly compression: Compression | null;
  readonly cache: string | null;
  readonly raw: readonly string[];
}

export interface Acl {
  readonly name: string;
  readonly test: string;
}

export interface StickTable {
  readonly type: "ip" | "ipv6" | "integer" | "string" | "binary";
  readonly length: number | null;
  readonly size: string;
  readonly expire: string | null;
  readonly store: readonly string[];
  readonly peers: string | null;
  readonly nopurge: boolean;
}

export interface Auth {
  readonly userlist: string;
  readonly realm: string;
  readonly except: readonly string[];
}

export interface Compression {
  readonly algorithms: readonly string[];
  readonly types: readonly string[];
  readonly offload: boolean;
}

/** What accepts connections. */
export interface Entrance {
  readonly binds: readonly Bind[];
  readonly forwarded: boolean;
  readonly forwarded_host: boolean;
  readonly trusted_proxies: readonly string[];
  readonly redirect_https: RedirectHttps | null;
  readonly hsts: string | null;
  readonly hsts_options: readonly string[];
  readonly rate_limit: RateLimit | null;
  readonly monitor_uri: string | null;
}

export interface Bind {
  readonly address: string;
  readonly port: number | null;
  readonly tls: boolean;
  readonly certificates: readonly string[];
  readonly crt_list: string | null;
  readonly strict_sni: boolean;
  readonly tls_min: string | null;
  readonly alpn: readonly string[];
  readonly client_ca: string | null;
  readonly client_crl: string | null;
  readonly client_verify: "none" | "optional" | "required" | null;
  readonly accept_proxy: boolean;
  readonly interface: string | null;
  readonly transparent: boolean;
  readonly raw: string | null;
}

export interface RedirectHttps {
  readonly code: number;
  readonly port: number;
  readonly except: readonly string[];
}

/** In mode http requests per client, in mode tcp connections. */
export interface RateLimit {
  readonly limit: number;
  readonly period: string;
  readonly status: number;
  readonly size: string;
  readonly except: readonly string[];
}

/** All that is given must hold. */
export interface UseBackend {
  readonly backend: string;
  readonly hosts: readonly string[];
  readonly paths: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly sni: readonly string[];
  readonly if: string | null;
  readonly unless: string | null;
}

/** What speaks to servers. */
export interface Farm {
  readonly balance: string | null;
  readonly hash_type: string | null;
  readonly check: Check | null;
  readonly cookie: Cookie | null;
  readonly dynamic_cookie_key: string | null;
  readonly stick: readonly string[];
  readonly retries: number | null;
  readonly redispatch: boolean | null;
  readonly retry_on: readonly string[];
  readonly retry_methods: readonly string[];
  readonly http_reuse: string | null;
  readonly fullconn: number | null;
  readonly default_server: string | null;
  readonly servers: readonly Server[];
}

export interface Check {
  readonly kind: "connect" | "http" | "tcp" | "redis" | "mysql" | "pgsql" | "smtp" | "ldap";
  readonly method: string;
  readonly uri: string;
  readonly host: string | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  readonly version: string;
  readonly expect: string | null;
  readonly disable_on_404: boolean;
  readonly steps: readonly string[];
  /** Of database checks; the host's name in smtp checks. */
  readonly user: string | null;
  readonly port: number | null;
  readonly tls: boolean;
  readonly sni: string | null;
  readonly verify: boolean;
  readonly ca_file: string | null;
  readonly interval: string;
  readonly fast_interval: string | null;
  readonly down_interval: string | null;
  readonly fall: number;
  readonly rise: number;
}

/** Where a switch is null, it is on for kind insert without options, if that is the sensible thing. */
export interface Cookie {
  readonly name: string;
  readonly kind: "insert" | "prefix" | "rewrite";
  readonly indirect: boolean | null;
  readonly nocache: boolean | null;
  readonly httponly: boolean | null;
  readonly secure: boolean;
  readonly postonly: boolean;
  readonly preserve: boolean;
  readonly dynamic: boolean;
  readonly domains: readonly string[];
  readonly max_idle: string | null;
  readonly max_life: string | null;
  readonly attributes: readonly string[];
  readonly options: readonly string[];
}

export interface Server {
  readonly name: string;
  readonly address: string;
  readonly port: number | null;
  readonly check: boolean;
  readonly check_address: string | null;
  readonly check_port: number | null;
  readonly check_tls: boolean;
  readonly check_sni: string | null;
  readonly interval: string | null;
  readonly fall: number | null;
  readonly rise: number | null;
  readonly agent_port: number | null;
  readonly agent_address: string | null;
  readonly agent_interval: string | null;
  readonly agent_send: string | null;
  readonly observe: "layer4" | "layer7" | null;
  readonly error_limit: number | null;
  readonly on_error: string | null;
  readonly on_marked_down: string | null;
  readonly track: string | null;
  readonly weight: number | null;
  readonly minconn: number | null;
  readonly maxconn: number | null;
  readonly maxqueue: number | null;
  readonly cookie: string | null;
  readonly backup: boolean;
  readonly disabled: boolean;
  readonly tls: ServerTls | null;
  readonly source: string | null;
  readonly resolvers: string | null;
  readonly init_addr: string | null;
  readonly send_proxy: "v1" | "v2" | null;
  readonly slowstart: string | null;
  readonly raw: string | null;
}

export interface ServerTls {
  readonly verify: boolean;
  readonly ca_file: string | null;
  readonly crl_file: string | null;
  readonly sni: string | null;
  readonly verify_host: string | null;
  readonly certificate: string | null;
  readonly tls_min: string | null;
  readonly alpn: readonly string[];
}
