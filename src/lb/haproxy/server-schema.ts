import type { Schema } from "../../core/schema.ts";
import { duration, flag, integer, lines, mapping, name, port, word } from "../schema-parts.ts";

const tls = mapping("TLS towards the server.", {
  verify: flag("Check its certificate; turning this off lets anyone in between read along.", true),
  ca_file: word("CA bundle that its certificate must come from; the system's if left out.", {
    pattern: "^[/@A-Za-z0-9]",
  }),
  sni: word("Host name to ask for: an expression, e.g. req.hdr(host) or str(app.example.com)."),
  verify_host: word("Host name that its certificate must carry."),
  certificate: word("PEM bundle to show as a client."),
  alpn: lines("Protocols to offer."),
});

/** A server of a backend. */
export const server: Schema = mapping(
  "A server.",
  {
    name: name("Its name in logs and statistics."),
    address: word("IP address, or a host name that resolves when haproxy starts.", { pattern: "^[^\\s]+$" }),
    port: port("Port; that of the client's connection if left out."),
    check: flag("Check its health.", true),
    check_port: port("Port of the check, if not that of the traffic."),
    check_tls: flag("Check over TLS although the traffic is plain.", false),
    agent_port: port("Port of an agent that tells the server's state and weight."),
    weight: integer("Share of the load, 0 to 256.", { minimum: 0, maximum: 256 }),
    maxconn: integer("Connections at the same time; more wait in its queue.", { minimum: 1 }),
    cookie: word("Its value in the backend's cookie; the server's name if left out.", {
      pattern: "^[^\\s;]+$",
    }),
    backup: flag("Only used when all others are down.", false),
    disabled: flag("Starts in maintenance.", false),
    tls,
    send_proxy: word("Send the client's address by the PROXY protocol of this version.", {
      enum: ["v1", "v2"],
    }),
    slowstart: duration("How long a server that came back takes to its full weight."),
    raw: word("Further words of this line."),
  },
  ["name", "address"],
);
