import { namedFiles } from "../../haproxy/named-files.ts";
import type { FileFact } from "../../pair/facts.ts";
import { atLeast } from "../../version.ts";
import { eachHaproxy, eachHaproxyWithFacts, type Found, found } from "../each-node.ts";
import type { Rule } from "../rule.ts";
import { globalLine } from "./global-line.ts";

const ROOT_DIRECTORY: FileFact = {
  kind: "directory",
  mode: 0o755,
  owner: "root",
  group: "root",
  digest: null,
  text: null,
};

const chrootGone: Rule = {
  id: "H39",
  severity: "error",
  title: "The directory that HAProxy is locked into exists and is root's.",
  why: "Without it HAProxy does not start, which haproxy -c does not see; where its own user may write in it, a break-in finds a place to work from.",
  source: "measured with HAProxy 2.6.12; HAProxy's management guide, 13",
  fix: "install -d -o root -g root -m 0755 /var/lib/haproxy.",
  bad: {
    haproxy: { both: "global\n    chroot /srv/haproxy\n" },
    facts: { both: { files: new Map([["/srv/haproxy", null]]) } },
  },
  good: {
    haproxy: { both: "global\n    chroot /srv/haproxy\n" },
    facts: { both: { files: new Map([["/srv/haproxy", ROOT_DIRECTORY]]) } },
  },
  check: (pair) =>
    eachHaproxyWithFacts(pair, (config, { files }): readonly Found[] => {
      const word = globalLine(config, "chroot")?.args[0];
      const there = word === undefined ? undefined : files?.get(word.text);
      if (word === undefined || there === undefined) return [];
      if (there === null || there.kind !== "directory")
        return [
          found(word.at, `chroot ${word.text}: there is no such directory, and HAProxy will not start`),
        ];
      if (there.owner === "root" && (there.mode & 0o002) === 0) return [];
      return [
        found(
          word.at,
          `chroot ${word.text} belongs to ${there.owner} with mode ${there.mode.toString(8)}, not to root alone`,
          { severity: "warning" },
        ),
      ];
    }),
};

const noUser: Rule = {
  id: "H40",
  severity: "error",
  title: "The user and group that HAProxy becomes exist.",
  why: "HAProxy refuses the configuration otherwise.",
  source: "HAProxy 2.6.12: cannot find user id for, fatal",
  fix: "useradd --system --home /var/lib/haproxy --shell /usr/sbin/nologin haproxy, or name one that is there.",
  bad: {
    haproxy: { both: "global\n    user ha\n    group ha\n" },
    facts: { both: { users: new Set(["root"]), groups: new Set(["root"]) } },
  },
  good: {
    haproxy: { both: "global\n    user haproxy\n    group haproxy\n" },
    facts: { both: { users: new Set(["root", "haproxy"]), groups: new Set(["root", "haproxy"]) } },
  },
  check: (pair) =>
    eachHaproxyWithFacts(pair, (config, { users, groups }) =>
      [["user", users] as const, ["group", groups] as const].flatMap(([keyword, there]) => {
        const word = globalLine(config, keyword)?.args[0];
        if (word === undefined || there === null || there.has(word.text) || word.text.includes("$"))
          return [];
        return [found(word.at, `there is no ${keyword} ${word.text} on the node`)];
      }),
    ),
};

const fileGone: Rule = {
  id: "H41",
  severity: "error",
  title: "The files that the configuration names are on the node.",
  why: "HAProxy refuses the configuration for one that is missing: the next reload keeps the old one, the next start fails.",
  source: "HAProxy 2.6.12: error opening file, fatal",
  fix: "Put the file there before the configuration, on every node.",
  bad: {
    haproxy: { both: "frontend web\n    bind :80\n    errorfile 503 /etc/haproxy/errors/503.http\n" },
    facts: { both: { files: new Map([["/etc/haproxy/errors/503.http", null]]) } },
  },
  good: {
    haproxy: { both: "frontend web\n    bind :80\n    errorfile 503 /etc/haproxy/errors/503.http\n" },
    facts: {
      both: {
        files: new Map([["/etc/haproxy/errors/503.http", { ...ROOT_DIRECTORY, kind: "file", mode: 0o644 }]]),
      },
    },
  },
  check: (pair) =>
    eachHaproxyWithFacts(pair, (config, { files }) =>
      namedFiles(config).flatMap(({ path, at }) =>
        files?.get(path) === null ? [found(at, `${path} is not there, and HAProxy will not start`)] : [],
      ),
    ),
};

const noLineFeed: Rule = {
  id: "H42",
  severity: "error",
  title: "The configuration ends with a line feed.",
  why: "HAProxy takes a last line without one for a file that was cut off, and refuses it.",
  source: "HAProxy 2.6.12: Missing LF on last line, fatal; before 2.3 a warning",
  fix: "End the file, or its template, with a line feed.",
  bad: { haproxy: { both: "listen app\n    bind :80\n    server web1 192.0.2.21:80 check" } },
  good: { haproxy: { both: "listen app\n    bind :80\n    server web1 192.0.2.21:80 check\n" } },
  check: (pair) =>
    eachHaproxy(pair, ({ sources }, { facts }) => {
      const version = facts?.haproxy?.version ?? null;
      const mild = version !== null && !atLeast(version, [2, 3, 0]);
      return sources.flatMap((source) => {
        if (source.text === "" || source.text.endsWith("\n")) return [];
        const lines = source.text.split("\n");
        const last = lines.at(-1) ?? "";
        return [
          found(
            { source, line: lines.length, column: 1, length: Math.max(last.length, 1) },
            `the last line of ${source.path} does not end with a line feed`,
            mild ? { severity: "warning" } : {},
          ),
        ];
      });
    }),
};

/** What HAProxy finds on the node. */
export const haproxyHost: readonly Rule[] = [chrootGone, noUser, fileGone, noLineFeed];
