import type { Schema } from "../../core/schema.ts";
import { duration, flag, integer, lines, list, mapping, name, port, texts, word } from "../schema-parts.ts";
import { server } from "./server-schema.ts";

const BALANCE = [
  "roundrobin",
  "static-rr",
  "leastconn",
  "first",
  "source",
  "random(\\([0-9]+\\))?",
  "uri( (len|depth) [0-9]+| whole| path-only)*",
  "url_param [^\\s]+( check_post( [0-9]+)?)?",
  "hdr\\([^)\\s]+\\)( use_domain_only)?",
  "rdp-cookie(\\([^)\\s]+\\))?",
  "hash .+",
];

const check = mapping("How the health of servers is found out; a plain connection if left out.", {
  kind: word(
    "http: a request; tcp: steps of an exchange; connect: a connection alone; redis, mysql, pgsql, smtp, ldap: a greeting in that protocol.",
    { enum: ["http", "tcp", "connect", "redis", "mysql", "pgsql", "smtp", "ldap"], default: "http" },
  ),
  method: word("Of the request.", { default: "GET", pattern: "^[A-Z]+$" }),
  uri: word("Of the request.", { default: "/", pattern: "^[^\\s]+$" }),
  host: word("Host header of the request.", { pattern: "^[^\\s]+$" }),
  headers: texts("Further headers of the request."),
  body: word("Body of the request."),
  version: word("Of HTTP, with a host.", { enum: ["HTTP/1.0", "HTTP/1.1"], default: "HTTP/1.1" }),
  expect: word("What the answer must be, e.g. status 200 or string OK; any 2xx or 3xx if left out."),
  disable_on_404: flag("On 404 a server only keeps the sessions that it has.", false),
  steps: lines("tcp-check steps, e.g. connect port 6379, send PING\\r\\n, expect string +PONG."),
  user: word("User of mysql and pgsql checks; our name in smtp checks.", { pattern: "^[^\\s]+$" }),
  port: port("Port of the checks, if not that of the traffic."),
  tls: flag("Check over TLS, also where the traffic is plain.", false),
  sni: word("Host name to ask for over TLS; host if left out.", { pattern: "^[^\\s]+$" }),
  verify: flag("Check certificates in checks over TLS of servers whose traffic is plain.", true),
  ca_file: word("CA bundle for that; the system's if left out.", { pattern: "^[/@A-Za-z0-9][^\\s]*$" }),
  interval: duration("Between checks.", "2s"),
  fast_interval: duration("Between checks while a server is about to change its state."),
  down_interval: duration("Between checks of a server that is down."),
  fall: integer("Failures in a row until a server is down.", { minimum: 1, default: 3 }),
  rise: integer("Successes in a row until it is up again.", { minimum: 1, default: 2 }),
});

const switched = (description: string): Schema => ({ type: "boolean", description });

const cookie = mapping(
  "Persistence by cookie.",
  {
    name: name("Of the cookie."),
    kind: word(
      "insert: a cookie of our own; prefix: the server's name before the application's value, e.g. of JSESSIONID; rewrite: instead of the value that the application sets.",
      { enum: ["insert", "prefix", "rewrite"], default: "insert" },
    ),
    indirect: switched("Hide our cookie from the servers; on for insert if left out."),
    nocache: switched("Keep answers that set it out of shared caches; on for insert if left out."),
    httponly: switched("Keep it from scripts; on for insert if left out."),
    secure: flag("Only over HTTPS.", false),
    postonly: flag("Only set it in answers to POST.", false),
    preserve: flag("Leave a cookie of this name that the server sets.", false),
    dynamic: flag("Values from the servers' addresses; needs dynamic_cookie_key.", false),
    domains: lines("Domains to set it for."),
    max_idle: duration("How long it may rest until it is ignored (insert)."),
    max_life: duration("How old it may be until it is ignored (insert)."),
    attributes: lines("Further attributes as they shall stand, e.g. SameSite=Lax."),
    options: lines("Further words as they shall stand; with them nothing is on by itself."),
  },
  ["name"],
);

/** What speaks to servers: the properties that backends and listen sections have. */
export const farm: Readonly<Record<string, Schema>> = {
  balance: word(
    "How a server is chosen: roundrobin, static-rr, leastconn, first, source, uri [depth n] [whole], url_param name, hdr(name), random, rdp-cookie, hash expression.",
    { pattern: `^(${BALANCE.join("|")})$`, default: "roundrobin" },
  ),
  hash_type: word("Of hashing algorithms: consistent keeps most clients where they are when a server goes.", {
    pattern: "^(map-based|consistent)( (sdbm|djb2|wt6|crc32|none))?( avalanche)?$",
  }),
  check,
  cookie,
  dynamic_cookie_key: word("Key from which dynamic cookies are made, the same on all nodes.", {
    "x-secret": true,
    pattern: "^[^\\s]+$",
  }),
  stick: lines("stick rules, e.g. on src; they need a stick_table, here or named in the rule."),
  retries: integer("Further attempts on a server.", { minimum: 0 }),
  redispatch: switched("Let the last attempt go to another server; as the defaults say if left out."),
  retry_on: {
    ...lines(
      "What else to retry: all-retryable-errors, conn-failure, empty-response, junk-response, response-timeout, 0rtt-rejected, or a status; only for retry_methods.",
    ),
    items: {
      type: "string",
      pattern:
        "^(none|conn-failure|empty-response|junk-response|response-timeout|0rtt-rejected|all-retryable-errors|40[1348]|42[159]|50[0-4])$",
    },
  },
  retry_methods: {
    ...lines("Methods that may be sent twice; * for all, which only fits applications that bear it."),
    default: ["GET", "HEAD", "OPTIONS"],
  },
  http_reuse: word("Which requests may share connections to servers.", {
    enum: ["never", "safe", "aggressive", "always"],
  }),
  fullconn: integer("Load at which dynamic limits reach their maximum.", { minimum: 1 }),
  default_server: word("Words for all servers, e.g. maxconn 200 slowstart 30s."),
  servers: list("The servers.", server),
};
