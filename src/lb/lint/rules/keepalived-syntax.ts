import { suggest } from "../../../core/suggest.ts";
import { keywordBlocks, keywordsOf, NEWEST_KNOWN } from "../../keepalived/keywords.ts";
import { keywordOf } from "../../keepalived/statements.ts";
import type { KeepalivedStatement } from "../../keepalived/syntax.ts";
import type { FileFact } from "../../pair/facts.ts";
import { atLeast, type Version, versionText } from "../../version.ts";
import type { Finding, Rule } from "../rule.ts";
import { exampleConf, exampleScript } from "./keepalived-example.ts";
import { eachKeepalived, everyStatement, type KeepalivedNode, onNode } from "./keepalived-parts.ts";

const pairOf = (conf: string) => ({ keepalived: { lb1: conf } });

const weighted = (keyword: string): string =>
  exampleConf({
    before: exampleScript(['script "/usr/bin/curl -fsS http://127.0.0.1:8404/healthz"', `${keyword} 2`]),
    lines: ["track_script {", "    chk_haproxy", "}"],
  });

const trackedFile = exampleConf({
  before: "track_file haproxy {\n    file /run/haproxy-health\n    weight 0\n}",
  lines: ["track_file {", "    haproxy", "}"],
});

const stray: FileFact = {
  kind: "file",
  mode: 0o644,
  owner: "root",
  group: "root",
  digest: null,
  text: null,
};

/** What keepalived does not understand, or will not for long. */
export const keepalivedSyntaxRules: readonly Rule[] = [
  {
    id: "K28",
    severity: "error",
    title: "keepalived knows every keyword, at its place.",
    why: "keepalived skips what it does not know and takes a default: without its weight a script's failure is a FAULT.",
    source:
      "measured with keepalived 2.2.7 (\"Unknown keyword 'weigth'\"); parsers of keepalived 1.2.13 to 2.4.3",
    fix: "Correct the keyword, or move it into the block that it belongs to.",
    bad: pairOf(weighted("weigth")),
    good: pairOf(weighted("weight")),
    check: (pair) => eachKeepalived(pair, unknownKeywords),
  },
  {
    id: "K29",
    severity: "error",
    title: "Braces and quotes match.",
    why: "keepalived goes on with what it makes of the rest: an instance may lose its addresses or its trackers.",
    source: "measured with keepalived 2.2.7",
    fix: "Close each block and each quote.",
    bad: pairOf(exampleConf().replace(/\}\n$/, "")),
    good: pairOf(exampleConf()),
    check: (pair) =>
      eachKeepalived(pair, ({ node, config }) =>
        config.problems.map(({ at, message, severity }) =>
          onNode({ node }, at, message, severity === "error" ? {} : { severity }),
        ),
      ),
  },
  {
    id: "K34",
    severity: "error",
    title: "The installed keepalived is new enough for every keyword.",
    why: "An older keepalived skips the line and takes a default, or drops the whole block.",
    source: "parsers of keepalived 1.2.13 to 2.4.3",
    fix: "Upgrade keepalived, or do without the keyword.",
    bad: {
      ...pairOf(trackedFile),
      facts: { lb1: { keepalived: { version: [2, 0, 19], text: "Keepalived v2.0.19" } } },
    },
    good: pairOf(trackedFile),
    check: (pair) => eachKeepalived(pair, newerKeywords),
  },
  {
    id: "K35",
    severity: "info",
    title: "No keyword is one that keepalived has given up.",
    why: "Deprecated keywords still work, and may go with the next version.",
    source: "keepalived.conf(5); parsers of keepalived 2.1.0 to 2.4.3",
    fix: "Write the keyword that has taken its place.",
    bad: pairOf(exampleConf({ lines: ["native_ipv6"] })),
    good: pairOf(exampleConf()),
    check: (pair) => eachKeepalived(pair, deprecated),
  },
  {
    id: "K42",
    severity: "error",
    title: "The configuration is in the file that keepalived reads.",
    why: "keepalived reads /etc/keepalived/keepalived.conf: a keepalived.cfg beside it has no effect.",
    source: "keepalived(8): FILES",
    fix: "Rename the file.",
    bad: {
      ...pairOf(exampleConf()),
      facts: { lb1: { files: new Map([["/etc/keepalived/keepalived.cfg", stray]]) } },
    },
    good: pairOf(exampleConf()),
    check: (pair) => eachKeepalived(pair, otherFile),
  },
  {
    id: "K43",
    severity: "warning",
    title: "Files that are included exist.",
    why: "keepalived passes over an include that matches nothing: what stands there is silently missing.",
    source: "keepalived.conf(5): include",
    fix: "Create the file, or use includea, which makes its absence an error.",
    bad: {
      ...pairOf(`include /etc/keepalived/checks.conf\n${exampleConf()}`),
      facts: { lb1: { files: new Map([["/etc/keepalived/checks.conf", null]]) } },
    },
    good: {
      ...pairOf(`include /etc/keepalived/checks.conf\n${exampleConf()}`),
    },
    check: (pair) =>
      eachKeepalived(pair, ({ node, config }) =>
        everyStatement(config.statements).flatMap((statement) => {
          const path = statement.words[1];
          const missing = path !== undefined && node.facts?.files?.get(path.text) === null;
          return missing && INCLUDE.test(keywordOf(statement))
            ? [onNode({ node }, path.at, `there is no ${path.text}`)]
            : [];
        }),
      ),
  },
];

/** A file beside the one that is read; and a unit that reads another one. */
const otherFile = ({ node, config }: KeepalivedNode): readonly Finding[] => {
  const beside = node.facts?.files?.get("/etc/keepalived/keepalived.cfg");
  const start = node.facts?.units?.get("keepalived.service")?.get("ExecStart") ?? "";
  const read = /\s(?:-f\s*|--use-file[= ])(\/[^\s;$]+)/.exec(start)?.[1];
  const nameOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);
  const other = read !== undefined && config.sources.every(({ path }) => nameOf(path) !== nameOf(read));
  return [
    ...(beside == null
      ? []
      : [
          onNode({ node }, null, `there is a /etc/keepalived/keepalived.cfg, which keepalived does not read`),
        ]),
    ...(other ? [onNode({ node }, null, `keepalived.service reads ${read}`)] : []),
  ];
};

const INCLUDE = /^include[rmwba]?$/;

interface Placed {
  readonly block: string;
  readonly statement: KeepalivedStatement;
}

/** Statements whose first word must be a keyword, with the block that they are in. LVS blocks are taken for one. */
const keywordStatements = (statements: readonly KeepalivedStatement[], block = ""): readonly Placed[] =>
  statements.flatMap((statement): readonly Placed[] => {
    const keyword = keywordOf(statement);
    const inner = innerBlock(block, keyword);
    const below = inner === null ? [] : keywordStatements(statement.block ?? [], inner);
    return keyword === "" || /^[$@~{}]/.test(keyword) || INCLUDE.test(keyword)
      ? below
      : [{ block, statement }, ...below];
  });

const innerBlock = (block: string, keyword: string): string | null => {
  if (block === "virtual_server") return block;
  if (block === "" && (keyword === "virtual_server" || keyword === "SSL")) return "virtual_server";
  const name = block === "" ? keyword : `${block}/${keyword}`;
  return keywordsOf(name) === null ? null : name;
};

const unknownKeywords = ({ node, config }: KeepalivedNode): readonly Finding[] => {
  // A brace that is missing puts everything behind it into the wrong block.
  if (config.problems.some(({ severity }) => severity === "error")) return [];
  return keywordStatements(config.statements).flatMap(({ block, statement }): readonly Finding[] => {
    const word = statement.words[0];
    const known = keywordsOf(block);
    if (word === undefined || known === null || known.has(word.text)) return [];
    const where = block === "" ? "at the top of the file" : `in ${block.replaceAll("/", " ")}`;
    const near = suggest(word.text, known.keys());
    if (near !== null) {
      return [
        onNode({ node }, word.at, `keepalived knows no ${word.text} ${where}: it skips the line`, {
          fix: `Write ${near}, if that is what is meant.`,
        }),
      ];
    }
    const homes = keywordBlocks().filter(
      (other) => other !== "virtual_server" && keywordsOf(other)?.has(word.text) === true,
    );
    if (homes.length > 0) {
      const home = homes
        .map((name) => (name === "" ? "the top of the file" : name.replaceAll("/", " ")))
        .join(" or ");
      return [onNode({ node }, word.at, `${word.text} means nothing ${where}: it belongs into ${home}`)];
    }
    const installed = node.facts?.keepalived?.version;
    return installed !== undefined && !atLeast(NEWEST_KNOWN, installed)
      ? []
      : [onNode({ node }, word.at, `keepalived knows no ${word.text} ${where}: it skips the line`)];
  });
};

/** Only the block is named where all that stands in it is as new. */
const newerKeywords = ({ node, config }: KeepalivedNode): readonly Finding[] => {
  const installed = node.facts?.keepalived?.version;
  if (installed === undefined) return [];
  const tooNew = keywordStatements(config.statements).filter(({ block, statement }) => {
    const since = keywordsOf(block)?.get(keywordOf(statement))?.since ?? null;
    return since !== null && !atLeast(installed, since);
  });
  const inside = new Set(tooNew.flatMap(({ statement }) => everyStatement(statement.block ?? [])));
  return tooNew
    .filter(({ statement }) => !inside.has(statement))
    .map(({ block, statement }) => {
      const keyword = keywordOf(statement);
      const since = keywordsOf(block)?.get(keyword)?.since ?? installed;
      const older = block === "" && keyword === "track_file" && atLeast(installed, [2, 0, 0]);
      return onNode(
        { node },
        statement.words[0]?.at ?? null,
        `${keyword} came with keepalived ${versionText(since)}, the node has ${installed.join(".")}`,
        older ? { fix: "Write vrrp_track_file." } : {},
      );
    });
};

const GIVEN_UP: readonly {
  readonly block: string;
  readonly name: string;
  readonly instead: string;
  /** The first version that has `instead`; null: there always was. */
  readonly since: Version | null;
}[] = [
  { block: "", name: "vrrp_track_file", instead: "track_file", since: [2, 1, 0] },
  {
    block: "vrrp_instance",
    name: "native_ipv6",
    instead: "an IPv6 address in virtual_ipaddress",
    since: null,
  },
  { block: "vrrp_instance", name: "vmac_garp_intvl", instead: "garp_extra_if", since: [2, 2, 3] },
  { block: "vrrp_instance", name: "linkbeat_use_polling", instead: "linkbeat_interfaces", since: [2, 0, 13] },
  {
    block: "vrrp_sync_group",
    name: "global_tracking",
    instead: "sync_group_tracking_weight",
    since: [2, 0, 0],
  },
  { block: "global_defs", name: "lvs_flush_onstop", instead: "lvs_flush_on_stop", since: [2, 2, 0] },
  { block: "global_defs", name: "vrrp_rlimit_rtime", instead: "vrrp_rlimit_rttime", since: [2, 1, 0] },
];

const deprecated = ({ node, config }: KeepalivedNode): readonly Finding[] => {
  const installed = node.facts?.keepalived?.version ?? null;
  return keywordStatements(config.statements).flatMap(({ block, statement }): readonly Finding[] => {
    const word = statement.words[0];
    const gone = GIVEN_UP.find((entry) => entry.block === block && entry.name === word?.text);
    if (word === undefined || gone === undefined) return [];
    if (gone.since !== null && (installed === null || !atLeast(installed, gone.since))) return [];
    return [onNode({ node }, word.at, `${word.text} is deprecated`, { fix: `Write ${gone.instead}.` })];
  });
};
