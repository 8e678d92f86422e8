import type { Directive, HaproxyConfig } from "../../haproxy/config.ts";
import { allDirectives } from "../../haproxy/directives.ts";
import type { Listener, NodeFacts } from "../../pair/facts.ts";
import { eachHaproxy, eachHaproxyWithFacts, found } from "../each-node.ts";
import type { Rule } from "../rule.ts";
import { isLoopback, isReachable, isWildcard } from "./addresses.ts";
import { globalLine } from "./global-line.ts";

const LOCAL = "global\n    log 127.0.0.1:514 local2\n";

const SYSLOG: Listener = { protocol: "udp", address: "127.0.0.1", port: 514, process: "rsyslogd" };

const nobodyListens: Rule = {
  id: "L01",
  severity: "error",
  title: "Somebody takes HAProxy's log.",
  why: "It is sent by UDP, which tells nobody that there is no receiver: every line is lost, and that is noticed when it is needed.",
  source: "HAProxy's configuration manual, log",
  fix: 'Let rsyslog listen on the loopback: module(load="imudp") and input(type="imudp" address="127.0.0.1" port="514").',
  bad: { haproxy: { both: LOCAL }, facts: { both: { listeners: [] } } },
  good: { haproxy: { both: LOCAL }, facts: { both: { listeners: [SYSLOG] } } },
  check: (pair) =>
    eachHaproxyWithFacts(pair, (config, { listeners }) =>
      listeners === null
        ? []
        : localTargets(config).flatMap(({ directive, host, port }) => {
            const taken = listeners.some(
              (listener) =>
                listener.protocol === "udp" &&
                listener.port === port &&
                (isWildcard(listener.address) || isLoopback(listener.address)),
            );
            return taken
              ? []
              : [found(directive.at, `nobody listens on UDP ${host}:${port}, where HAProxy sends its log`)];
          }),
    ),
};

/** Log lines of the whole configuration that go to this node itself by UDP. */
const localTargets = (config: HaproxyConfig) =>
  logLines(config).flatMap((directive) => {
    const [, host, port] =
      /^(?:udp@|udp4@|ipv4@)?(localhost|127\.[\d.]+)(?::(\d+))?$/.exec(directive.args[0]?.text ?? "") ?? [];
    return host === undefined ? [] : [{ directive, host, port: Number(port ?? 514) }];
  });

const logLines = (config: HaproxyConfig): readonly Directive[] => {
  const seen = new Set<string>();
  return [...config.global, ...config.proxies.flatMap((proxy) => allDirectives(proxy, "log"))].filter(
    (directive) => {
      const key = `${directive.at.source.path}:${directive.at.line}`;
      if (directive.keyword !== "log" || directive.prefix !== null || seen.has(key)) return false;
      seen.add(key);
      return true;
    },
  );
};

const openReceiver: Rule = {
  id: "L02",
  severity: "warning",
  title: "The receiver of HAProxy's log is for this node only.",
  why: "Whoever reaches port 514 can write into the log, or fill the disk.",
  source: "rsyslog's documentation, imudp",
  fix: 'Give its input an address: input(type="imudp" address="127.0.0.1" port="514"), or $UDPServerAddress 127.0.0.1 before $UDPServerRun 514.',
  bad: { haproxy: { both: LOCAL }, facts: { both: { listeners: [{ ...SYSLOG, address: "0.0.0.0" }] } } },
  good: { haproxy: { both: LOCAL }, facts: { both: { listeners: [SYSLOG] } } },
  check: (pair) =>
    eachHaproxyWithFacts(pair, (config, { listeners }) =>
      localTargets(config)
        .slice(0, 1)
        .flatMap(({ directive, port }) => {
          const open = listeners?.find(
            (listener) =>
              listener.protocol === "udp" && listener.port === port && isWildcard(listener.address),
          );
          if (open === undefined) return [];
          return [
            found(
              directive.at,
              `${open.process ?? "somebody"} takes log lines from everywhere (UDP ${open.address}:${port})`,
            ),
          ];
        }),
    ),
};

const noDevice: Rule = {
  id: "L03",
  severity: "error",
  title: "A HAProxy that is locked into a directory finds /dev/log there.",
  why: "It opens /dev/log after it has locked itself in: without a socket below the chroot no line is ever written.",
  source: "HAProxy's management guide, 8; Debian's haproxy.service, BindReadOnlyPaths",
  fix: "Let rsyslog make the socket ($AddUnixListenSocket /var/lib/haproxy/dev/log), bind-mount it in the unit (BindReadOnlyPaths=/dev/log:/var/lib/haproxy/dev/log), or log to 127.0.0.1.",
  bad: {
    haproxy: { both: "global\n    log /dev/log local0\n    chroot /var/lib/haproxy\n" },
    facts: { both: { files: new Map([["/var/lib/haproxy/dev/log", null]]) } },
  },
  good: {
    haproxy: { both: "global\n    log /dev/log local0\n    chroot /var/lib/haproxy\n" },
    facts: {
      both: {
        files: new Map([["/var/lib/haproxy/dev/log", null]]),
        units: new Map([
          ["haproxy.service", new Map([["BindReadOnlyPaths", "/dev/log:/var/lib/haproxy/dev/log:norbind"]])],
        ]),
      },
    },
  },
  check: (pair) =>
    eachHaproxyWithFacts(pair, (config, { files, units }) => {
      const chroot = globalLine(config, "chroot")?.args[0]?.text.replace(/\/$/, "");
      const device = logLines(config).find(({ args }) => args[0]?.text === "/dev/log");
      if (chroot === undefined || device === undefined) return [];
      const unit = units?.get("haproxy.service");
      const mounted = ["BindReadOnlyPaths", "BindPaths"].some(
        (name) => unit?.get(name)?.includes(`${chroot}/dev/log`) === true,
      );
      if (mounted || files?.get(`${chroot}/dev/log`) !== null) return [];
      return [
        found(
          device.at,
          `there is no ${chroot}/dev/log, where HAProxy looks once it has locked itself into ${chroot}: its log is lost`,
        ),
      ];
    }),
};

const notGlobal: Rule = {
  id: "L10",
  severity: "warning",
  title: "Every frontend logs its requests.",
  why: "A log line in global is for the process; a proxy writes nothing until it says log global, and requests are of level info, which a line for notice drops.",
  source: "HAProxy's configuration manual, log",
  fix: "Add log global to defaults, and a log line in global that takes info.",
  bad: { haproxy: { both: `${LOCAL}frontend web\n    mode http\n    bind :80\n` } },
  good: {
    haproxy: { both: `${LOCAL}defaults\n    log global\nfrontend web\n    mode http\n    bind :80\n` },
  },
  check: (pair) =>
    eachHaproxy(pair, (config) => {
      const general = config.global.filter(({ keyword }) => keyword === "log");
      const [first] = general;
      if (first === undefined) return [];
      const silent = config.proxies.filter(
        (proxy) => proxy.kind !== "backend" && isReachable(proxy) && allDirectives(proxy, "log").length === 0,
      );
      const deaf = general.every((line) =>
        /^(emerg|alert|crit|err|warning|notice)$/.test(line.args[2]?.text ?? ""),
      );
      const follower = config.proxies.find(
        (proxy) =>
          isReachable(proxy) && allDirectives(proxy, "log").every(({ args }) => args[0]?.text === "global"),
      );
      return [
        ...silent.map((proxy) =>
          found(
            proxy.at,
            `${proxy.kind} ${proxy.name} logs nothing: it has no log line, and log global is not in its defaults`,
          ),
        ),
        ...(deaf && follower !== undefined && !silent.includes(follower)
          ? [
              found(
                first.at,
                `every log line of global is for ${first.args[2]?.text} and graver, so no request of ${follower.kind} ${follower.name} is logged`,
              ),
            ]
          : []),
      ];
    }),
};

const shadowed: Rule = {
  id: "L04",
  severity: "warning",
  title: "One file of rsyslog's takes HAProxy's lines.",
  why: "The distribution's 49-haproxy.conf ends with stop: whatever a later file says of HAProxy never happens.",
  source: "Debian's haproxy package, /etc/rsyslog.d/49-haproxy.conf",
  fix: "Put what you want into 49-haproxy.conf itself.",
  bad: {
    haproxy: { both: LOCAL },
    facts: {
      both: {
        files: new Map([
          [
            "/etc/rsyslog.d/49-haproxy.conf",
            conf(':programname, startswith, "haproxy" {\n  /var/log/haproxy.log\n  stop\n}\n'),
          ],
          ["/etc/rsyslog.d/haproxy.conf", conf("local2.* /var/log/lb.log\n")],
        ]),
      },
    },
  },
  good: {
    haproxy: { both: LOCAL },
    facts: {
      both: {
        files: new Map([
          [
            "/etc/rsyslog.d/49-haproxy.conf",
            conf(':programname, startswith, "haproxy" {\n  /var/log/lb.log\n  stop\n}\n'),
          ],
        ]),
      },
    },
  },
  check: (pair) =>
    eachHaproxyWithFacts(pair, (config, facts) => {
      const facilities = new Set(logLines(config).flatMap(({ args }) => args[1]?.text ?? []));
      const files = rsyslogFiles(facts);
      const stop = files.findIndex(
        ({ text }) => /haproxy/.test(text) && /^\s*(stop|&?\s*~|& stop)\s*$/m.test(text),
      );
      if (stop === -1) return [];
      return files.slice(stop + 1).flatMap(({ path, text }) => {
        const takes =
          /haproxy/.test(text) ||
          [...facilities].some((facility) => new RegExp(`^\\s*${facility}\\.`, "m").test(text));
        return takes
          ? [found(null, `${path} never sees HAProxy's lines: ${files[stop]?.path} stops them`)]
          : [];
      });
    }),
};

function conf(text: string) {
  return { kind: "file" as const, mode: 0o644, owner: "root", group: "root", digest: "0".repeat(64), text };
}

/** rsyslog's own files in the order in which it reads them, without their comments. */
const rsyslogFiles = ({ files }: NodeFacts): readonly { readonly path: string; readonly text: string }[] =>
  [...(files ?? [])]
    .flatMap(([path, file]) => {
      const text = /^\/etc\/rsyslog\.d\/[^/]+\.conf$/.test(path) ? file?.text : null;
      return text === null || text === undefined ? [] : [{ path, text: text.replace(/^\s*#.*$/gm, "") }];
    })
    .toSorted((left, right) => (left.path < right.path ? -1 : 1));

const onlyJournal: Rule = {
  id: "L05",
  severity: "info",
  title: "HAProxy's log is kept in a file.",
  why: "Without rsyslog it goes to the journal, which many nodes keep in memory, and which drops lines of a busy service.",
  source: "journald.conf(5), RateLimitBurst and Storage; Debian 12, where rsyslog is optional",
  fix: "Install rsyslog, or raise the journal's limits.",
  bad: {
    haproxy: { both: "global\n    log /dev/log local0\n" },
    facts: { both: { units: new Map([["rsyslog.service", new Map([["LoadState", "not-found"]])]]) } },
  },
  good: {
    haproxy: { both: "global\n    log /dev/log local0\n" },
    facts: { both: { units: new Map([["rsyslog.service", new Map([["LoadState", "loaded"]])]]) } },
  },
  check: (pair) =>
    eachHaproxyWithFacts(pair, (config, { units }) => {
      const device = logLines(config).find(({ args }) => args[0]?.text === "/dev/log");
      const other = ["syslog-ng.service", "syslog.service"].some(
        (name) => units?.get(name)?.get("ActiveState") === "active",
      );
      if (device === undefined || other || units?.get("rsyslog.service")?.get("LoadState") !== "not-found")
        return [];
      return [found(device.at, "rsyslog is not installed: HAProxy's log is in the journal only")];
    }),
};

/** Who takes HAProxy's log. */
export const logging: readonly Rule[] = [
  nobodyListens,
  openReceiver,
  noDevice,
  shadowed,
  onlyJournal,
  notGlobal,
];
