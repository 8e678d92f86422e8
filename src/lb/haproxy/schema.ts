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
});

const global = mapping("Settings of the whole process.", {
  logs: {
    ...list("Syslog targets.", log),
    default: [{ address: "127.0.0.1:514", facility: "local2", level: null, format: null }],
  },
  chroot: word("Directory to be locked into; an empty text for none.", { default: "/var/lib/haproxy" }),
  user: word("User to run as once ports and keys are open.", { default: "haproxy" }),
  group: word("Group to run as.", { default: "haproxy" }),
  maxconn: integer("Connections at the same time, all frontends together.", { minimum: 1, default: 8000 }),
  daemon: flag("Go to the background. Not under systemd, which wants the master in the foreground.", false),
  pidfile: word("File for the process id. Not needed under systemd."),
  stats_socket: word("Administration socket; an empty text for none.", {
    default: "/run/haproxy/admin.sock",
  }),
  stats_socket_mode: word("Permissions of that socket.", { default: "660", pattern: "^0?[0-7]{3}$" }),
  stats_socket_level: word("What its users may do.", {
    default: "admin",
    enum: ["user", "operator", "admin"],
  }),
  hard_stop_after: duration("How long the workers of before a reload may finish their connections.", "15m"),
  nbthread: integer("Threads; one per processor if left out.", { minimum: 1 }),
  tls_profile: word("intermediate: TLS 1.2 and 1.3 with forward secrecy; modern: TLS 1.3 alone.", {
    enum: ["intermediate", "modern"],
    default: "intermediate",
  }),
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
    additionalProperties: { type: "string", pattern: "^/" },
    default: {},
  };
}

const health = mapping("A listener on the node itself that answers 200 as long as haproxy works.", {
  address: word("Address; leave it on loopback.", { default: "127.0.0.1" }),
  port: integer("Port; 0 for no such listener.", { minimum: 0, maximum: 65535, default: 8404 }),
  uri: word("Path that answers.", { default: "/healthz", pattern: "^/[^ ]*$" }),
});

const stats = mapping(
  "The statistics page.",
  {
    address: word("Address to listen on; other than loopback only with users.", { default: "127.0.0.1" }),
    port: port("Port.", { default: 8405 }),
    uri: word("Path of the page.", { default: "/stats", pattern: "^/[^ ]*$" }),
    refresh: duration("How often the page reloads itself.", "10s"),
    users: list(
      "Who may see it.",
      mapping(
        "A user.",
        {
          name: name("User name."),
          password: word("Password.", { "x-secret": true, minLength: 8, pattern: "^[^\\s]+$" }),
        },
        ["name", "password"],
      ),
    ),
    certificate: word("PEM bundle for TLS on this page.", { pattern: "^/" }),
  },
  [],
);

const peers = mapping(
  "The pair's exchange of stick tables, so that persistence survives a failover.",
  {
    name: name("Name of the section."),
    port: port("Port between the nodes.", { default: 10000 }),
    nodes: list(
      "All nodes, each under the name that it calls itself (its host name).",
      mapping("A node.", { name: name("Host name."), address: word("Address.") }, ["name", "address"]),
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
  frontends: list("What accepts connections.", frontend),
  backends: list("Where they go.", backend),
  listens: list("Both in one, for plain TCP services mostly.", listen),
  raw: lines("Further sections, line by line, as they shall stand at the end."),
};
