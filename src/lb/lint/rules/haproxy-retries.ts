import type { HaproxyConfig, ProxySection } from "../../haproxy/config.ts";
import { allDirectives, effective } from "../../haproxy/directives.ts";
import { routesOf } from "../../haproxy/routes.ts";
import { eachHaproxy, found } from "../each-node.ts";
import type { Rule } from "../rule.ts";

const SERVERS = "    server web1 192.0.2.21:80 check\n    server web2 192.0.2.22:80 check\n";
const GUARD = "    http-request disable-l7-retry unless METH_GET\n";

const sameServer: Rule = {
  id: "H21",
  severity: "error",
  title: "A request that is retried goes to another server.",
  why: "Without option redispatch every retry goes to the server that has just failed: 10 of 30 requests were lost, none with it.",
  source: "measured with HAProxy 2.6.12; HAProxy's configuration manual, retry-on",
  fix: "Add option redispatch.",
  bad: {
    haproxy: { both: `backend app\n    mode http\n    retry-on all-retryable-errors\n${GUARD}${SERVERS}` },
  },
  good: {
    haproxy: {
      both: `backend app\n    mode http\n    retry-on all-retryable-errors\n    option redispatch\n${GUARD}${SERVERS}`,
    },
  },
  check: (pair) =>
    eachHaproxy(pair, ({ proxies }) =>
      proxies.flatMap((proxy) => {
        const line = effective(proxy, "retry-on");
        const retried = retriedOn(proxy).filter((word) => word !== "conn-failure");
        const redispatch = ["option redispatch", "redispatch"].some(
          (keyword) => effective(proxy, keyword) !== null,
        );
        if (line === null || retried.length === 0 || proxy.servers.length < 2 || redispatch) return [];
        return [
          found(
            line.at,
            `${proxy.name} retries on ${retried.join(", ")} and has no option redispatch: each retry goes to the same server`,
          ),
        ];
      }),
    ),
};

const replayed: Rule = {
  id: "H22",
  severity: "error",
  title: "Only requests that may be sent twice are sent twice.",
  why: "After a timeout or an empty answer nobody knows whether the server has done its work: a POST that is sent again orders or pays twice.",
  source: "HAProxy's configuration manual, retry-on and http-request disable-l7-retry",
  fix: "Add http-request disable-l7-retry unless METH_GET, or retry on conn-failure only.",
  bad: {
    haproxy: {
      both: `backend app\n    mode http\n    retry-on all-retryable-errors\n    option redispatch\n${SERVERS}`,
    },
  },
  good: {
    haproxy: {
      both: `backend app\n    mode http\n    retry-on all-retryable-errors\n    option redispatch\n${GUARD}${SERVERS}`,
    },
  },
  check: (pair) =>
    eachHaproxy(pair, (config) =>
      config.proxies.flatMap((proxy) => {
        const line = effective(proxy, "retry-on");
        const replays = retriedOn(proxy).filter((word) => !HARMLESS.has(word));
        if (line === null || replays.length === 0 || proxy.servers.length === 0 || proxy.mode !== "http")
          return [];
        if ([proxy, ...leadingTo(config, proxy)].some(guards)) return [];
        return [
          found(
            line.at,
            `${proxy.name} sends requests again on ${replays.join(", ")}, also those that change something`,
          ),
        ];
      }),
    ),
};

/** Cases in which the server has surely not seen the request, or has refused to look at it. */
const HARMLESS: ReadonlySet<string> = new Set(["none", "conn-failure", "0rtt-rejected", "425", "503"]);

const retriedOn = (proxy: ProxySection): readonly string[] =>
  (effective(proxy, "retry-on")?.args.map(({ text }) => text) ?? []).filter((word) => word !== "none");

const guards = (proxy: ProxySection): boolean =>
  allDirectives(proxy, "http-request disable-l7-retry").length > 0;

const leadingTo = ({ proxies }: HaproxyConfig, backend: ProxySection): readonly ProxySection[] =>
  proxies.filter(
    (proxy) =>
      proxy.kind !== "backend" && routesOf(proxy).some(({ backend: { text } }) => text === backend.name),
  );

/** Requests that are sent again. */
export const haproxyRetries: readonly Rule[] = [sameServer, replayed];
