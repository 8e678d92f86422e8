import type { Directive, ProxySection } from "../../haproxy/config.ts";
import { backendNamed, routesOf } from "../../haproxy/routes.ts";
import { eachHaproxy, found } from "../each-node.ts";
import type { Rule } from "../rule.ts";
import { isReachable } from "./addresses.ts";

const WEB = "frontend web\n    mode http\n    bind :80\n";

const trusted: Rule = {
  id: "H29",
  severity: "warning",
  title: "A header that decides something is not the client's to write.",
  why: "Anybody can send X-Forwarded-Proto: https or X-Forwarded-For: 127.0.0.1, and so pass a redirect or a list of addresses.",
  source: "HAProxy's configuration manual, http-request del-header and set-header",
  fix: "Take it out where it does not come from a proxy that you know: http-request del-header X-Forwarded-Proto unless { src 192.0.2.5 }, or look at ssl_fc and src.",
  bad: {
    haproxy: {
      both: `${WEB}    acl secure hdr(X-Forwarded-Proto) -i https\n    http-request redirect scheme https unless secure\n`,
    },
  },
  good: {
    haproxy: {
      both: `${WEB}    http-request del-header X-Forwarded-Proto unless { src 192.0.2.5 }\n    acl secure hdr(X-Forwarded-Proto) -i https\n    http-request redirect scheme https unless secure\n`,
    },
  },
  check: (pair) =>
    eachHaproxy(pair, (config) =>
      config.proxies.flatMap((proxy) => {
        if (proxy.kind === "backend" || proxy.mode !== "http" || !isReachable(proxy)) return [];
        const backends = routesOf(proxy).flatMap(({ backend }) => backendNamed(config, backend.text) ?? []);
        const mended = new Set([proxy, ...backends].flatMap(headersMended));
        const seen = new Set<string>();
        return proxy.directives.flatMap((directive) =>
          headersRead(directive).flatMap((header) => {
            const name = header.toLowerCase();
            if (mended.has(name) || seen.has(name)) return [];
            seen.add(name);
            return [
              found(
                directive.at,
                `${proxy.kind} ${proxy.name} believes ${header}, which any client can send`,
              ),
            ];
          }),
        );
      }),
    ),
};

/** Forwarding headers that a condition or an ACL looks at. */
const headersRead = ({ words, keyword }: Directive): readonly string[] => {
  const start = keyword === "acl" ? 0 : words.findIndex(({ text }) => text === "if" || text === "unless");
  if (start === -1) return [];
  return words
    .slice(start)
    .flatMap(({ text }) => [...text.matchAll(/hdr(?:_\w+)?\((x-forwarded-[\w-]+|forwarded)[,)]/gi)])
    .map(([, header = ""]) => header);
};

/** Headers that a rule removes or writes anew, and all where connections are let in by their address only. */
const headersMended = (proxy: ProxySection): readonly string[] =>
  [...proxy.inherited, ...proxy.directives].flatMap(({ keyword, words }) => {
    const [, action, header] = words.map(({ text }) => text);
    return keyword === "http-request" &&
      /^(del|set|replace)-header$/.test(action ?? "") &&
      header !== undefined
      ? [header.toLowerCase()]
      : [];
  });

/** Headers that say where a request came from. */
export const haproxyHeaders: readonly Rule[] = [trusted];
