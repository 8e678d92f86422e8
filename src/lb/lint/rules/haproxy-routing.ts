import type { Directive, HaproxyConfig, ProxySection } from "../../haproxy/config.ts";
import { isDirective } from "../../haproxy/directives.ts";
import { backendNamed, conditionOf, routesOf } from "../../haproxy/routes.ts";
import { eachHaproxy, type Found, found } from "../each-node.ts";
import type { Rule } from "../rule.ts";
import { allBinds } from "./addresses.ts";

const deadEnd: Rule = {
  id: "H31",
  severity: "warning",
  title: "Every frontend leads to a backend with servers.",
  why: "A request that no rule sends anywhere is answered with 503; haproxy -c finds that valid.",
  source: "HAProxy's configuration manual, default_backend; measured with HAProxy 2.6.12",
  fix: "Add default_backend, the missing backend, or its servers.",
  bad: {
    haproxy: {
      both: "frontend web\n    mode http\n    bind :80\n    default_backend app\nbackend app\n    mode http\n",
    },
  },
  good: {
    haproxy: {
      both: "frontend web\n    mode http\n    bind :80\n    default_backend app\nbackend app\n    mode http\n    server web1 192.0.2.21:80 check\n",
    },
  },
  check: (pair) => eachHaproxy(pair, (config) => config.proxies.flatMap((proxy) => deadEnds(config, proxy))),
};

const deadEnds = (config: HaproxyConfig, proxy: ProxySection): readonly Found[] => {
  if (proxy.kind === "backend" || !["http", "tcp"].includes(proxy.mode)) return [];
  const routes = routesOf(proxy);
  const broken = routes.flatMap(({ backend: word }): readonly Found[] => {
    if (/[%$]/.test(word.text)) return [];
    const backend = backendNamed(config, word.text);
    if (backend === null)
      return [
        found(word.at, `there is no backend ${word.text}: HAProxy refuses the configuration`, {
          severity: "error",
        }),
      ];
    if (backend.servers.length > 0 || answersItself(backend)) return [];
    return [
      found(
        word.at,
        `backend ${backend.name}, where ${proxy.kind} ${proxy.name} leads, has no servers: it answers 503`,
      ),
    ];
  });
  const open =
    routes.every(({ condition }) => condition.length > 0) &&
    !routes.some(({ backend }) => /[%$]/.test(backend.text)) &&
    proxy.servers.length === 0 &&
    proxy.binds.length > 0 &&
    !answersItself(proxy);
  if (!open) return broken;
  const message =
    routes.length === 0
      ? `${proxy.kind} ${proxy.name} leads nowhere: it answers 503`
      : `${proxy.kind} ${proxy.name} has no default_backend: what no use_backend takes is answered with 503`;
  return [...broken, found(proxy.at, message)];
};

/** Answers without a server: a page of its own, a redirect, statistics, an address that is chosen for each connection. */
const answersItself = ({ directives, inherited }: ProxySection): boolean =>
  [...inherited, ...directives].some(
    ({ keyword, words }) =>
      [
        "redirect",
        "monitor-uri",
        "dispatch",
        "option transparent",
        "option http_proxy",
        "errorfile 503",
      ].includes(keyword) ||
      keyword.startsWith("stats ") ||
      (keyword === "http-request" &&
        words.some(({ text }) =>
          /^(redirect|return|deny|use-service|reject|silent-drop|set-dst|tarpit)$/.test(text),
        )) ||
      (keyword === "tcp-request" &&
        words.some(({ text }) => /^(reject|use-service|switch-mode|silent-drop)$/.test(text))) ||
      keyword === "errorfiles",
  );

const neverReached: Rule = {
  id: "H32",
  severity: "warning",
  title: "Every use_backend line can be reached.",
  why: "The first line whose condition holds wins: what stands behind a line without condition, or behind one with the same condition, is never looked at.",
  source: "HAProxy's configuration manual, use_backend; measured with HAProxy 2.6.12",
  fix: "Move the general line behind the special ones, or make it the default_backend.",
  bad: {
    haproxy: {
      both: "frontend web\n    mode http\n    bind :80\n    use_backend app\n    use_backend api if { path_beg /api/ }\nbackend app\n    mode http\n    server web1 192.0.2.21:80 check\nbackend api\n    mode http\n    server web2 192.0.2.22:80 check\n",
    },
  },
  good: {
    haproxy: {
      both: "frontend web\n    mode http\n    bind :80\n    use_backend api if { path_beg /api/ }\n    default_backend app\nbackend app\n    mode http\n    server web1 192.0.2.21:80 check\nbackend api\n    mode http\n    server web2 192.0.2.22:80 check\n",
    },
  },
  check: (pair) =>
    eachHaproxy(pair, ({ proxies }) =>
      proxies.flatMap((proxy) => {
        const routes = routesOf(proxy);
        return routes.flatMap(({ directive, backend, condition }, index) => {
          const before = routes.slice(0, index);
          const all = before.find(
            (route) => route.condition.length === 0 || route.condition.join(" ") === "if TRUE",
          );
          const same = before.find(
            (route) => condition.length > 0 && route.condition.join(" ") === condition.join(" "),
          );
          const first = all ?? same;
          if (first === undefined) return [];
          return [
            found(
              directive.at,
              `${directive.keyword} ${backend.text} is never reached: line ${first.directive.at.line} sends ${all === undefined ? "the same requests" : "everything"} to ${first.backend.text}`,
            ),
          ];
        });
      }),
    ),
};

const unusedAcl: Rule = {
  id: "H33",
  severity: "warning",
  title: "Every ACL is used.",
  why: "One that no rule names does nothing: most often the rule is missing, or its name is written otherwise.",
  source: "HAProxy's configuration manual, 7.1; haproxy -c of 2.6.12 says nothing",
  fix: "Use it, or take it out.",
  bad: {
    haproxy: {
      both: "frontend web\n    mode http\n    bind :80\n    acl internal src 192.0.2.0/24\n    http-request deny if { path_beg /admin }\n",
    },
  },
  good: {
    haproxy: {
      both: "frontend web\n    mode http\n    bind :80\n    acl internal src 192.0.2.0/24\n    http-request deny if { path_beg /admin } !internal\n",
    },
  },
  check: (pair) =>
    eachHaproxy(pair, ({ proxies }) =>
      proxies.flatMap(({ kind, name, directives }) => {
        const used = new Set(directives.flatMap(namesUsed));
        const unused = new Map<string, Directive>();
        for (const directive of directives) {
          const acl = directive.args[0]?.text ?? "";
          if (directive.keyword === "acl" && !used.has(acl) && !unused.has(acl)) unused.set(acl, directive);
        }
        return [...unused].map(([acl, { at }]) =>
          found(at, `no rule of ${kind} ${name} uses the ACL ${acl}`),
        );
      }),
    ),
};

const namesUsed = (directive: Directive): readonly string[] =>
  directive.keyword === "acl" ? [] : conditionOf(directive).map(({ text }) => text.replace(/^!+/, ""));

const redirectLoop: Rule = {
  id: "H28",
  severity: "warning",
  title: "A redirect to https leads to somebody who speaks TLS.",
  why: "Where TLS ends before HAProxy, every request comes in clear, ssl_fc is never true, and the client is sent to the same address for ever.",
  source: "HAProxy's configuration manual, ssl_fc",
  fix: "Let HAProxy end TLS (bind … ssl crt …), or look at the header of who ends it: if !{ hdr(X-Forwarded-Proto) https }.",
  bad: {
    haproxy: {
      both: "frontend web\n    mode http\n    bind :80\n    http-request redirect scheme https if !{ ssl_fc }\n    default_backend app\nbackend app\n    mode http\n    server web1 192.0.2.21:80 check\n",
    },
  },
  good: {
    haproxy: {
      both: "frontend web\n    mode http\n    bind :80\n    bind :443 ssl crt /etc/haproxy/site.pem\n    http-request redirect scheme https if !{ ssl_fc }\n    default_backend app\nbackend app\n    mode http\n    server web1 192.0.2.21:80 check\n",
    },
  },
  check: (pair) =>
    eachHaproxy(pair, (config) => {
      const tls = allBinds(config).some(
        ({ bind }) =>
          bind.options.has("ssl") || (bind.ports !== null && bind.ports[0] <= 443 && bind.ports[1] >= 443),
      );
      if (tls) return [];
      return config.proxies.flatMap((proxy) =>
        proxy.kind === "backend" || proxy.mode !== "http"
          ? []
          : proxy.directives
              .filter(redirectsToHttps)
              .map(({ at }) =>
                found(
                  at,
                  `${proxy.kind} ${proxy.name} redirects what does not come by TLS, and HAProxy accepts TLS nowhere: behind something that ends TLS this is an endless redirect`,
                ),
              ),
      );
    }),
};

/** `redirect scheme https if !{ ssl_fc }`, with no other condition that could let a request through. */
const redirectsToHttps = (directive: Directive): boolean => {
  const line = directive.words.map(({ text }) => text).join(" ");
  return (
    (isDirective(directive, "redirect") || isDirective(directive, "http-request redirect")) &&
    / scheme https\b/.test(line) &&
    /(if !\s?\{ ssl_fc \}|unless \{ ssl_fc \})$/.test(line)
  );
};

/** Where requests go. */
export const haproxyRouting: readonly Rule[] = [redirectLoop, deadEnd, neverReached, unusedAcl];
