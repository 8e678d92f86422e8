import type { NodeFacts } from "../../pair/facts.ts";
import { eachNode, found } from "../each-node.ts";
import type { Rule } from "../rule.ts";

const RSYSLOG = "/etc/rsyslog.d/49-haproxy.conf";
const ROTATE = "/etc/logrotate.d/haproxy";

function texts(files: Readonly<Record<string, string>>): NodeFacts["files"] {
  return new Map(
    Object.entries(files).map(([path, text]) => [
      path,
      { kind: "file", mode: 0o644, owner: "root", group: "root", digest: "0".repeat(64), text },
    ]),
  );
}

const WRITES = "local2.* /var/log/haproxy.log\n";
const ROTATES =
  "/var/log/haproxy.log {\n    daily\n    rotate 7\n    postrotate\n        /usr/lib/rsyslog/rsyslog-rotate\n    endscript\n}\n";

const twice: Rule = {
  id: "L07",
  severity: "error",
  title: "Each log is rotated by one file.",
  why: "logrotate refuses a log that two files name, and leaves out the whole second file: its logs grow until the disk is full.",
  source: "logrotate 3.21: duplicate log entry",
  fix: "Keep one of them.",
  bad: { facts: { both: { files: texts({ [ROTATE]: ROTATES, "/etc/logrotate.d/lb": ROTATES }) } } },
  good: { facts: { both: { files: texts({ [ROTATE]: ROTATES, [`${ROTATE}.dpkg-dist`]: ROTATES }) } } },
  check: (pair) =>
    eachNode(pair, ({ facts }) => {
      const first = new Map<string, string>();
      return stanzasOf(facts).flatMap(({ path, logs }) =>
        logs.flatMap((log) => {
          const before = first.get(log);
          first.set(log, before ?? path);
          return before === undefined || before === path
            ? []
            : [found(null, `${before} and ${path} both rotate ${log}: logrotate leaves ${path} out`)];
        }),
      );
    }),
};

const restarts: Rule = {
  id: "L08",
  severity: "warning",
  title: "Rotation makes rsyslog open its files anew, and does not restart it.",
  why: "A restart takes the socket away that HAProxy has open in its chroot, and loses what comes meanwhile.",
  source: "HAProxy's management guide, 8; Debian's /usr/lib/rsyslog/rsyslog-rotate",
  fix: "postrotate: /usr/lib/rsyslog/rsyslog-rotate on Debian, systemctl kill -s HUP rsyslog.service elsewhere.",
  bad: {
    facts: {
      both: {
        files: texts({
          [ROTATE]: ROTATES.replace("/usr/lib/rsyslog/rsyslog-rotate", "systemctl restart rsyslog"),
        }),
      },
    },
  },
  good: { facts: { both: { files: texts({ [ROTATE]: ROTATES }) } } },
  check: (pair) =>
    eachNode(pair, ({ facts }) =>
      stanzasOf(facts).flatMap(({ path, logs, body }) => {
        const line = body.split("\n").find((one) => /\brestart\b/.test(one) && /syslog|haproxy/.test(one));
        const about = logs.some((log) => /haproxy/.test(log)) || /haproxy/.test(path);
        return line === undefined || !about
          ? []
          : [found(null, `${path} runs ${line.trim().replace(/[\s.,;:]+$/, "")} at each rotation`)];
      }),
    ),
};

const never: Rule = {
  id: "L09",
  severity: "warning",
  title: "HAProxy's log is rotated.",
  why: "The system's timer reads /etc/logrotate.conf and /etc/logrotate.d alone: a file elsewhere is never looked at, and the log grows until the disk is full.",
  source: "logrotate(8)",
  fix: "Put a file for it into /etc/logrotate.d.",
  bad: {
    facts: {
      both: {
        files: texts({ [RSYSLOG]: WRITES, "/etc/logrotate.d/rsyslog": "/var/log/syslog {\n    daily\n}\n" }),
      },
    },
  },
  good: { facts: { both: { files: texts({ [RSYSLOG]: WRITES, [ROTATE]: ROTATES }) } } },
  check: (pair) =>
    eachNode(pair, ({ facts }) => {
      const stanzas = stanzasOf(facts);
      if (stanzas.length === 0) return [];
      return logsWritten(facts)
        .filter(({ log }) => !stanzas.some(({ logs }) => logs.some((pattern) => matches(pattern, log))))
        .map(({ path, log }) =>
          found(
            null,
            `${path} has HAProxy's lines written to ${log}, which nothing in /etc/logrotate.d rotates`,
          ),
        );
    }),
};

interface Stanza {
  readonly path: string;
  readonly logs: readonly string[];
  readonly body: string;
}

/** Names that logrotate passes over: what editors and package managers leave behind (its tabooext). */
const TABOO = /(~|,v|\.(bak|cfsaved|disabled|swp|rpm(new|orig|save)|(dpkg|ucf|rhn-cfg-tmp)-.*))$/;

/** What /etc/logrotate.d says, in the order in which logrotate reads it. */
const stanzasOf = (facts: NodeFacts | null): readonly Stanza[] =>
  [...(facts?.files ?? [])]
    .filter(
      ([path, file]) =>
        /^\/etc\/logrotate\.(d\/[^/]+|conf)$/.test(path) &&
        !TABOO.test(path) &&
        file?.text !== null &&
        file !== null,
    )
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .flatMap(([path, file]) =>
      [...(file?.text ?? "").replace(/^\s*#.*$/gm, "").matchAll(/((?:"?\/[^\s{}"]+"?\s*)+)\{([^}]*)\}/g)].map(
        ([, logs = "", body = ""]) => ({
          path,
          logs: logs.split(/\s+/).flatMap((log) => (log === "" ? [] : [log.replaceAll('"', "")])),
          body,
        }),
      ),
    );

/** Files that rsyslog's rules about HAProxy write. */
const logsWritten = (facts: NodeFacts | null): readonly { readonly path: string; readonly log: string }[] =>
  [...(facts?.files ?? [])].flatMap(([path, file]) => {
    const text = /^\/etc\/rsyslog\.d\/[^/]+$/.test(path) ? (file?.text ?? "").replace(/^\s*#.*$/gm, "") : "";
    if (!/haproxy/i.test(`${path}${text}`)) return [];
    const plain = [...text.matchAll(/(?:^|\s)-?(\/var\/log\/[\w./-]+)/gm)].map(([, log = ""]) => log);
    const quoted = [...text.matchAll(/file="(\/[^"]+)"/gi)].map(([, log = ""]) => log);
    return [...new Set([...plain, ...quoted])].map((log) => ({ path, log }));
  });

/** A pattern of logrotate's, with `*` and `?`. */
const matches = (pattern: string, log: string): boolean =>
  new RegExp(
    `^${pattern
      .replace(/[.+^${}()|[\]\\]/g, "\\$&")
      .replaceAll("*", "[^/]*")
      .replaceAll("?", "[^/]")}$`,
  ).test(log);

/** How HAProxy's log is kept from filling the disk. */
export const logRotation: readonly Rule[] = [twice, restarts, never];
