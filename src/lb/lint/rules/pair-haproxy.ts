import { canonicalAddress } from "../../address.ts";
import type { Directive, HaproxyConfig, ProxySection } from "../../haproxy/config.ts";
import { allDirectives, effective } from "../../haproxy/directives.ts";
import { namedFiles } from "../../haproxy/named-files.ts";
import type { FileFact } from "../../pair/facts.ts";
import type { Pair, PairNode } from "../../pair/pair.ts";
import { couples, eachHaproxy, found } from "../each-node.ts";
import type { Finding, Rule } from "../rule.ts";
import { allBinds, isLoopback, pairAddresses } from "./addresses.ts";

const WEB =
  "frontend web\n    mode http\n    bind 192.0.2.100:80\n    default_backend app\nbackend app\n    mode http\n";
const SERVER = "    server web1 192.0.2.21:80 check\n";

const different: Rule = {
  id: "X40",
  severity: "warning",
  title: "The nodes have the same haproxy.cfg, but for what is meant to differ.",
  why: "What was changed on one node only is lost, or wrong, on the day the other one takes over.",
  source: "HAProxy's management guide, 10",
  fix: "Render both from one template; what differs by node belongs into variables.",
  bad: { haproxy: { lb1: WEB + SERVER, lb2: `${WEB + SERVER}    server web2 192.0.2.22:80 check\n` } },
  good: { haproxy: { both: WEB + SERVER } },
  check: (pair) => couples(pair).flatMap(([left, right]) => differences(pair, left, right)),
};

/** More than these are not told one by one: the files are simply not the same. */
const MOST = 10;

const differences = (pair: Pair, left: PairNode, right: PairNode): readonly Finding[] => {
  if (left.haproxy === null || right.haproxy === null) return [];
  const one = linesOf(pair, left, left.haproxy);
  const other = linesOf(pair, right, right.haproxy);
  const lonely = (
    mine: readonly Line[],
    theirs: readonly Line[],
    node: PairNode,
    without: PairNode,
  ): readonly Finding[] => {
    const there = new Set(theirs.map(({ key }) => key));
    return mine
      .filter(({ key }) => !there.has(key))
      .map(({ directive, where, words }) => ({
        nodes: [node.name, without.name],
        at: directive.at,
        message: `${without.name} does not have this line of ${where}: ${words}`,
        fix: null,
      }));
  };
  const all = [...lonely(one, other, left, right), ...lonely(other, one, right, left)];
  if (all.length <= MOST) return all;
  return [
    ...all.slice(0, MOST),
    {
      nodes: [left.name, right.name],
      at: null,
      message: `${all.length - MOST} more lines differ between ${left.name} and ${right.name}`,
      fix: null,
    },
  ];
};

interface Line {
  readonly directive: Directive;
  readonly where: string;
  readonly words: string;
  readonly key: string;
}

/** Lines that name a node, or that only that node's clients use, are its own. */
const OWN = new Set([
  "peers",
  "node",
  "description",
  "localpeer",
  "server-state-base",
  "log-send-hostname",
  "log-tag",
  "setenv",
  "presetenv",
]);

const linesOf = (pair: Pair, node: PairNode, config: HaproxyConfig): readonly Line[] => {
  const virtual = pairAddresses(pair);
  const own = [
    ...new Set([
      node.name,
      ...(node.facts?.hostname === undefined || node.facts.hostname === null ? [] : [node.facts.hostname]),
      ...(node.facts?.addresses ?? [])
        .map(({ address }) => canonicalAddress(address))
        .filter((address) => !isLoopback(address) && !virtual.has(address)),
    ]),
  ].filter((name) => name !== "");
  const line = (where: string, directive: Directive): readonly Line[] => {
    if (OWN.has(directive.keyword) || directive.conditional) return [];
    const words = [
      ...(directive.prefix === null ? [] : [directive.prefix]),
      ...directive.words.map(({ raw }) => raw),
    ].join(" ");
    return [{ directive, where, words: hidden(directive, words), key: `${where}\n${anonymous(words, own)}` }];
  };
  return [
    ...config.global.flatMap((directive) => line("global", directive)),
    ...config.proxies.flatMap((proxy) => [
      ...proxy.directives.flatMap((directive) => line(`${proxy.kind} ${proxy.name}`, directive)),
    ]),
  ];
};

/** The node's own name and addresses replaced, so that the same place on another node is the same. */
const anonymous = (words: string, own: readonly string[]): string =>
  own.reduce(
    (text, name) =>
      text.replace(
        new RegExp(`(?<![\\w.:-])${name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}(?![\\w.-])`, "g"),
        "@",
      ),
    words,
  );

/** Passwords are not shown. */
const hidden = ({ keyword, words }: Directive, text: string): string =>
  keyword === "stats auth" ||
  words.some(({ text: word }) => /^(password|insecure-password|agent-send)$/.test(word))
    ? `${keyword} …`
    : text;

const differentFiles: Rule = {
  id: "X43",
  severity: "warning",
  title: "Maps, lists, error pages and scripts are the same on all nodes.",
  why: "The same request is answered otherwise after a takeover.",
  source: "HAProxy's configuration manual, map, -f, errorfile, lua-load",
  fix: "Lay them down from one source on every node, before the configuration that names them.",
  bad: {
    haproxy: { both: "frontend web\n    bind :80\n    errorfile 503 /etc/haproxy/503.http\n" },
    facts: {
      lb1: { files: new Map([["/etc/haproxy/503.http", digested("a")]]) },
      lb2: { files: new Map([["/etc/haproxy/503.http", digested("b")]]) },
    },
  },
  good: {
    haproxy: { both: "frontend web\n    bind :80\n    errorfile 503 /etc/haproxy/503.http\n" },
    facts: { both: { files: new Map([["/etc/haproxy/503.http", digested("a")]]) } },
  },
  check: (pair) =>
    couples(pair).flatMap(([left, right]) => {
      if (left.haproxy === null || right.haproxy === null) return [];
      const shared = namedFiles(left.haproxy).filter(
        ({ kind }) => kind !== "certificate" && kind !== "client-certificate",
      );
      return shared.flatMap(({ path, at, kind }) => {
        const one = left.facts?.files?.get(path)?.digest ?? null;
        const other = right.facts?.files?.get(path)?.digest ?? null;
        if (one === null || other === null || one === other) return [];
        const what = kind === "secret" ? "are not the same keys" : "is not the same file";
        return [
          {
            nodes: [left.name, right.name],
            at,
            message: `${path} ${what} on ${left.name} and ${right.name}`,
            fix: null,
          },
        ];
      });
    }),
};

function digested(letter: string): FileFact {
  return { kind: "file", mode: 0o644, owner: "root", group: "root", digest: letter.repeat(64), text: null };
}

const TABLE = "backend app\n    stick-table type ip size 200k expire 30m";

const forgotten: Rule = {
  id: "X45",
  severity: "warning",
  title: "What a stick table remembers survives a takeover.",
  why: "Without peers each node has a table of its own, and a reload starts an empty one: users are sent to another server, and counters begin at nothing.",
  source: "HAProxy's configuration manual, 3.5 Peers and stick-table",
  fix: "Add a peers section that names every node, and peers NAME to the stick-table line.",
  bad: { haproxy: { both: `${TABLE}\n    stick on src\n${SERVER}` } },
  good: {
    haproxy: {
      both: `peers pair\n    peer lb1 192.0.2.11:10000\n    peer lb2 192.0.2.12:10000\n${TABLE} peers pair\n    stick on src\n${SERVER}`,
    },
  },
  check: (pair) => [
    ...eachHaproxy(pair, ({ proxies }) =>
      proxies.flatMap((proxy) => {
        const table = proxy.directives.find(({ keyword }) => keyword === "stick-table");
        if (
          table === undefined ||
          table.args.some(({ text }) => text === "peers") ||
          !isPersistent(proxies, proxy)
        )
          return [];
        return [
          found(
            table.at,
            `the stick table of ${proxy.name} is not shared with the other node: a takeover forgets who was served where`,
          ),
        ];
      }),
    ),
    ...eachHaproxy(pair, (config, node) => peerFaults(pair, config, node)),
  ],
};

/** Its entries tell the server of a client, not only counters. */
const isPersistent = (proxies: readonly ProxySection[], proxy: ProxySection): boolean =>
  proxies.some((one) =>
    allDirectives(one, "stick").some(({ words }) => {
      const table = words.findIndex(({ text }) => text === "table");
      return table === -1 ? one === proxy : words[table + 1]?.text === proxy.name;
    }),
  );

const peerFaults = (pair: Pair, config: HaproxyConfig, node: PairNode) =>
  config.sections
    .filter(({ keyword }) => keyword === "peers")
    .flatMap((section) => {
      const names = section.lines.flatMap(({ words }) =>
        /^(peer|server)$/.test(words[0]?.text ?? "") && words[1] !== undefined ? [words[1].text] : [],
      );
      const at = section.name?.at ?? section.header.words[0]?.at ?? null;
      const local = config.global.findLast(({ keyword }) => keyword === "localpeer")?.args[0]?.text;
      const hostname = local ?? node.facts?.hostname ?? null;
      const variable = names.some((name) => name.includes("$"));
      const missing =
        hostname !== null &&
        names.length > 0 &&
        !variable &&
        !names.includes(hostname) &&
        !names.some((name) => name.split(".")[0] === hostname)
          ? [
              found(
                at,
                `peers ${section.name?.text} names ${names.join(", ")} and not this node, ${hostname}: its tables are not exchanged`,
              ),
            ]
          : [];
      const few =
        names.length > 0 && names.length < pair.nodes.length && pair.nodes.length > 1
          ? [found(at, `peers ${section.name?.text} names ${names.length} of ${pair.nodes.length} nodes`)]
          : [];
      return [...missing, ...few];
    });

const COOKIE = "backend app\n    mode http\n    cookie SRV insert indirect nocache httponly\n";

const otherCookies: Rule = {
  id: "X46",
  severity: "error",
  title: "Cookies mean the same server on every node.",
  why: "After a takeover the other node does not know the value, or takes it for another server: every session is lost.",
  source: "HAProxy's configuration manual, cookie",
  fix: "Use the same cookie and the same values of the servers on all nodes.",
  bad: {
    haproxy: {
      lb1: `${COOKIE}    server web1 192.0.2.21:80 check cookie a\n    server web2 192.0.2.22:80 check cookie b\n`,
      lb2: `${COOKIE}    server web1 192.0.2.21:80 check cookie b\n    server web2 192.0.2.22:80 check cookie a\n`,
    },
  },
  good: {
    haproxy: {
      both: `${COOKIE}    server web1 192.0.2.21:80 check cookie a\n    server web2 192.0.2.22:80 check cookie b\n`,
    },
  },
  check: (pair) =>
    couples(pair).flatMap(([left, right]) =>
      (left.haproxy?.proxies ?? []).flatMap((one) => {
        const other = right.haproxy?.proxies.find(({ name, kind }) => name === one.name && kind === one.kind);
        return other === undefined ? [] : cookieDifferences(left, right, one, other);
      }),
    ),
};

const cookieDifferences = (
  left: PairNode,
  right: PairNode,
  one: ProxySection,
  other: ProxySection,
): readonly Finding[] => {
  const cookie = effective(one, "cookie");
  const twin = effective(other, "cookie");
  if (cookie === null || twin === null || one.servers.length === 0) return [];
  const finding = (at: Finding["at"], also: Finding["at"], message: string): Finding => ({
    nodes: [left.name, right.name],
    at,
    ...(also === null ? {} : { also: [also] }),
    message,
    fix: null,
  });
  const [name, its] = [cookie.args[0]?.text, twin.args[0]?.text];
  if (name !== its)
    return [
      finding(
        cookie.at,
        twin.at,
        `the cookie of ${one.name} is ${name} on ${left.name} and ${its} on ${right.name}`,
      ),
    ];
  return one.servers.flatMap((server) => {
    const same = other.servers.find((candidate) => candidate.name === server.name);
    const value = server.options.get("cookie")?.[0]?.text ?? null;
    const itsValue = same?.options.get("cookie")?.[0]?.text ?? null;
    if (same === undefined || value === itsValue) return [];
    return [
      finding(
        server.at,
        same.at,
        `the cookie ${name} of server ${server.name} in ${one.name} is ${value ?? "not set"} on ${left.name} and ${itsValue ?? "not set"} on ${right.name}`,
      ),
    ];
  });
};

const tickets: Rule = {
  id: "X44",
  severity: "info",
  title: "TLS sessions can be resumed after a takeover.",
  why: "Each process makes ticket keys of its own: after a takeover or a restart every client does a full handshake, all at once.",
  source: "HAProxy's configuration manual, tls-ticket-keys",
  fix: "Give the same tls-ticket-keys file to all nodes and renew it daily, or say no-tls-tickets.",
  bad: { haproxy: { both: "frontend web\n    bind :443 ssl crt /etc/haproxy/site.pem\n" } },
  good: { haproxy: { both: "frontend web\n    bind :443 ssl crt /etc/haproxy/site.pem no-tls-tickets\n" } },
  check: (pair) =>
    eachHaproxy(pair, (config) => {
      const general = config.global
        .filter(({ keyword }) => keyword === "ssl-default-bind-options")
        .some(({ args }) => args.some(({ text }) => text === "no-tls-tickets"));
      if (general) return [];
      return allBinds(config)
        .filter(
          ({ bind: { options } }) =>
            options.has("ssl") && !options.has("tls-ticket-keys") && !options.has("no-tls-tickets"),
        )
        .map(({ bind, proxy }) =>
          found(bind.at, `${proxy.kind} ${proxy.name} gives out TLS tickets that the other node cannot read`),
        );
    }),
};

/** What the HAProxys of a pair must have in common. */
export const pairHaproxy: readonly Rule[] = [different, differentFiles, tickets, forgotten, otherCookies];
