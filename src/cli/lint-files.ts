import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { LbplayError, LbplayErrors, type SourceText } from "../core/error.ts";
import { markedVersion } from "../lb/document.ts";
import { haproxyConfig } from "../lb/haproxy/read-config.ts";
import { keepalivedConfig } from "../lb/keepalived/read-config.ts";
import type { NodeFacts } from "../lb/pair/facts.ts";
import { type FileKind, fileKind } from "../lb/pair/file-kind.ts";
import type { Pair, PairNode } from "../lb/pair/pair.ts";
import { NO_SETTINGS } from "../lb/pair/settings.ts";
import { UNKNOWN_FACTS } from "../lb/pair/unknown-facts.ts";
import type { Version } from "../lb/version.ts";
import type { GivenVersions } from "./run-options.ts";

/**
 * The pair that files on this machine describe: `PATH`, a directory, or `NODE:PATH`. Files of one directory are one
 * node's; which daemon reads a file is told by its content. Throws LbplayErrors.
 */
export const pairOfFiles = (words: readonly string[], cwd: string, versions: GivenVersions): Pair => {
  const faults: LbplayError[] = [];
  const files = words.flatMap((word) => filesOf(word, cwd, faults));
  const names = [...new Set(files.map((file) => file.node))];
  const nodes = names.map((name) => {
    const own = files.filter((file) => file.node === name);
    faults.push(...refuseTwo(name, own));
    return nodeOf(name, own, versions);
  });
  if (faults.length > 0) throw new LbplayErrors(faults);
  return { name: "files", nodes, settings: NO_SETTINGS };
};

/** One file of one node. */
interface GivenFile {
  readonly node: string;
  readonly kind: FileKind;
  readonly source: SourceText;
  /** A file that was given includes it. */
  readonly included: boolean;
}

const filesOf = (word: string, cwd: string, faults: LbplayError[]): readonly GivenFile[] => {
  const [, named = null, shown = word] = exists(resolve(cwd, word))
    ? []
    : (/^([^/:]+):(.+)$/.exec(word) ?? []);
  const path = resolve(cwd, shown);
  if (!exists(path)) {
    faults.push(
      mistake(`there is no file ${shown}`, "name configuration files, or a playbook with -i INVENTORY"),
    );
    return [];
  }
  if (!statSync(path).isDirectory()) return fileOf(shown, path, named, faults);
  const inside = readdirSync(path).filter((name) => /\.(cfg|conf)$/.test(name));
  if (inside.length === 0) faults.push(mistake(`there is no *.cfg and no *.conf in ${shown}`, null));
  return inside.toSorted().flatMap((name) => fileOf(join(shown, name), join(path, name), named, faults));
};

const fileOf = (
  shown: string,
  path: string,
  named: string | null,
  faults: LbplayError[],
): readonly GivenFile[] => {
  const source = { path: shown, text: readFileSync(path, "utf8") };
  const kind = fileKind(source);
  if (kind === null) {
    const hint = /\.ya?ml$/.test(shown) ? "to lint what a playbook would write, add -i INVENTORY" : null;
    faults.push(mistake(`${shown} is neither a haproxy.cfg nor a keepalived.conf`, hint));
    return [];
  }
  const own = { node: named ?? nodeName(shown), kind, source, included: false };
  return kind === "haproxy" ? [own] : [own, ...includedBy(own, path, 0)];
};

/** Directories that say what a file is for, and not whose it is. */
const NOBODY = new Set(["haproxy", "keepalived", "etc", "conf.d", "."]);

/** The nearest directory that can be a node's; `node` where there is none. */
const nodeName = (path: string): string => {
  let directory = dirname(path);
  while (NOBODY.has(basename(directory)) && dirname(directory) !== directory) directory = dirname(directory);
  const name = basename(directory);
  return ["", ".", ".."].includes(name) ? "node" : name;
};

/** Deeper nobody includes on purpose. */
const DEEPEST_INCLUDE = 8;

/** What a keepalived.conf includes, as it is read after it. */
const includedBy = (file: GivenFile, path: string, depth: number): readonly GivenFile[] => {
  if (depth >= DEEPEST_INCLUDE) return [];
  const globs = [...file.source.text.matchAll(/^[ \t]*include\w*[ \t]+"?([^"\s#!]+)/gm)];
  return globs.flatMap(([, glob = ""]) => {
    const directory = resolve(dirname(path), dirname(glob));
    const names = exists(directory) ? readdirSync(directory).filter(matcher(basename(glob))) : [];
    return names.toSorted().flatMap((name) => {
      const inner = join(directory, name);
      if (!statSync(inner).isFile()) return [];
      const shown = glob.startsWith("/") ? inner : join(dirname(file.source.path), dirname(glob), name);
      const own = {
        ...file,
        source: { path: shown, text: readFileSync(inner, "utf8") },
        included: true,
      };
      return [own, ...includedBy(own, inner, depth + 1)];
    });
  });
};

const matcher = (glob: string): ((name: string) => boolean) => {
  const plain = glob.replaceAll(/[.+^${}()|[\]\\]/g, "\\$&");
  const pattern = new RegExp(`^${plain.replaceAll("*", ".*").replaceAll("?", ".")}$`);
  return (name) => pattern.test(name) && (glob.startsWith(".") || !name.startsWith("."));
};

/** HAProxy reads several files as one; keepalived has one that may include others. */
const refuseTwo = (name: string, files: readonly GivenFile[]): readonly LbplayError[] => {
  const mains = files.filter(({ kind, included }) => kind === "keepalived" && !included);
  const [first, second] = mains.map(({ source }) => source.path);
  if (first === undefined || second === undefined) return [];
  return [
    mistake(
      `${first} and ${second} would both be the keepalived.conf of ${name}`,
      `say whose they are: lb1:${first} lb2:${second}`,
    ),
  ];
};

const nodeOf = (name: string, files: readonly GivenFile[], given: GivenVersions): PairNode => {
  const sources = (wanted: FileKind): readonly SourceText[] =>
    files.flatMap(({ kind, source }) => (kind === wanted ? [source] : []));
  const haproxy = sources("haproxy");
  const keepalived = sources("keepalived");
  const versions: GivenVersions = {
    haproxy: given.haproxy ?? markedIn(haproxy),
    keepalived: given.keepalived ?? markedIn(keepalived),
  };
  return {
    name,
    haproxy: haproxy.length === 0 ? null : haproxyConfig(haproxy, versions.haproxy),
    keepalived: keepalived.length === 0 ? null : keepalivedConfig(keepalived, name),
    facts: factsOf(versions),
  };
};

/** A file that lbplay wrote says for which version. */
const markedIn = (sources: readonly SourceText[]): Version | null =>
  sources.map(({ text }) => markedVersion(text)).find((version) => version !== null) ?? null;

const factsOf = ({ haproxy, keepalived }: GivenVersions): NodeFacts | null =>
  haproxy === null && keepalived === null
    ? null
    : {
        ...UNKNOWN_FACTS,
        haproxy: haproxy === null ? null : { version: haproxy, text: "", openssl: true },
        keepalived: keepalived === null ? null : { version: keepalived, text: "" },
      };

const exists = (path: string): boolean => statSync(path, { throwIfNoEntry: false }) !== undefined;

const mistake = (message: string, hint: string | null): LbplayError =>
  new LbplayError({ code: "E_LINT_FILE", message, hint });
