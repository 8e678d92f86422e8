import type { HaproxyConfig, ProxySection, Server } from "../../haproxy/config.ts";
import { eachHaproxy, type Found, found } from "../each-node.ts";
import type { Rule } from "../rule.ts";

const unverified: Rule = {
  id: "H15",
  severity: "warning",
  title: "The certificate of a server that is reached by TLS is verified.",
  why: "Without that anybody in the servers' network can pose as the server and read everything, as if there were no TLS.",
  source:
    "HAProxy's configuration manual, verify; HAProxy 2.6.12: verify is enabled by default but no CA file specified, fatal",
  fix: "Add ca-file with the authority of the servers' certificates (from HAProxy 2.6 also ca-file @system-ca) and verify required.",
  bad: { haproxy: { both: "backend app\n    server web1 192.0.2.21:443 check ssl verify none\n" } },
  good: {
    haproxy: {
      both: "backend app\n    server web1 192.0.2.21:443 check ssl verify required ca-file /etc/haproxy/ca.pem verifyhost web1.example.com\n",
    },
  },
  check: (pair) =>
    eachHaproxy(pair, (config) =>
      tlsServers(config).flatMap(([proxy, server]): readonly Found[] => {
        const name = `server ${server.name} of ${proxy.name}`;
        if (verifies(config, server)) {
          if (server.options.has("ca-file")) return [];
          return [
            found(
              server.at,
              `${name} has ssl and neither ca-file nor verify none: HAProxy refuses that line`,
              {
                severity: "error",
              },
            ),
          ];
        }
        return [found(server.at, `the certificate of ${name} is not verified`)];
      }),
    ),
};

const anyName: Rule = {
  id: "H16",
  severity: "warning",
  title: "A server that is reached by TLS is asked for by name.",
  why: "Without sni it shows the certificate of its default site; with neither sni nor verifyhost any certificate of the same authority is taken for the server's.",
  source: "HAProxy's configuration manual, sni and verifyhost",
  fix: "Add sni req.hdr(host), or sni str(www.example.com) and verifyhost with the name in the certificate.",
  bad: {
    haproxy: {
      both: "backend app\n    server web1 192.0.2.21:443 check ssl verify required ca-file /etc/haproxy/ca.pem\n",
    },
  },
  good: {
    haproxy: {
      both: "backend app\n    server web1 192.0.2.21:443 check ssl verify required ca-file /etc/haproxy/ca.pem sni req.hdr(host) check-sni www.example.com\n",
    },
  },
  check: (pair) =>
    eachHaproxy(pair, (config) =>
      tlsServers(config).flatMap(([proxy, server]) => {
        const named = ["sni", "verifyhost", "check-sni"].some((option) => server.options.has(option));
        if (named || !verifies(config, server) || !server.options.has("ca-file")) return [];
        return [
          found(
            server.at,
            `server ${server.name} of ${proxy.name} is asked for no name: any certificate of that authority passes`,
          ),
        ];
      }),
    ),
};

const tlsServers = ({ proxies }: HaproxyConfig): readonly (readonly [ProxySection, Server])[] =>
  proxies.flatMap((proxy) =>
    proxy.servers
      .filter(({ options }) => options.has("ssl"))
      .map((server): readonly [ProxySection, Server] => [proxy, server]),
  );

const verifies = ({ global }: HaproxyConfig, { options }: Server): boolean => {
  const own = options.get("verify")?.[0]?.text;
  const general = global.findLast(({ keyword }) => keyword === "ssl-server-verify")?.args[0]?.text;
  return (own ?? general) !== "none";
};

/** TLS towards the servers. */
export const haproxyServerTls: readonly Rule[] = [unverified, anyName];
