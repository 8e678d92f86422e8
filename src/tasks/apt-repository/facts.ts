import { type Probe, type ReadResult, read } from "../../core/probe.ts";
import { assign, labelled } from "../shared-probes/label.ts";

/** Where a node's sources of packages are, and what is in them. */
export interface Sources {
  /** The main file, usually /etc/apt/sources.list. */
  readonly main: string;
  /** The directory of the others, and that of trusted keys; each ends with a slash. */
  readonly parts: string;
  readonly trusted: string;
  /** The release's name; empty where the node does not tell it. */
  readonly codename: string;
  /** The text of each file by path, the main file first. */
  readonly files: ReadonlyMap<string, string>;
}

/** What a node has, or why it cannot be told. */
export type SourceFacts =
  | { readonly kind: "sources"; readonly sources: Sources }
  | { readonly kind: "fault"; readonly reason: string };

/** Shell lines that set `f`, `d` and `t` to the main file, the directory of others and that of keys, `c` to the release's name. */
export const FIND_SOURCES = (codename: string | null): readonly string[] => [
  "command -v apt-config >/dev/null 2>&1 || exit 127",
  'f=; d=; t=; eval "$(apt-config shell f Dir::Etc::sourcelist/f d Dir::Etc::sourceparts/d t Dir::Etc::trustedparts/d)"',
  codename === null ? 'c=$(. /etc/os-release 2>/dev/null; echo "$VERSION_CODENAME")' : assign("c", codename),
];

/** Reads all files of sources in the old form of one line each. */
export const sourceFacts = (codename: string | null): Probe<SourceFacts> =>
  read(
    labelled(`sources of packages${codename === null ? "" : ` for ${codename}`}`, [
      ...FIND_SOURCES(codename),
      'printf \'%s\\0\' "$f" "$d" "$t" "$c"',
      'for p in "$f" "$d"*.list; do [ -f "$p" ] || continue',
      "printf '%s\\0' \"$p\"; cat <\"$p\" || exit 4; printf '\\0'; done",
    ]),
    parseSources,
  );

const parseSources = ({ code, stdout, stderr }: ReadResult): SourceFacts => {
  if (code === 127) return { kind: "fault", reason: "there is no apt: this is no Debian system" };
  if (code !== 0) {
    return {
      kind: "fault",
      reason: `the files of sources cannot be read: ${stderr.toString("utf8").trim()}`,
    };
  }
  const [main = "", parts = "", trusted = "", codename = "", ...rest] = stdout.toString("utf8").split("\0");
  const files = new Map<string, string>();
  for (let at = 0; at + 1 < rest.length; at += 2) files.set(rest[at] ?? "", rest[at + 1] ?? "");
  return { kind: "sources", sources: { main, parts, trusted, codename, files } };
};
