import type { Directive, HaproxyConfig, ProxySection } from "../../haproxy/config.ts";
import { allDirectives, effective } from "../../haproxy/directives.ts";
import { readDuration } from "../../haproxy/duration.ts";
import { atLeast } from "../../version.ts";
import { eachHaproxy, type Found, found } from "../each-node.ts";
import type { Rule } from "../rule.ts";
import { isReachable } from "./addresses.ts";

const SANE = "timeout connect 5s\n    timeout client 1m\n    timeout server 1m\n    timeout http-request 10s";

const missing: Rule = {
  id: "H06",
  severity: "error",
  title: "Connections end when nothing happens on them.",
  why: "Without timeout client, connect and server a connection whose other side has vanished stays for ever, until maxconn is reached and nobody gets in.",
  source:
    "HAProxy 2.6.12: missing timeouts, you will certainly encounter various problems; HAProxy's configuration manual, timeout http-request",
  fix: "Set timeout connect, client and server in defaults, and timeout http-request for HTTP.",
  bad: {
    haproxy: {
      both: "defaults\n    timeout client 1m\nlisten app\n    bind :80\n    server web1 192.0.2.21:80 check\n",
    },
  },
  good: {
    haproxy: {
      both: `defaults\n    mode http\n    ${SANE}\nlisten app\n    bind :80\n    server web1 192.0.2.21:80 check\n`,
    },
  },
  check: (pair) =>
    eachHaproxy(pair, ({ proxies }) => [
      ...proxies.flatMap((proxy): readonly Found[] => {
        const wanted = [
          ...(accepts(proxy) ? ["client"] : []),
          ...(connects(proxy) ? ["connect", "server"] : []),
        ];
        const without = wanted.filter((name) => isUnset(proxy, name));
        if (without.length === 0) return [];
        return [
          found(proxy.at, `${proxy.kind} ${proxy.name} has no timeout ${without.join(" and no timeout ")}`),
        ];
      }),
      ...slowHeaders(proxies),
    ]),
};

const accepts = (proxy: ProxySection): boolean => proxy.kind !== "backend" && proxy.binds.length > 0;

const connects = (proxy: ProxySection): boolean => proxy.kind !== "frontend" && proxy.servers.length > 0;

/** One finding for all of them: the line that is missing is one of defaults. */
const slowHeaders = (proxies: readonly ProxySection[]): readonly Found[] => {
  const slow = proxies.filter(
    (proxy) =>
      accepts(proxy) && proxy.mode === "http" && isReachable(proxy) && isUnset(proxy, "http-request"),
  );
  const [first] = slow;
  if (first === undefined) return [];
  const names = slow.map(({ name }) => name).join(", ");
  return [
    found(
      first.at,
      `no timeout http-request in ${names}: a client that sends its headers a byte at a time holds a connection for as long as it likes`,
      { severity: "warning" },
    ),
  ];
};

/** Names of timeouts that say the same, as versions before 2.1 took them. */
const OLD_NAMES: ReadonlyMap<string, string> = new Map([
  ["client", "clitimeout"],
  ["connect", "contimeout"],
  ["server", "srvtimeout"],
]);

const isUnset = (proxy: ProxySection, name: string): boolean => {
  const old = OLD_NAMES.get(name);
  const line = effective(proxy, `timeout ${name}`) ?? (old === undefined ? null : effective(proxy, old));
  return line === null || readDuration(line.args[0]?.text ?? "")?.milliseconds === 0;
};

const tooShort: Rule = {
  id: "H07",
  severity: "warning",
  title: "A timeout is as long as it was meant.",
  why: "A number without a unit is milliseconds: timeout client 30 cuts every client off after 0.03 s, and haproxy -c finds nothing wrong.",
  source: "HAProxy's configuration manual, 2.5 Time format; measured with HAProxy 2.6.12",
  fix: "Write the unit: 30s, 500ms.",
  bad: {
    haproxy: { both: "defaults\n    timeout connect 5s\n    timeout client 30\n    timeout server 30s\n" },
  },
  good: {
    haproxy: { both: "defaults\n    timeout connect 5000\n    timeout client 30s\n    timeout server 30s\n" },
  },
  check: (pair) => eachHaproxy(pair, (config) => timeLines(config).flatMap((line) => shortTime(line))),
};

/** Every line of defaults and proxies that sets a time, once. */
const timeLines = (config: HaproxyConfig): readonly Directive[] => {
  const all = config.proxies.flatMap((proxy) => [...proxy.inherited, ...proxy.directives]);
  const defaults = config.sections
    .filter(({ keyword }) => keyword === "defaults")
    .flatMap(({ lines }) => lines)
    .flatMap(({ words }): Directive[] => {
      const [first, second] = words;
      if (first?.text !== "timeout" || second === undefined) return [];
      return [
        {
          keyword: `timeout ${second.text}`,
          prefix: null,
          words,
          args: words.slice(2),
          at: first.at,
          conditional: false,
        },
      ];
    });
  const seen = new Set<number | string>();
  return [...defaults, ...all].filter(({ keyword, at }) => {
    const key = `${at.source.path}:${at.line}`;
    if (!keyword.startsWith("timeout ") || seen.has(key)) return false;
    seen.add(key);
    return true;
  });
};

/** Anything below is hardly what somebody means for a connection. */
const SHORTEST = 100;

const shortTime = ({ keyword, args }: Directive): readonly Found[] => {
  const word = args[0];
  const time = readDuration(word?.text ?? "");
  if (word === undefined || time === null || time.milliseconds === 0) return [];
  if (time.milliseconds >= (time.unit ? SHORTEST : 1000)) return [];
  return [
    found(
      word.at,
      `${keyword} ${word.text} is ${time.milliseconds} ms${time.unit ? "" : ", as no unit is written"}`,
    ),
  ];
};

const oldWorkers: Rule = {
  id: "H43",
  severity: "warning",
  title: "A worker that a reload has replaced ends some day.",
  why: "It stays until its last connection ends; with TCP or long tunnels that is hours, and each reload adds a worker with its memory and its checks of the servers.",
  source: "HAProxy's configuration manual, hard-stop-after",
  fix: "Add hard-stop-after 15m to global.",
  bad: {
    haproxy: {
      both: "global\n    maxconn 4000\nlisten db\n    mode tcp\n    bind :5432\n    server db1 192.0.2.31:5432 check\n",
    },
  },
  good: {
    haproxy: {
      both: "global\n    hard-stop-after 15m\nlisten db\n    mode tcp\n    bind :5432\n    server db1 192.0.2.31:5432 check\n",
    },
  },
  check: (pair) =>
    eachHaproxy(pair, (config, { facts }) => {
      const version = facts?.haproxy?.version ?? null;
      const known = version !== null && atLeast(version, [1, 8, 0]);
      if (!known || config.global.some(({ keyword }) => keyword === "hard-stop-after")) return [];
      const long = config.proxies.find((proxy) => proxy.binds.length > 0 && isLongLived(proxy));
      if (long === undefined) return [];
      const at = config.global[0]?.at ?? long.at;
      return [
        found(
          at,
          `hard-stop-after is not set, and connections of ${long.kind} ${long.name} can outlast a reload by hours`,
        ),
      ];
    }),
};

const isLongLived = (proxy: ProxySection): boolean =>
  proxy.mode === "tcp" || allDirectives(proxy, "timeout tunnel").length > 0;

const idleClosed: Rule = {
  id: "H51",
  severity: "warning",
  title: "A reload does not cut idle connections that a client is about to use.",
  why: "The old worker closes idle keep-alive connections at once; a client that sends its next request just then gets an error: 60 of 60 connections in three reloads, none with the option.",
  source: "measured with HAProxy 2.6.12; HAProxy's configuration manual, option idle-close-on-response",
  fix: "Add option idle-close-on-response to the frontends, or to defaults.",
  bad: { haproxy: { both: `defaults\n    mode http\n    ${SANE}\nfrontend web\n    bind :80\n` } },
  good: {
    haproxy: {
      both: `defaults\n    mode http\n    ${SANE}\n    option idle-close-on-response\nfrontend web\n    bind :80\n`,
    },
  },
  check: (pair) =>
    eachHaproxy(pair, ({ proxies }, { facts }) => {
      const version = facts?.haproxy?.version ?? null;
      if (version === null || !atLeast(version, [2, 6, 0])) return [];
      return proxies.flatMap((proxy) => {
        const serves = proxy.mode === "http" && isReachable(proxy) && proxy.kind !== "backend";
        const closes = ["option httpclose", "option forceclose"].some(
          (keyword) => effective(proxy, keyword) !== null,
        );
        if (
          !serves ||
          closes ||
          isManagement(proxy) ||
          effective(proxy, "option idle-close-on-response") !== null
        )
          return [];
        return [
          found(
            proxy.at,
            `${proxy.kind} ${proxy.name} lacks option idle-close-on-response: each reload cuts its idle connections`,
          ),
        ];
      });
    }),
};

/** A page for operators, whose browsers simply ask again. */
const isManagement = (proxy: ProxySection): boolean =>
  proxy.directives.some(({ keyword }) => keyword.startsWith("stats ") || keyword === "monitor-uri");

/** How long connections live. */
export const haproxyTimeouts: readonly Rule[] = [missing, tooShort, oldWorkers, idleClosed];
