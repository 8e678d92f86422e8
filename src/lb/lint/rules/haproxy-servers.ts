import type { ProxySection, Server } from "../../haproxy/config.ts";
import { allDirectives, effective, isDirective } from "../../haproxy/directives.ts";
import { eachHaproxy, found } from "../each-node.ts";
import type { Rule, Severity } from "../rule.ts";

const unchecked: Rule = {
  id: "H05",
  severity: "error",
  title: "Servers are checked.",
  why: "A server that is down keeps its share of the requests, which fail.",
  source: "HAProxy's configuration manual, check; measured with HAProxy 2.6.12",
  fix: "Add check to the server line, or to a default-server line for all of them.",
  bad: {
    haproxy: { both: "backend app\n    server web1 192.0.2.21:80\n    server web2 192.0.2.22:80\n" },
  },
  good: {
    haproxy: {
      both: "backend app\n    server web1 192.0.2.21:80 check\n    server web2 192.0.2.22:80 check\n",
    },
  },
  check: (pair) =>
    eachHaproxy(pair, ({ proxies }) =>
      proxies.flatMap((proxy) => {
        const lacking = proxy.servers.filter((server) => !isWatched(server));
        const [first] = lacking;
        // Modes such as log and spop watch their servers in ways of their own.
        if (first === undefined || !["http", "tcp"].includes(proxy.mode)) return [];
        const names = lacking.map(({ name }) => name).join(", ");
        const message =
          proxy.servers.length === 1 && first.count === 1
            ? `the only server ${names} of ${proxy.name} is not checked: when it is down, clients wait for a timeout instead of being told`
            : `${names} of ${proxy.name} ${lacking.length === 1 ? "is" : "are"} not checked, and ${lacking.length === 1 ? "keeps its" : "keep their"} share of the requests when down`;
        return [found(first.at, message, { severity: severityOf(proxy, lacking) })];
      }),
    ),
};

const isWatched = ({ options }: Server): boolean =>
  ["check", "agent-check", "track", "disabled"].some((name) => options.has(name));

const severityOf = ({ servers }: ProxySection, lacking: readonly Server[]): Severity => {
  const count = servers.reduce((sum, server) => sum + server.count, 0);
  if (count === 1) return "info";
  return lacking.length === servers.length ? "error" : "warning";
};

const noHost: Rule = {
  id: "H08",
  severity: "warning",
  title: "A health check by HTTP/1.1 names a host.",
  why: "A request of HTTP/1.1 without Host is answered with 400, and all servers go down at once.",
  source: "RFC 9112, 3.2; HAProxy's configuration manual, option httpchk",
  fix: "http-check send meth GET uri /healthz ver HTTP/1.1 hdr Host www.example.com (from HAProxy 2.2; before: option httpchk GET /healthz HTTP/1.1\\r\\nHost:\\ www.example.com).",
  bad: {
    haproxy: {
      both: "backend app\n    mode http\n    option httpchk GET /healthz HTTP/1.1\n    server web1 192.0.2.21:80 check\n",
    },
  },
  good: {
    haproxy: {
      both: "backend app\n    mode http\n    option httpchk\n    http-check send meth GET uri /healthz ver HTTP/1.1 hdr Host www.example.com\n    server web1 192.0.2.21:80 check\n",
    },
  },
  check: (pair) =>
    eachHaproxy(pair, ({ proxies }) =>
      proxies.flatMap((proxy) => {
        const check = effective(proxy, "option httpchk");
        if (check === null || proxy.servers.length === 0) return [];
        const sends = allDirectives(proxy, "http-check send").flatMap(({ words }) =>
          words.map(({ text }) => text),
        );
        const [, , version, ...tail] = check.args.map(({ text }) => text);
        const asked = [version ?? "", ...tail, ...sends].join(" ");
        if (!/HTTP\/1\.1/.test(asked) || /(^|\s|\n|\\n)host\b/i.test(asked)) return [];
        return [
          found(
            check.at,
            `${proxy.name} is checked by HTTP/1.1 without a Host header, which servers refuse with 400`,
          ),
        ];
      }),
    ),
};

const checkIgnored: Rule = {
  id: "H09",
  severity: "warning",
  title: "http-check lines stand beside option httpchk.",
  why: "Without it HAProxy ignores them and only opens a connection: a server that answers 500 stays in.",
  source: "HAProxy 2.6.12: uses http-check rules without 'option httpchk', so the rules are ignored",
  fix: "Add option httpchk.",
  bad: {
    haproxy: {
      both: "backend app\n    mode http\n    http-check expect status 200\n    server web1 192.0.2.21:80 check\n",
    },
  },
  good: {
    haproxy: {
      both: "backend app\n    mode http\n    option httpchk\n    http-check expect status 200\n    server web1 192.0.2.21:80 check\n",
    },
  },
  check: (pair) =>
    eachHaproxy(pair, ({ proxies }) =>
      proxies.flatMap((proxy) => {
        const line = proxy.directives.find((directive) => isDirective(directive, "http-check"));
        if (line === undefined || proxy.kind === "frontend" || effective(proxy, "option httpchk") !== null)
          return [];
        return [
          found(
            line.at,
            `${proxy.name} has ${line.words
              .slice(0, 2)
              .map(({ text }) => text)
              .join(" ")} and no option httpchk: the line is ignored`,
          ),
        ];
      }),
    ),
};

const sslHello: Rule = {
  id: "H13",
  severity: "warning",
  title: "TLS servers are checked by a TLS handshake, not by option ssl-hello-chk.",
  why: "It sends a forged SSLv3 hello, and takes the refusal of a modern server for health: a server without a certificate passes too.",
  source:
    "HAProxy's configuration manual, option ssl-hello-chk and check-ssl; measured with HAProxy 2.6.12 and OpenSSL 3",
  fix: "Replace it by check-ssl (with verify or verify none) on the server lines.",
  bad: {
    haproxy: {
      both: "backend app\n    mode tcp\n    option ssl-hello-chk\n    server web1 192.0.2.21:443 check\n",
    },
  },
  good: {
    haproxy: {
      both: "backend app\n    mode tcp\n    server web1 192.0.2.21:443 check check-ssl verify required ca-file /etc/haproxy/ca.pem\n",
    },
  },
  check: (pair) =>
    eachHaproxy(pair, ({ proxies }) =>
      proxies.flatMap((proxy) => {
        const line = effective(proxy, "option ssl-hello-chk");
        if (line === null || proxy.servers.length === 0) return [];
        return [
          found(
            line.at,
            `${proxy.name} is checked by option ssl-hello-chk, which proves little more than an open port`,
          ),
        ];
      }),
    ),
};

const resolvedAtBoot: Rule = {
  id: "H45",
  severity: "warning",
  title: "HAProxy starts without a name server.",
  why: "A host name of a server line is resolved at the start; where that fails, HAProxy does not start, after a power cut both nodes at once.",
  source: "HAProxy's configuration manual, init-addr; HAProxy 2.6.12: could not resolve address, fatal",
  fix: "Write the address, or add init-addr last,libc,none (from HAProxy 1.7) and a resolvers section.",
  bad: { haproxy: { both: "backend app\n    server web1 web1.example.com:80 check\n" } },
  good: {
    haproxy: { both: "backend app\n    server web1 web1.example.com:80 check init-addr last,libc,none\n" },
  },
  check: (pair) =>
    eachHaproxy(pair, ({ proxies }, node) => {
      const hosts = node.facts?.files?.get("/etc/hosts")?.text ?? "";
      return proxies.flatMap((proxy) =>
        proxy.servers.flatMap((server) => {
          const initial = server.options.get("init-addr")?.[0]?.text ?? "";
          const calm = /\bnone\b|\d+\.\d+\.\d+\.\d+/.test(initial);
          if (calm || !isHostName(server.address) || hosts.split(/\s+/).includes(server.address)) return [];
          return [
            found(
              server.at,
              `server ${server.name} of ${proxy.name} is ${server.address}: HAProxy does not start while no name server tells its address`,
            ),
          ];
        }),
      );
    }),
};

/** What only a name server or /etc/hosts can turn into an address. */
const isHostName = (address: string): boolean =>
  /^[A-Za-z0-9][A-Za-z0-9-]*(\.[A-Za-z0-9-]+)*\.?$/.test(address) &&
  !/^\d+(\.\d+){3}$/.test(address) &&
  address !== "localhost";

/** Whether HAProxy knows which servers can be used. */
export const haproxyServers: readonly Rule[] = [unchecked, noHost, checkIgnored, sslHello, resolvedAtBoot];
