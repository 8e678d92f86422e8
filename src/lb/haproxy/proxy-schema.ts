import type { Schema } from "../../core/schema.ts";
import { duration, flag, integer, lines, list, mapping, name, port, texts, word } from "../schema-parts.ts";
import { farm } from "./farm-schema.ts";
import { tlsMin } from "./server-schema.ts";

const timeouts = mapping("Timeouts that differ from the defaults, with units.", {
  connect: duration("For a server to accept a connection."),
  client: duration("For a silent client."),
  server: duration("For a silent server."),
  http_request: duration("For a whole request header."),
  http_keep_alive: duration("For the next request on a kept connection."),
  queue: duration("In the queue of a full server."),
  check: duration("For a health check's answer once connected."),
  tunnel: duration("For silence after a protocol upgrade."),
  client_fin: duration("For a client that has closed its half."),
  server_fin: duration("For a server that has closed its half."),
  tarpit: duration("Of a tarpitted request."),
});

const stickTable = mapping("A stick table.", {
  type: word("Of its keys.", { enum: ["ip", "ipv6", "integer", "string", "binary"], default: "ip" }),
  length: integer("Of keys that are texts or bytes.", { minimum: 1 }),
  size: word("How many entries, e.g. 200k.", { pattern: "^[0-9]+[kmg]?$", default: "200k" }),
  expire: duration("How long an unused entry stays.", "30m"),
  store: lines("What to keep besides the server, e.g. http_req_rate(10s)."),
  peers: name("Section peers that shares it between the nodes; the pair's own if there is one."),
  nopurge: flag("Refuse new entries when full, instead of dropping the oldest.", false),
});

const proxy: Readonly<Record<string, Schema>> = {
  name: name("Its name, by which others refer to it and logs call it."),
  description: word("A sentence for the statistics page."),
  mode: word("http or tcp; that of the defaults if left out.", { enum: ["http", "tcp"] }),
  maxconn: integer("Connections at the same time.", { minimum: 1 }),
  timeouts,
  log_format: word("Form of its log lines, as log-format knows it."),
  options: lines("Options by name, e.g. dontlog-normal."),
  acls: list(
    "Named conditions.",
    mapping(
      "A condition.",
      { name: name("Its name."), test: word("What it tests, e.g. path_beg -i /api/.") },
      ["name", "test"],
    ),
  ),
  stick_table: {
    anyOf: [stickTable, word("As it shall stand.")],
    description:
      "A stick table: a mapping of type, length, size, expire, store, peers and nopurge, or a text such as type ip size 200k expire 30m.",
  },
  tcp_request: lines("tcp-request rules, e.g. inspect-delay 5s."),
  tcp_response: lines("tcp-response rules."),
  auth: mapping(
    "Ask for a user and password (HTTP basic authentication).",
    {
      userlist: name("Who may come in: the name of one of userlists."),
      realm: word("What the browser shows.", { default: "restricted" }),
      except: lines("Path beginnings that are open."),
    },
    ["userlist"],
  ),
  http_request: lines("http-request rules in order, e.g. deny if { path_beg /private }."),
  http_response: lines("http-response rules in order, e.g. set-header X-Served-By %H."),
  errorfiles: {
    type: "object",
    description: "Files to answer with, by status: a whole HTTP response each.",
    additionalProperties: { type: "string", pattern: "^/[^\\s]+$" },
    default: {},
  },
  compression: mapping("Compression of responses.", {
    algorithms: { ...lines("Algorithms in order of preference."), default: ["gzip"] },
    types: {
      ...lines("Content types to compress."),
      default: ["text/html", "text/plain", "text/css", "application/javascript", "application/json"],
    },
    offload: flag("Keep the servers from compressing, so that haproxy does.", false),
  }),
  cache: name("Answer from this one of caches, and keep in it what may be kept."),
  raw: lines("Further lines of this section, as they shall stand at its end."),
};

const bind = mapping(
  "An address to listen on.",
  {
    address: word("IP address (the virtual IP), * for all of IPv4, :: for all of both, or a socket's path.", {
      minLength: 1,
      pattern: "^[^\\s]+$",
    }),
    port: port("Port; not for a socket's path."),
    tls: flag("Speak TLS here.", false),
    certificates: lines("PEM bundles, or directories of them; the first is for clients that name no host."),
    crt_list: word("File that lists PEM bundles, each with its host names and options.", {
      pattern: "^/[^\\s]+$",
    }),
    strict_sni: flag("Refuse clients that ask for a host without a certificate.", false),
    tls_min: tlsMin("Lowest version, where it is not that of the profile."),
    alpn: {
      ...lines("Protocols to offer on TLS; h2 and http/1.1 if left out."),
      default: ["h2", "http/1.1"],
    },
    client_ca: word("CA bundle that client certificates must come from.", { pattern: "^[/@][^\\s]*$" }),
    client_crl: word("List of client certificates that were called back.", { pattern: "^/[^\\s]+$" }),
    client_verify: word("Whether a client must show a certificate.", {
      enum: ["none", "optional", "required"],
    }),
    accept_proxy: flag("Expect the PROXY protocol, from a balancer in front.", false),
    interface: word("Only connections that come in on this interface.", { pattern: "^[^\\s]+$" }),
    transparent: flag(
      "Bind although the address is not the node's; ip_nonlocal_bind does the same for all.",
      false,
    ),
    raw: word("Further words of this line."),
  },
  ["address"],
);

const rateLimit = mapping(
  "A limit for each client address: of requests, in mode tcp of connections.",
  {
    limit: integer("How many in the period.", { minimum: 1 }),
    period: duration("The period.", "10s"),
    status: integer("Answer to requests beyond it.", { enum: [403, 429, 503], default: 429 }),
    size: word("How many addresses to remember.", { pattern: "^[0-9]+[kmg]?$", default: "100k" }),
    except: lines("Networks without a limit."),
  },
  ["limit"],
);

const entrance: Readonly<Record<string, Schema>> = {
  binds: { ...list("Addresses to listen on.", bind), minItems: 1 },
  forwarded: flag(
    "Tell servers the client's address and protocol (X-Forwarded-For, -Proto, -Port), and drop what clients claim. HTTP only.",
    true,
  ),
  forwarded_host: flag("Tell servers the host that was asked for too (X-Forwarded-Host).", false),
  trusted_proxies: lines("Networks whose X-Forwarded-* headers are believed, of a balancer in front."),
  redirect_https: mapping("Send plain HTTP requests to HTTPS.", {
    code: integer("Status: 301, 302, 303, 307 or 308.", { enum: [301, 302, 303, 307, 308], default: 301 }),
    port: port("Port of the HTTPS address.", { default: 443 }),
    except: {
      ...lines("Path beginnings that stay on HTTP."),
      default: ["/.well-known/acme-challenge/"],
    },
  }),
  hsts: duration("How long browsers shall insist on HTTPS (Strict-Transport-Security)."),
  hsts_options: {
    ...lines("Further directives of that header."),
    items: { type: "string", enum: ["includeSubDomains", "preload"] },
  },
  rate_limit: rateLimit,
  monitor_uri: word("Path that haproxy itself answers, for a balancer in front.", { pattern: "^/[^\\s]*$" }),
};

const useBackend = mapping(
  "A rule: all that it names must hold.",
  {
    backend: word("The backend, or an expression for its name.", { pattern: "^[^\\s]+$" }),
    hosts: {
      ...lines("Host names, without port; *.example.com is every name below example.com."),
      items: { type: "string", pattern: "^(\\*\\.)?[A-Za-z0-9_.-]+$" },
    },
    paths: {
      ...lines("Path beginnings: /api is /api and all below it, but not /apis."),
      items: { type: "string", pattern: "^/[^\\s{}\"'\\\\#$]*$" },
    },
    headers: texts("Headers by name and value; * for any value."),
    sni: {
      ...lines("Host names that a TLS client asks for, also where TLS goes through (mode tcp)."),
      items: { type: "string", pattern: "^(\\*\\.)?[A-Za-z0-9_.-]+$" },
    },
    if: word("Condition, e.g. the name of an acl."),
    unless: word("Condition that must not hold."),
  },
  ["backend"],
);

const own: Readonly<Record<string, Schema>> = {
  default_backend: name("Backend of requests that no rule sends elsewhere."),
  use_backends: list("Rules in order that choose a backend.", useBackend),
};

/** A frontend. */
export const frontend: Schema = mapping("A frontend.", { ...proxy, ...entrance, ...own }, ["name", "binds"]);

/** A backend. */
export const backend: Schema = mapping("A backend.", { ...proxy, ...farm }, ["name"]);

/** A frontend and its only backend in one. */
export const listen: Schema = mapping("A frontend and backend in one.", { ...proxy, ...entrance, ...farm }, [
  "name",
  "binds",
]);
