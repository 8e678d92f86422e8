import { misfit } from "../../document.ts";
import type { HaproxyConfig } from "../../haproxy/config.ts";
import { haproxySpans } from "../../haproxy/spans.ts";
import type { PairNode } from "../../pair/pair.ts";
import type { Word } from "../../syntax.ts";
import type { Version } from "../../version.ts";
import { atLeast, versionText } from "../../version.ts";
import { couples, eachHaproxy, eachHaproxyWithFacts, type Found, found } from "../each-node.ts";
import type { Finding, Rule } from "../rule.ts";
import { allBinds, bindText } from "./addresses.ts";

/** Before this version nothing is built or packaged any more: what is gone since is gone everywhere. */
const GONE_FOR_ALL: Version = [2, 2, 0];

const OLD = "defaults\n    contimeout 5000\n    clitimeout 50000\n    srvtimeout 50000\n";

const unknown: Rule = {
  id: "H14",
  severity: "error",
  title: "The HAProxy of the node knows every keyword of its configuration.",
  why: "It refuses the whole file for one word that came later or is gone.",
  source: "HAProxy's sources and manuals, 1.5 to 3.5",
  fix: "Write what that version knows, or install the version that knows it.",
  bad: { haproxy: { both: OLD } },
  good: {
    haproxy: { both: "defaults\n    timeout connect 5s\n    timeout client 50s\n    timeout server 50s\n" },
  },
  check: (pair) =>
    eachHaproxy(pair, (config, { facts }) => {
      const version = facts?.haproxy?.version ?? null;
      return [...inlineAddresses(config), ...misfits(config, version, (keyword) => !PROCESSES.test(keyword))];
    }),
};

const PROCESSES = /^(nbproc|bind-process)\b/;

/** `frontend web *:80`, as versions before 2.0 took it. */
const inlineAddresses = ({ sections }: HaproxyConfig): readonly Found[] =>
  sections.flatMap(({ keyword, name, header }) => {
    const address = header.words[2];
    if (
      !/^(frontend|listen)$/.test(keyword) ||
      address === undefined ||
      address.text === "from" ||
      !address.text.includes(":")
    )
      return [];
    return [
      found(
        address.at,
        `${keyword} ${name?.text} has its address ${address.text} in its first line: HAProxy asks for a bind line`,
        {
          fix: `Write bind ${address.text} below it.`,
        },
      ),
    ];
  });

/** Lines that a version does not know; without a version only what is gone everywhere. */
const misfits = (
  config: HaproxyConfig,
  version: Version | null,
  wanted: (line: string) => boolean,
): readonly Found[] => {
  return linesOf(config).flatMap(({ text, words }) => {
    if (!wanted(text)) return [];
    return haproxySpans.flatMap((span): readonly Found[] => {
      const match = span.pattern.exec(text);
      const [first] = words;
      if (match === null || first === undefined) return [];
      const shown = (match[1] ?? match[0]).trim();
      if (version !== null) {
        const message = misfit(shown, { name: "HAProxy", version }, span);
        return message === null ? [] : [found(first.at, message)];
      }
      if (span.until === undefined || !atLeast(GONE_FOR_ALL, span.until)) return [];
      const advice = span.instead === undefined ? "" : `; use ${span.instead}`;
      const message = `"${shown}" is gone since HAProxy ${versionText(span.until)}${advice}`;
      return [found(first.at, message, { severity: "warning" })];
    });
  });
};

/** Every line that says something and holds for sure, with one blank between its words. */
const linesOf = ({
  global,
  proxies,
  sections,
}: HaproxyConfig): readonly { readonly text: string; readonly words: readonly Word[] }[] => {
  const unsure = new Set(
    [...global, ...proxies.flatMap(({ inherited, directives }) => [...inherited, ...directives])]
      .filter(({ conditional }) => conditional)
      .map(({ at }) => `${at.source.path}:${at.line}`),
  );
  return sections
    .flatMap(({ header, lines }) => [header, ...lines])
    .filter(
      ({ words: [first] }) => first !== undefined && !unsure.has(`${first.at.source.path}:${first.at.line}`),
    )
    .map(({ words }) => ({ text: words.map(({ raw }) => raw).join(" "), words }));
};

const processes: Rule = {
  id: "H48",
  severity: "warning",
  title: "HAProxy runs as one process with threads.",
  why: "With nbproc every process checks the servers, counts and limits for itself; it is gone since HAProxy 2.5, which refuses the file.",
  source: "HAProxy's configuration manual 2.4, nbproc; sources of 2.5 and 2.7",
  fix: "Take nbproc, bind-process and process out; nbthread is set by itself from HAProxy 2.0.",
  bad: { haproxy: { both: "global\n    nbproc 4\n" } },
  good: { haproxy: { both: "global\n    nbthread 4\n" } },
  check: (pair) =>
    eachHaproxy(pair, (config, { facts }) => {
      const version = facts?.haproxy?.version ?? null;
      const refused = misfits(config, version ?? [2, 4, 0], (line) => PROCESSES.test(line));
      if (refused.length > 0) return refused.map((finding) => ({ ...finding, severity: "error" as const }));
      const line = config.global.find(
        ({ keyword, args }) => keyword === "nbproc" && Number(args[0]?.text ?? 1) > 1,
      );
      if (line === undefined) return [];
      return [
        found(
          line.at,
          `nbproc ${line.args[0]?.text}: each process checks the servers for itself, and HAProxy 2.5 refuses the line`,
        ),
      ];
    }),
};

const noOpenssl: Rule = {
  id: "H50",
  severity: "error",
  title: "A HAProxy that shall speak TLS was built with OpenSSL.",
  why: "make without USE_OPENSSL=1 gives a program that refuses ssl.",
  source: "HAProxy's INSTALL",
  fix: "Install the distribution's package, or build with USE_OPENSSL=1.",
  bad: {
    haproxy: { both: "frontend web\n    bind :443 ssl crt /etc/haproxy/site.pem\n" },
    facts: { both: { haproxy: { version: [2, 6, 12], text: "HAProxy version 2.6.12\n", openssl: false } } },
  },
  good: {
    haproxy: { both: "frontend web\n    bind :443 ssl crt /etc/haproxy/site.pem\n" },
    facts: {
      both: {
        haproxy: {
          version: [2, 6, 12],
          text: "HAProxy version 2.6.12\nBuilt with OpenSSL version : OpenSSL 3.0\n",
          openssl: true,
        },
      },
    },
  },
  check: (pair) =>
    eachHaproxyWithFacts(pair, (config, { haproxy }) => {
      if (haproxy?.openssl !== false) return [];
      return allBinds(config)
        .filter(({ bind }) => bind.options.has("ssl"))
        .slice(0, 1)
        .map(({ bind }) =>
          found(
            bind.at,
            `${bindText(bind)} is to speak TLS, and the HAProxy ${versionText(haproxy.version)} of the node was built without OpenSSL`,
          ),
        );
    }),
};

const branchOf = ([major, minor]: Version): string => `${major}.${minor}`;

const differentVersions: Rule = {
  id: "X41",
  severity: "warning",
  title: "The nodes run the same HAProxy.",
  why: "Keywords and defaults differ between branches: what the owner does, the standby may refuse or do otherwise, and that shows on the day it takes over.",
  source: "HAProxy's sources and manuals, 1.5 to 3.5",
  fix: "Upgrade the older one, the standby first.",
  bad: {
    haproxy: { both: "backend app\n    mode http\n    retry-on conn-failure\n" },
    facts: {
      lb1: { haproxy: { version: [2, 6, 12], text: "HAProxy version 2.6.12\n", openssl: true } },
      lb2: { haproxy: { version: [1, 8, 8], text: "HA-ProxySection version 1.8.8\n", openssl: true } },
    },
  },
  good: {
    haproxy: { both: "backend app\n    mode http\n    retry-on conn-failure\n" },
    facts: {
      both: { haproxy: { version: [2, 6, 12], text: "HAProxy version 2.6.12\n", openssl: true } },
    },
  },
  check: (pair) => couples(pair).flatMap(([left, right]) => versionGap(left, right)),
};

const versionGap = (left: PairNode, right: PairNode): readonly Finding[] => {
  const one = left.facts?.haproxy?.version ?? null;
  const other = right.facts?.haproxy?.version ?? null;
  if (one === null || other === null || left.haproxy === null || right.haproxy === null) return [];
  if (branchOf(one) === branchOf(other)) return [];
  const [newer, older, newerVersion, olderVersion] = atLeast(one, other)
    ? [left, right, one, other]
    : [right, left, other, one];
  // What the older node's own file has is H14's.
  const own = new Set(
    misfits(
      right.haproxy === null ? left.haproxy : (older.haproxy ?? left.haproxy),
      olderVersion,
      () => true,
    ).map(({ message }) => message),
  );
  const refused = misfits(newer.haproxy ?? left.haproxy, olderVersion, () => true).filter(
    ({ message }) => !own.has(message),
  );
  return [
    {
      nodes: [left.name, right.name],
      at: null,
      message: `${newer.name} has HAProxy ${versionText(newerVersion)}, ${older.name} has ${versionText(olderVersion)}`,
      fix: null,
    },
    ...refused.map((finding) => ({
      ...finding,
      nodes: [newer.name],
      message: `${older.name} could not take over this line: ${finding.message}`,
    })),
  ];
};

/** What the HAProxy that is there can do. */
export const haproxyVersions: readonly Rule[] = [differentVersions, unknown, processes, noOpenssl];
