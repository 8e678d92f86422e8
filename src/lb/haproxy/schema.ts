import type { Schema } from "../../core/schema.ts";
import { duration, filled, flag, integer, lines, list, mapping, name, port, word } from "../schema-parts.ts";
import { backend, frontend, listen } from "./proxy-schema.ts";

const log = mapping("A syslog target.", {
  address: word("Where to: host:port over UDP, or a socket such as /dev/log.", { default: "127.0.0.1:514" }),
  facility: word("Syslog facility.", { default: "local2", pattern: "^[a-z0-9]+$" }),
  level: word("Only messages at least this severe; all of them if left out.", {
    enum: ["emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"],
  }),
  format: word("Message format: rfc3164 or rfc5424.", { enum: ["rfc3164", "rfc5424", "local"] }),
  length: integer("Longest line in bytes; 1024 if left out.", { minimum: 80, maximum: 65535 }),
});

const global = mapping("Settings of the whole process.", {
  logs: {
    ...list("Syslog targets.", log),
    default: [{ address: "127.0.0.1:514", facility: "local2", level: null, format: null, length: null }],
  },
  log_tag: name("Name of the program in log lines; haproxy if left out."),
  chroot: word("Directory to be locked into; an empty text for none.", { default: "/var/lib/haproxy" }),
  user: word("User to run as once ports and keys are open.", { default: "haproxy" }),
  group: word("Group to run as.", { default: "haproxy" }),
  maxconn: integer("Connections at the same time, all frontends together.", { minimum: 1, default: 8000 }),
  ulimit_n: integer(
    "Limit of open files. Leave it out: haproxy takes what maxconn needs, which is a little more than twice as many.",
    { minimum: 1 },
  ),
  daemon: flag("Go to the background. Not under systemd, which wants the master in the foreground.", false),
  pidfile: word("File for the process id. Not needed under systemd."),
  stats_socket: word("Administration socket; an empty text for none.", {
    default: "/run/haproxy/admin.sock",
  }),
  stats_socket_mode: word("Permissions of that socket.", { default: "660", pattern: "^0?[0-7]{3}$" }),
  stats_socket_user: name("Its owner, where that is not root."),
  stats_socket_group: name("Its group, for operators who are not root."),
  stats_socket_level: word("What its users may do.", {
    default: "admin",
    enum: ["user", "operator", "admin"],
  }),
  server_state_file: word(
    "File from which a reloaded haproxy learns which servers were down or in maintenance. The role writes it before each reload.",
    { pattern: "^/[^\\s]+$" },
  ),
  hard_stop_after: duration("How long the workers of before a reload may finish their connections.", "15m"),
  nbthread: integer("Threads; one per processor if left out.", { minimum: 1 }),
  tls_profile: word("intermediate: TLS 1.2 and 1.3 with forward secrecy; modern: TLS 1.3 alone.", {
    enum: ["intermediate", "modern"],
    default: "intermediate",
  }),
  ocsp_update: flag("Fetch OCSP answers for all certificates and staple them.", false),
  ca_base: word("Directory of relative ca-file names."),
  crt_base: word("Directory of relative crt names."),
  raw: lines("Further lines of this section, as they shall stand."),
});

const defaults = mapping("What holds for every proxy that does not say otherwise.", {
  mode: word("http or tcp.", { enum: ["http", "tcp"], default: "http" }),
  maxconn: integer("Connections at the same time of each frontend; global.maxconn if left out.", {
    minimum: 1,
  }),
  retries: integer("Further attempts to connect to a server.", { minimum: 0, default: 3 }),
  redispatch: flag("Let the last attempt go to another server.", true),
  log_format: word("Form of log lines, as log-format knows it; httplog or tcplog if left out."),
  log_health_checks: flag("Log each change of a server's health.", true),
  timeouts: filled(
    mapping("How long to wait, with units.", {
      connect: duration("For a server to accept a connection.", "5s"),
      client: duration("For a silent client.", "1m"),
      server: duration("For a silent server.", "1m"),
      http_request: duration("For a whole request header; what stops a slow-header attack.", "10s"),
      http_keep_alive: duration("For the next request on a kept connection.", "10s"),
      queue: duration("In the queue of a full server.", "30s"),
      check: duration("For a health check's answer once connected.", "5s"),
      tunnel: duration("For silence after a protocol upgrade such as WebSocket.", "1h"),
      client_fin: duration("For a client that has closed its half.", "30s"),
      server_fin: duration("For a server that has closed its half."),
      tarpit: duration("Of a tarpitted request."),
    }),
  ),
  errorfiles: errorfiles(),
  options: lines("Options by name, e.g. splice-auto."),
  raw: lines("Further lines of this section, as they shall stand."),
});

function errorfiles(): Schema {
  return {
    type: "object",
    description: "Files to answer with, by status: a whole HTTP response each.",
    additionalProperties: { type: "string", pattern: "^/[^\\s]+$" },
    default: {},
  };
}

const health = mapping("A listener on the node itself that answers 200 as long as haproxy works.", {
  address: word("Address; leave it on loopback.", { default: "127.0.0.1" }),
  port: integer("Port; 0 for no such listener.", { minimum: 0, maximum: 65535, default: 8404 }),
  uri: word("Path that answers.", { default: "/healthz", pattern: "^/[^\\s]*$" }),
});

const secret = (description: string, more: Schema): Schema =>
  word(description, { "x-secret": true, ...more });

const user: Readonly<Record<string, Schema>> = {
  name: name("User name."),
  password: secret("Password, in clear text in the file.", { minLength: 8, pattern: "^[^\\s]+$" }),
  password_hash: secret("Instead of it: the password as crypt makes it, e.g. by mkpasswd -m sha-256.", {
    pattern: "^[$./0-9A-Za-z=,-]{13,}$",
  }),
};

const stats = mapping("The statistics page.", {
  address: word("Address to listen on; other than loopback only with users.", { default: "127.0.0.1" }),
  port: port("Port.", { default: 8405 }),
  uri: word("Path of the page.", { default: "/stats", pattern: "^/[^\\s]*$" }),
  refresh: duration("How often the page reloads itself.", "10s"),
  realm: word("What the browser shows when it asks for the password."),
  admin: flag("Let its users take servers out and put them back; needs users.", false),
  prometheus: word("Path of the numbers in Prometheus' form, on the same port.", { pattern: "^/[^\\s]*$" }),
  users: list("Who may see it.", mapping("A user.", user, ["name"])),
  certificate: word("PEM bundle for TLS on this page.", { pattern: "^/[^\\s]+$" }),
  raw: lines("Further lines of this section, as they shall stand."),
});

const userlist = mapping(
  "Users for auth.",
  {
    name: name("Name of the list."),
    users: {
      ...list(
        "The users.",
        mapping("A user.", { ...user, groups: lines("Groups, for http_auth_group.") }, ["name"]),
      ),
      minItems: 1,
    },
  },
  ["name", "users"],
);

const cache = mapping(
  "A small cache in memory for answers that may be kept.",
  {
    name: name("By which proxies refer to it."),
    total_max_size: integer("Its size in mebibytes.", { minimum: 1, maximum: 4095, default: 64 }),
    max_age: integer("Seconds after which an answer is asked for again at the latest.", {
      minimum: 1,
      default: 60,
    }),
    max_object_size: integer("Largest answer in bytes; 1/256 of the cache if left out.", { minimum: 1 }),
  },
  ["name"],
);

const resolvers = mapping(
  "Name servers that keep host names of servers up to date.",
  {
    name: name("By which servers refer to it."),
    nameservers: list(
      "The name servers.",
      mapping(
        "A name server.",
        {
          name: name("Its name."),
          address: word("IP address.", { pattern: "^[^\\s]+$" }),
          port: port("Port.", { default: 53 }),
        },
        ["name", "address"],
      ),
    ),
    system: flag("Use those of /etc/resolv.conf too.", false),
    hold_valid: duration("How long an answer holds.", "10s"),
  },
  ["name"],
);

const peers = mapping(
  "The pair's exchange of stick tables, so that persistence survives a failover.",
  {
    name: name("Name of the section."),
    port: port("Port between the nodes.", { default: 10000 }),
    nodes: list(
      "All nodes, each under the name that it calls itself (its host name).",
      mapping("A node.", { name: name("Host name."), address: word("Address.", { pattern: "^[^\\s]+$" }) }, [
        "name",
        "address",
      ]),
    ),
  },
  ["name", "nodes"],
);

/** The properties of an haproxy.cfg, for the module's schema and for validation. */
export const haproxyProperties: Readonly<Record<string, Schema>> = {
  global: filled(global),
  defaults: filled(defaults),
  health: filled(health),
  stats,
  peers,
  resolvers: list("Name servers for servers that are given by host name.", resolvers),
  caches: list("Caches for proxies to use.", cache),
  userlists: list("Lists of users for auth.", userlist),
  frontends: list("What accepts connections.", frontend),
  backends: list("Where they go.", backend),
  listens: list("Both in one, for plain TCP services mostly.", listen),
  raw: lines("Further sections, line by line, as they shall stand at the end."),
};
