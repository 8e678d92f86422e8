import type { ProxySection } from "../../haproxy/config.ts";
import { effective } from "../../haproxy/directives.ts";
import { eachHaproxy, type Found, found } from "../each-node.ts";
import type { Rule } from "../rule.ts";

const SERVERS =
  "    server web1 192.0.2.21:80 check cookie w1\n    server web2 192.0.2.22:80 check cookie w2\n";

const noValue: Rule = {
  id: "H17",
  severity: "error",
  title: "With a cookie for persistence every server has a value of its own.",
  why: "A server without a value sets no cookie, and of two servers with the same value only the first is found again: users lose their sessions, and haproxy -c says nothing.",
  source: "HAProxy's configuration manual, cookie; measured with HAProxy 2.6.12",
  fix: "Add cookie with a value of its own to each server line.",
  bad: {
    haproxy: {
      both: "backend app\n    mode http\n    cookie SRV insert indirect nocache httponly\n    server web1 192.0.2.21:80 check\n    server web2 192.0.2.22:80 check\n",
    },
  },
  good: {
    haproxy: {
      both: `backend app\n    mode http\n    cookie SRV insert indirect nocache httponly\n${SERVERS}`,
    },
  },
  check: (pair) => eachHaproxy(pair, ({ proxies }) => proxies.flatMap(cookieFaults)),
};

const cookieFaults = (proxy: ProxySection): readonly Found[] => {
  const line = proxy.directives.findLast(({ keyword, prefix }) => keyword === "cookie" && prefix === null);
  if (line === undefined || proxy.mode !== "http" || proxy.servers.length < 2) return [];
  if (line.args.some(({ text }) => text === "dynamic")) return [];
  const name = line.args[0]?.text ?? "";
  const cookieOf = ({ options }: ProxySection["servers"][number]): string | null =>
    options.get("cookie")?.[0]?.text ?? null;
  const bare = proxy.servers.filter((server) => cookieOf(server) === null && !server.options.has("backup"));
  const [first] = bare;
  const twins = proxy.servers.flatMap((server, index) => {
    const value = cookieOf(server);
    const twin =
      value === null ? undefined : proxy.servers.slice(0, index).find((one) => cookieOf(one) === value);
    if (twin === undefined) return [];
    return [
      found(
        server.at,
        `servers ${twin.name} and ${server.name} of ${proxy.name} share the value ${value} of the cookie ${name}: only ${twin.name} is found again by it`,
      ),
    ];
  });
  if (first === undefined) return twins;
  const some = bare.length < proxy.servers.length;
  return [
    found(
      first.at,
      `${bare.map((server) => server.name).join(", ")} of ${proxy.name} ${bare.length === 1 ? "has" : "have"} no value for the cookie ${name}: who is served there is not served there again`,
      some ? { severity: "warning" } : {},
    ),
    ...twins,
  ];
};

const leaks: Rule = {
  id: "H18",
  severity: "info",
  title: "A cookie that HAProxy inserts is seen by neither server, cache nor script.",
  why: "Without nocache a shared cache hands one user's server to others; without indirect the server sees the cookie; without httponly scripts do.",
  source: "HAProxy's configuration manual, cookie",
  fix: "cookie SRV insert indirect nocache httponly, and secure where the site is TLS only.",
  bad: { haproxy: { both: `backend app\n    mode http\n    cookie SRV insert\n${SERVERS}` } },
  good: {
    haproxy: {
      both: `backend app\n    mode http\n    cookie SRV insert indirect nocache httponly\n${SERVERS}`,
    },
  },
  check: (pair) =>
    eachHaproxy(pair, ({ proxies }) =>
      proxies.flatMap((proxy) => {
        const line = proxy.kind === "frontend" ? null : effective(proxy, "cookie");
        const words = line?.args.map(({ text }) => text) ?? [];
        if (line === null || !words.includes("insert") || proxy.servers.length === 0) return [];
        const lacking = ["indirect", "nocache", "httponly"].filter((option) => !words.includes(option));
        if (lacking.length === 0) return [];
        return [found(line.at, `the cookie ${words[0]} of ${proxy.name} lacks ${lacking.join(" and ")}`)];
      }),
    ),
};

const prefixed: Rule = {
  id: "H19",
  severity: "info",
  title: "HAProxy leaves the application's own cookie alone.",
  why: "cookie … prefix writes the server's name into the application's cookie; scripts that read it, and gateways that check its length or signature, stumble over that.",
  source: "HAProxy's configuration manual, cookie prefix",
  fix: "Use a cookie of HAProxy's own: cookie SRV insert indirect nocache httponly.",
  bad: { haproxy: { both: `backend app\n    mode http\n    cookie JSESSIONID prefix\n${SERVERS}` } },
  good: {
    haproxy: {
      both: `backend app\n    mode http\n    cookie SRV insert indirect nocache httponly\n${SERVERS}`,
    },
  },
  check: (pair) =>
    eachHaproxy(pair, ({ proxies }) =>
      proxies.flatMap((proxy) => {
        const line = proxy.kind === "frontend" ? null : effective(proxy, "cookie");
        if (line === null || !line.args.slice(1).some(({ text }) => text === "prefix")) return [];
        return [
          found(
            line.at,
            `${proxy.name} writes the server's name into the application's cookie ${line.args[0]?.text}`,
          ),
        ];
      }),
    ),
};

/** Cookies by which users come back to their server. */
export const haproxyPersistence: readonly Rule[] = [noValue, leaks, prefixed];
