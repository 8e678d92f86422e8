import type { Schema } from "../../core/schema.ts";
import { duration, flag, integer, lines, mapping, name, port, word } from "../schema-parts.ts";

/** The lowest version of TLS to speak. */
export const tlsMin = (description: string): Schema => word(description, { enum: ["TLSv1.2", "TLSv1.3"] });

const tls = mapping("TLS towards the server.", {
  verify: flag("Check its certificate; turning this off lets anyone in between read along.", true),
  ca_file: word("CA bundle that its certificate must come from; the system's if left out.", {
    pattern: "^[/@A-Za-z0-9][^\\s]*$",
  }),
  crl_file: word("List of certificates that were called back.", { pattern: "^[/A-Za-z0-9][^\\s]*$" }),
  sni: word("Host name to ask for: an expression, e.g. req.hdr(host) or str(app.example.com)."),
  verify_host: word("Host name that its certificate must carry.", { pattern: "^[^\\s]+$" }),
  certificate: word("PEM bundle to show as a client.", { pattern: "^[^\\s]+$" }),
  tls_min: tlsMin("Lowest version, where it is not that of the profile."),
  alpn: lines("Protocols to offer, e.g. h2, http/1.1."),
});

const checks: Readonly<Record<string, Schema>> = {
  check: flag("Check its health.", true),
  check_address: word("Address of the check, if not that of the traffic.", { pattern: "^[^\\s]+$" }),
  check_port: port("Port of the check, if not that of the traffic."),
  check_tls: flag("Check over TLS although the traffic is plain.", false),
  check_sni: word("Host name to ask for in checks over TLS; the check's host if left out.", {
    pattern: "^[^\\s]+$",
  }),
  interval: duration("Between checks, if not as the backend says."),
  fall: integer("Failures in a row until it is down, if not as the backend says.", { minimum: 1 }),
  rise: integer("Successes in a row until it is up, if not as the backend says.", { minimum: 1 }),
  agent_port: port("Port of an agent that tells the server's state and weight."),
  agent_address: word("Address of the agent, if not the server's.", { pattern: "^[^\\s]+$" }),
  agent_interval: duration("Between questions to the agent."),
  agent_send: word("What to send to the agent first, e.g. a name and \\n."),
  observe: word("Judge the server by its traffic too: connections (layer4) or answers (layer7).", {
    enum: ["layer4", "layer7"],
  }),
  error_limit: integer("Errors in a row in that traffic until on_error.", { minimum: 1 }),
  on_error: word("What to do then.", { enum: ["fastinter", "fail-check", "sudden-death", "mark-down"] }),
  on_marked_down: word("What becomes of its connections when it is down.", { enum: ["shutdown-sessions"] }),
  track: word("Take over the health of this server instead of checking: backend/server.", {
    pattern: "^[^\\s]+$",
  }),
};

/** A server of a backend. */
export const server: Schema = mapping(
  "A server.",
  {
    name: name("Its name in logs and statistics."),
    address: word("IP address, or a host name.", { pattern: "^[^\\s]+$" }),
    port: port("Port; that of the client's connection if left out."),
    ...checks,
    weight: integer("Share of the load, 0 to 256.", { minimum: 0, maximum: 256 }),
    minconn: integer("Connections at the same time while the backend has little load; needs maxconn.", {
      minimum: 1,
    }),
    maxconn: integer("Connections at the same time; more wait in its queue.", { minimum: 1 }),
    maxqueue: integer("Length of its queue; beyond it requests go to other servers.", { minimum: 1 }),
    cookie: word("Its value in the backend's cookie; the server's name if left out.", {
      pattern: "^[^\\s;]+$",
    }),
    backup: flag("Only used when all others are down.", false),
    disabled: flag("Starts in maintenance.", false),
    tls,
    source: word("Address to connect from, e.g. 192.0.2.11 or 0.0.0.0 usesrc clientip."),
    resolvers: name("Section resolvers that keeps a host name's addresses up to date."),
    init_addr: word(
      "How a host name is resolved when haproxy starts; last,libc,none if left out, so that a name server that is gone does not keep haproxy from starting.",
      { pattern: "^[^\\s]+$" },
    ),
    send_proxy: word("Send the client's address by the PROXY protocol of this version.", {
      enum: ["v1", "v2"],
    }),
    slowstart: duration("How long a server that came back takes to its full weight."),
    raw: word("Further words of this line."),
  },
  ["name", "address"],
);
