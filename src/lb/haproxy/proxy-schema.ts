import type { Schema } from "../../core/schema.ts";
import { duration, flag, integer, lines, list, mapping, name, port, word } from "../schema-parts.ts";
import { server } from "./server-schema.ts";

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

const proxy: Readonly<Record<string, Schema>> = {
  name: name("Its name, by which others refer to it and logs call it."),
  description: word("A sentence for the statistics page."),
  mode: word("http or tcp; that of the defaults if left out.", { enum: ["http", "tcp"] }),
  maxconn: integer("Connections at the same time.", { minimum: 1 }),
  timeouts,
  options: lines("Options by name, e.g. dontlog-normal."),
  acls: list(
    "Named conditions.",
    mapping(
      "A condition.",
      { name: name("Its name."), test: word("What it tests, e.g. path_beg -i /api/.") },
      ["name", "test"],
    ),
  ),
  stick_table: word("A stick table, e.g. type ip size 200k expire 30m."),
  tcp_request: lines("tcp-request rules, e.g. inspect-delay 5s."),
  tcp_response: lines("tcp-response rules."),
  http_request: lines("http-request rules in order, e.g. deny if { path_beg /private }."),
  http_response: lines("http-response rules in order, e.g. set-header X-Served-By %H."),
  errorfiles: {
    type: "object",
    description: "Files to answer with, by status: a whole HTTP response each.",
    additionalProperties: { type: "string", pattern: "^/" },
    default: {},
  },
  compression: mapping("Compression of responses.", {
    algorithms: { ...lines("Algorithms in order of preference."), default: ["gzip"] },
    types: {
      ...lines("Content types to compress."),
      default: ["text/html", "text/plain", "text/css", "application/javascript", "application/json"],
    },
  }),
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
    alpn: {
      ...lines("Protocols to offer on TLS; h2 and http/1.1 if left out."),
      default: ["h2", "http/1.1"],
    },
    client_ca: word("CA bundle that client certificates must come from.", { pattern: "^[/@]" }),
    client_verify: word("Whether a client must show a certificate.", {
      enum: ["none", "optional", "required"],
    }),
    accept_proxy: flag("Expect the PROXY protocol, from a balancer in front.", false),
    interface: word("Only connections that come in on this interface."),
    transparent: flag(
      "Bind although the address is not the node's; ip_nonlocal_bind does the same for all.",
      false,
    ),
    raw: word("Further words of this line."),
  },
  ["address"],
);

const entrance: Readonly<Record<string, Schema>> = {
  binds: { ...list("Addresses to listen on.", bind), minItems: 1 },
  forwarded: flag(
    "Tell servers the client's address and protocol (X-Forwarded-For, -Proto, -Port), and drop what clients claim. HTTP only.",
    true,
  ),
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
  monitor_uri: word("Path that haproxy itself answers, for a balancer in front.", { pattern: "^/[^ ]*$" }),
};

const farm: Readonly<Record<string, Schema>> = {
  balance: word("How a server is chosen: roundrobin, leastconn, source, first, uri, hdr(name), random …", {
    pattern:
      "^(roundrobin|static-rr|leastconn|first|source|random(\\([0-9]+\\))?|uri( .+)?|url_param .+|hdr\\([^)]+\\)( .+)?|rdp-cookie(\\([^)]+\\))?|hash .+)$",
    default: "roundrobin",
  }),
  hash_type: word("Of hashing algorithms: e.g. consistent."),
  check: mapping("How the health of servers is found out; a plain connection if left out.", {
    kind: word("http: a request; tcp: steps of an exchange; connect: a connection alone.", {
      enum: ["http", "tcp", "connect"],
      default: "http",
    }),
    method: word("Of the request.", { default: "GET", pattern: "^[A-Z]+$" }),
    uri: word("Of the request.", { default: "/", pattern: "^[^ ]+$" }),
    host: word("Host header of the request.", { pattern: "^[^ ]+$" }),
    version: word("Of HTTP.", { enum: ["HTTP/1.0", "HTTP/1.1"], default: "HTTP/1.1" }),
    expect: word("What the answer must be, e.g. status 200; any 2xx or 3xx if left out."),
    steps: lines("tcp-check steps, e.g. send PING\\r\\n."),
    interval: duration("Between checks.", "2s"),
    fall: integer("Failures in a row until a server is down.", { minimum: 1, default: 3 }),
    rise: integer("Successes in a row until it is up again.", { minimum: 1, default: 2 }),
  }),
  cookie: mapping(
    "Persistence by cookie.",
    {
      name: name("Of the cookie."),
      kind: word(
        "insert: a cookie of our own; prefix: before the application's; rewrite: instead of its value.",
        {
          enum: ["insert", "prefix", "rewrite"],
          default: "insert",
        },
      ),
      options: { ...lines("Further words; sensible ones if left out for insert."), default: [] },
    },
    ["name"],
  ),
  stick: lines("stick rules, e.g. on src."),
  retries: integer("Further attempts on a server.", { minimum: 0 }),
  retry_on: lines("What else to retry, e.g. all-retryable-errors; only for retry_methods."),
  retry_methods: {
    ...lines("Methods that may be sent twice."),
    default: ["GET", "HEAD", "OPTIONS"],
  },
  fullconn: integer("Load at which dynamic limits reach their maximum.", { minimum: 1 }),
  servers: list("The servers.", server),
};

const own: Readonly<Record<string, Schema>> = {
  default_backend: name("Backend of requests that no rule sends elsewhere."),
  use_backends: list(
    "Rules in order that choose a backend.",
    mapping(
      "A rule; one of if and unless.",
      {
        backend: word("The backend, or an expression for its name.", { pattern: "^[^ ]+$" }),
        if: word("Condition, e.g. the name of an acl."),
        unless: word("Condition that must not hold."),
      },
      ["backend"],
    ),
  ),
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
