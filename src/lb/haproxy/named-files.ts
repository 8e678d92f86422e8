import type { Place } from "../../core/error.ts";
import type { Word } from "../syntax.ts";
import type { Directive, HaproxyConfig, LineOptions } from "./config.ts";

/** A file or directory that a haproxy.cfg names. */
export interface NamedFile {
  /** What HAProxy looks for there. `certificate` and `crt-list` are of bind lines, `client-certificate` of server lines. */
  readonly kind:
    | "certificate"
    | "client-certificate"
    | "crt-list"
    | "ca"
    | "map"
    | "lua"
    | "errorfile"
    | "secret";
  /** With crt-base or ca-base before it where it is relative. */
  readonly path: string;
  readonly at: Place;
}

/** Every file that a configuration names; what a variable names cannot be told. */
export const namedFiles = (config: HaproxyConfig): readonly NamedFile[] => {
  const crtBase = baseOf(config, "crt-base");
  const caBase = baseOf(config, "ca-base");
  const binds = config.proxies.flatMap(({ binds }) => binds.map(({ options }) => options));
  const servers = config.proxies.flatMap(({ servers }) => servers.map(({ options }) => options));
  const directives = [
    ...config.global,
    ...config.proxies.flatMap((proxy) => [...proxy.inherited, ...proxy.directives]),
  ];
  const all: readonly NamedFile[] = [
    ...named("certificate", binds, ["crt", "default-crt"], crtBase),
    ...named("crt-list", binds, ["crt-list"], ""),
    ...named("ca", binds, ["ca-file", "ca-verify-file", "crl-file"], caBase),
    ...named("secret", binds, ["tls-ticket-keys"], ""),
    ...named("client-certificate", servers, ["crt"], crtBase),
    ...named("ca", servers, ["ca-file", "crl-file"], caBase),
    ...directives.flatMap(filesOfDirective),
    ...config.sections
      .filter(({ keyword }) => keyword === "http-errors")
      .flatMap(({ lines }) => lines)
      .flatMap(({ words }) =>
        words[0]?.text === "errorfile" && words[2] !== undefined ? [errorfile(words[2])] : [],
      ),
  ];
  const seen = new Set<string>();
  return all.filter(({ kind, path }) => {
    const key = `${kind} ${path}`;
    if (path.includes("$") || seen.has(key)) return false;
    seen.add(key);
    return true;
  });
};

/** What crt-base or ca-base puts before relative paths, with its slash; empty where it is not set. */
const baseOf = ({ global }: HaproxyConfig, keyword: string): string => {
  const base = global.findLast((directive) => directive.keyword === keyword)?.args[0]?.text;
  return base === undefined ? "" : `${base.replace(/\/$/, "")}/`;
};

const named = (
  kind: NamedFile["kind"],
  lines: readonly LineOptions[],
  options: readonly string[],
  base: string,
): readonly NamedFile[] =>
  lines
    .flatMap((line) => options.flatMap((option) => line.get(option) ?? []))
    // @system-ca and @store/name are no files.
    .filter(({ text }) => !text.startsWith("@"))
    .map(({ text, at }) => ({ kind, path: text.startsWith("/") ? text : `${base}${text}`, at }));

const errorfile = ({ text, at }: Word): NamedFile => ({ kind: "errorfile", path: text, at });

const filesOfDirective = ({ words }: Directive): readonly NamedFile[] => {
  const [first, second, third] = words;
  if (first === undefined) return [];
  if (first.text === "errorfile" && third !== undefined) return [errorfile(third)];
  if (/^lua-load(-per-thread)?$/.test(first.text) && second !== undefined)
    return [{ kind: "lua", path: second.text, at: second.at }];
  return words.flatMap(({ text, at }, index) => {
    const maps = [...text.matchAll(/\bmap(?:_\w+)?\(([^,)]+)/g)].map(([, path = ""]) => path);
    const list = words[index - 1]?.text === "-f" ? [text] : [];
    // virt@ and opt@ files need not be there.
    return [...maps, ...list]
      .filter((path) => path.startsWith("/"))
      .map((path) => ({ kind: "map" as const, path, at }));
  });
};
