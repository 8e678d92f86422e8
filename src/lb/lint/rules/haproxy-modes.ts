import type { Directive, ProxySection } from "../../haproxy/config.ts";
import { isDirective } from "../../haproxy/directives.ts";
import { backendNamed, routesOf } from "../../haproxy/routes.ts";
import { eachHaproxy, found } from "../each-node.ts";
import type { Rule } from "../rule.ts";

const ignoredInTcp: Rule = {
  id: "H11",
  severity: "warning",
  title: "What only HTTP can do stands in proxies of mode http.",
  why: "In mode tcp HAProxy ignores it with a warning: a redirect, a header or a password that is not there.",
  source: "HAProxy 2.6.12: 'http-request' rules ignored for proxy as they require HTTP mode, and the like",
  fix: "Set mode http, or take the line out.",
  bad: {
    haproxy: {
      both: "listen app\n    mode tcp\n    bind :80\n    option forwardfor\n    server web1 192.0.2.21:80 check\n",
    },
  },
  good: {
    haproxy: {
      both: "listen app\n    mode http\n    bind :80\n    option forwardfor\n    server web1 192.0.2.21:80 check\n",
    },
  },
  check: (pair) =>
    eachHaproxy(pair, ({ proxies }) =>
      proxies.flatMap((proxy) => {
        if (proxy.mode !== "tcp" || switchesMode(proxy)) return [];
        return proxy.directives
          .filter((directive) => directive.prefix === null && needsHttp(directive))
          .map(({ at, words }) =>
            found(
              at,
              `${words
                .slice(0, 2)
                .map(({ text }) => text)
                .join(" ")} in ${proxy.kind} ${proxy.name}, which has mode tcp, is ignored`,
            ),
          );
      }),
    ),
};

/** `tcp-request content switch-mode http` makes some of its connections HTTP. */
const switchesMode = ({ directives }: ProxySection): boolean =>
  directives.some(({ words }) => words.some(({ text }) => text === "switch-mode"));

/** What HAProxy 2.6.12 says that it ignores. */
const HTTP_ONLY: readonly string[] = [
  "http-request",
  "http-response",
  "http-after-response",
  "redirect",
  "cookie",
  "monitor-uri",
  "option forwardfor",
  "stats enable",
  "stats uri",
  "stats auth",
  "stats admin",
];

const needsHttp = (directive: Directive): boolean =>
  HTTP_ONLY.some((keyword) => isDirective(directive, keyword));

const mixedModes: Rule = {
  id: "H12",
  severity: "error",
  title: "A frontend and its backends have the same mode.",
  why: "HAProxy refuses to hand HTTP to a backend of mode tcp. The other way round it starts, and turns each connection into HTTP where the frontend's logs, timeouts and rules still are those of TCP.",
  source:
    "HAProxy 2.6.12: http frontend tries to use incompatible tcp backend, fatal; the other way round measured",
  fix: "Give both the same mode.",
  bad: {
    haproxy: {
      both: "frontend web\n    mode http\n    bind :80\n    default_backend app\nbackend app\n    mode tcp\n    server web1 192.0.2.21:80 check\n",
    },
  },
  good: {
    haproxy: {
      both: "frontend web\n    mode http\n    bind :80\n    default_backend app\nbackend app\n    mode http\n    server web1 192.0.2.21:80 check\n",
    },
  },
  check: (pair) =>
    eachHaproxy(pair, (config) =>
      config.proxies.flatMap((proxy) =>
        proxy.kind === "backend"
          ? []
          : routesOf(proxy).flatMap(({ backend: word, condition }) => {
              const backend = backendNamed(config, word.text);
              if (backend === null || backend.mode === proxy.mode) return [];
              if (proxy.mode === "http" && backend.mode === "tcp")
                return [
                  found(
                    word.at,
                    `${proxy.kind} ${proxy.name} has mode http and backend ${backend.name} mode tcp: HAProxy refuses that`,
                  ),
                ];
              if (proxy.mode !== "tcp" || backend.mode !== "http" || condition.length > 0) return [];
              return [
                found(
                  word.at,
                  `${proxy.kind} ${proxy.name} has mode tcp and backend ${backend.name} mode http: rules and logs of the frontend see no request`,
                  {
                    severity: "warning",
                  },
                ),
              ];
            }),
      ),
    ),
};

/** TCP and HTTP. */
export const haproxyModes: readonly Rule[] = [ignoredInTcp, mixedModes];
