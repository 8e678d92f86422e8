import type { Directive, HaproxyConfig, ProxySection } from "../../haproxy/config.ts";
import { allDirectives, isDirective } from "../../haproxy/directives.ts";
import { conditionOf } from "../../haproxy/routes.ts";
import { atLeast } from "../../version.ts";
import { eachHaproxy, eachHaproxyWithFacts, type Found, found } from "../each-node.ts";
import type { Rule } from "../rule.ts";
import { bindText, isLoopback, isReachable } from "./addresses.ts";

const openStatistics: Rule = {
  id: "H23",
  severity: "warning",
  title: "The statistics page asks for a password that nobody can guess.",
  why: "It names every server; with stats admin whoever sees it can also take servers out of rotation. Passwords of tutorials are the first that are tried.",
  source: "HAProxy's configuration manual, stats auth and stats admin",
  fix: "Bind it to 127.0.0.1 or a management address, and take the password of stats auth from a vault.",
  bad: {
    haproxy: {
      both: "listen stats\n    mode http\n    bind *:1080\n    stats enable\n    stats auth admin:admin\n",
    },
  },
  good: {
    haproxy: {
      both: "listen stats\n    mode http\n    bind 127.0.0.1:1080\n    stats enable\n    stats uri /\n",
    },
  },
  check: (pair) =>
    eachHaproxy(pair, ({ proxies }) =>
      proxies.flatMap((proxy): readonly Found[] => {
        const page = proxy.directives.find(showsStatistics);
        if (page === undefined || proxy.kind === "backend" || proxy.mode !== "http" || !isReachable(proxy))
          return [];
        const where = `${proxy.kind} ${proxy.name} (${proxy.binds.map(bindText).join(", ")})`;
        const weak = allDirectives(proxy, "stats auth").filter(hasKnownPassword);
        if (weak.length > 0)
          return weak.map(({ args }) =>
            found(
              args[0]?.at ?? page.at,
              `the statistics of ${where} have a password that everybody tries first`,
            ),
          );
        if (isGuarded(proxy)) return [];
        const admin = proxy.directives.find(
          (directive) =>
            isDirective(directive, "stats admin") &&
            /^(if TRUE)?$/.test(
              conditionOf(directive)
                .map(({ text }) => text)
                .join(" "),
            ),
        );
        if (admin !== undefined)
          return [
            found(
              admin.at,
              `whoever reaches ${where} can take servers out of rotation: stats admin asks for nothing`,
              { severity: "error" },
            ),
          ];
        return [found(page.at, `whoever reaches ${where} sees the statistics: no stats auth`)];
      }),
    ),
};

const showsStatistics = (directive: Directive): boolean =>
  directive.prefix === null &&
  ["stats enable", "stats uri", "stats auth"].some((keyword) => isDirective(directive, keyword));

/** Some rule looks at who asks. */
const isGuarded = (proxy: ProxySection): boolean =>
  allDirectives(proxy, "stats auth").length > 0 ||
  [...proxy.inherited, ...proxy.directives].some(
    ({ keyword, words }) =>
      (/^(stats )?http-request$/.test(keyword) || keyword === "tcp-request") &&
      words.some(({ text }) => /^(auth|deny|reject|allow|silent-drop)$/.test(text)),
  ) ||
  proxy.binds.every(
    ({ options, family, address }) => options.has("verify") || family === "unix" || isLoopback(address),
  );

/** Passwords of tutorials and of the manual's examples. */
const KNOWN: ReadonlySet<string> = new Set([
  "admin",
  "passw0rd",
  "password",
  "haproxy",
  "stats",
  "secret",
  "1234",
  "12345",
  "123456",
  "12345678",
  "changeme",
  "yourpassword",
  "somepassword",
  "test",
  "root",
  "admin123",
]);

const hasKnownPassword = ({ args }: Directive): boolean => {
  const [user = "", ...rest] = (args[0]?.text ?? "").split(":");
  const password = rest.join(":").toLowerCase();
  return KNOWN.has(password) || (password !== "" && password === user.toLowerCase());
};

const openSocket: Rule = {
  id: "H24",
  severity: "warning",
  title: "Only root and HAProxy's own group reach a stats socket of level admin.",
  why: "It can take servers out, change certificates and end every connection, and asks for no password.",
  source: "HAProxy's management guide, 9.3 and 13",
  fix: "stats socket /run/haproxy/admin.sock mode 660 level admin.",
  bad: { haproxy: { both: "global\n    stats socket /run/haproxy/admin.sock mode 666 level admin\n" } },
  good: { haproxy: { both: "global\n    stats socket /run/haproxy/admin.sock mode 660 level admin\n" } },
  check: (pair) => eachHaproxy(pair, ({ global }) => global.flatMap(socketFaults)),
};

const socketFaults = (directive: Directive): readonly Found[] => {
  if (directive.keyword !== "stats socket") return [];
  const words = directive.args.map(({ text }) => text);
  const [address = ""] = words;
  const settingOf = (option: string): string => words[words.indexOf(option, 1) + 1] ?? "";
  if (words.indexOf("level", 1) === -1 || settingOf("level") !== "admin") return [];
  const [, host] = /^(?:ipv[46]@|tcp[46]?@)?(\S*?):\d+$/.exec(address) ?? [];
  if (host !== undefined && !/^(fd|sockpair|abns)/.test(address)) {
    if (isLoopback(host) || host === "localhost") return [];
    return [
      found(directive.at, `the stats socket ${address} of level admin is open to the network`, {
        severity: "error",
      }),
    ];
  }
  const mode = words.includes("mode") ? Number.parseInt(settingOf("mode"), 8) : 0;
  if (Number.isNaN(mode) || (mode & 0o006) === 0) return [];
  return [
    found(
      directive.at,
      `every user of the node may use the stats socket ${address}, of level admin (mode ${settingOf("mode")})`,
    ),
  ];
};

const noSocket: Rule = {
  id: "H25",
  severity: "warning",
  title: "HAProxy has a stats socket.",
  why: "Without one nobody can ask which servers are up, drain one, or see whether a reload took effect: a rolling run has no gates.",
  source: "HAProxy's management guide, 9.3",
  fix: "Add stats socket /run/haproxy/admin.sock mode 660 level admin to global.",
  bad: {
    haproxy: {
      both: "global\n    maxconn 4000\nlisten app\n    bind :80\n    server web1 192.0.2.21:80 check\n",
    },
  },
  good: {
    haproxy: {
      both: "global\n    stats socket /run/haproxy/admin.sock mode 660 level admin\nlisten app\n    bind :80\n    server web1 192.0.2.21:80 check\n",
    },
  },
  check: (pair) =>
    eachHaproxy(pair, ({ global, proxies }) => {
      const [first] = proxies;
      if (first === undefined || global.some(({ keyword }) => keyword === "stats socket")) return [];
      return [found(global[0]?.at ?? first.at, "there is no stats socket")];
    }),
};

const noMasterSocket: Rule = {
  id: "H26",
  severity: "info",
  title: "HAProxy's master can be asked whether a reload worked.",
  why: "A reload that cannot bind keeps the old worker and still reports success; only the master's socket tells (failed: 1).",
  source: "measured with HAProxy 2.6.12; HAProxy's management guide, 9.4",
  fix: "Add -S /run/haproxy-master.sock to the unit's arguments (EXTRAOPTS in /etc/default/haproxy, OPTIONS in /etc/sysconfig/haproxy).",
  bad: {
    haproxy: { both: "listen app\n    bind :80\n" },
    facts: {
      both: {
        processes: [
          {
            pid: 10,
            parent: 1,
            name: "haproxy",
            argv: ["/usr/sbin/haproxy", "-Ws", "-f", "/etc/haproxy/haproxy.cfg"],
            unit: "haproxy.service",
          },
        ],
      },
    },
  },
  good: {
    haproxy: { both: "listen app\n    bind :80\n" },
    facts: {
      both: {
        processes: [
          {
            pid: 10,
            parent: 1,
            name: "haproxy",
            argv: [
              "/usr/sbin/haproxy",
              "-Ws",
              "-f",
              "/etc/haproxy/haproxy.cfg",
              "-S",
              "/run/haproxy-master.sock",
            ],
            unit: "haproxy.service",
          },
        ],
      },
    },
  },
  check: (pair) =>
    eachHaproxyWithFacts(pair, (_, { processes, haproxy }) => {
      const master = processes?.find(
        ({ name, argv }) => name === "haproxy" && argv.some((word) => /^-Ws?$/.test(word)),
      );
      if (master === undefined || haproxy === null || !atLeast(haproxy.version, [1, 9, 0])) return [];
      if (master.argv.some((word) => word === "-S" || word.startsWith("-S/"))) return [];
      return [
        found(
          null,
          `HAProxy runs as ${master.argv.join(" ")}, without -S: nobody can ask its master how a reload went`,
        ),
      ];
    }),
};

const noMonitor: Rule = {
  id: "H47",
  severity: "info",
  title: "HAProxy answers a health check of its own.",
  why: "Keepalived, and whoever watches the pair, can then ask whether it really serves, not just whether a process is there.",
  source: "HAProxy's configuration manual, monitor-uri",
  fix: "Add a frontend on 127.0.0.1 with monitor-uri /healthz.",
  bad: { haproxy: { both: "frontend web\n    mode http\n    bind :80\n" } },
  good: {
    haproxy: { both: "frontend health\n    mode http\n    bind 127.0.0.1:8404\n    monitor-uri /healthz\n" },
  },
  check: (pair) =>
    eachHaproxy(pair, (config) => {
      const [first] = config.proxies;
      if (first === undefined || answersMonitors(config)) return [];
      return [found(first.at, "no frontend has a monitor-uri")];
    }),
};

const answersMonitors = ({ proxies }: HaproxyConfig): boolean =>
  proxies.some((proxy) =>
    [...proxy.inherited, ...proxy.directives].some(
      ({ keyword, words }) =>
        keyword === "monitor-uri" || (keyword === "http-request" && words[1]?.text === "return"),
    ),
  );

/** How HAProxy is watched and steered. */
export const haproxyManagement: readonly Rule[] = [
  openStatistics,
  openSocket,
  noSocket,
  noMasterSocket,
  noMonitor,
];
