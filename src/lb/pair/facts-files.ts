import { map, type Probe, read } from "../../core/probe.ts";
import { quote } from "../../core/shell.ts";
import { type Frame, frames, named, PUT, textOf } from "../live/frames.ts";
import type { FileFact, NodeFacts } from "./facts.ts";
import type { FactsWanted } from "./facts-wanted.ts";

/** Texts of which a rule reads the content, where they are there. */
const TEXTS = [
  "/etc/hosts",
  "/etc/rsyslog.conf",
  "/etc/rsyslog.d/*.conf",
  "/etc/logrotate.conf",
  "/etc/logrotate.d/*",
  "/etc/sysctl.conf",
  "/etc/sysctl.d/*.conf",
  "/run/sysctl.d/*.conf",
  "/usr/local/lib/sysctl.d/*.conf",
  "/usr/lib/sysctl.d/*.conf",
  "/etc/apt/apt.conf.d/*",
  "/etc/default/haproxy",
  "/etc/default/keepalived",
  "/etc/sysconfig/haproxy",
  "/etc/sysconfig/keepalived",
];

/** Bytes; what is larger is none of the texts that are meant. */
const LARGEST_TEXT = 65_536;
const LARGEST_DIGEST = 16_777_216;

const script = ({ files }: FactsWanted): string => `
${PUT}
look() {
  if ! said=$(stat -L -c '%a %s %U %G %F' "$2" 2>&1); then
    case "$said" in *'No such file'*|*'Not a directory'*) put "absent:$2" 0 "" ;; esac
    return 0
  fi
  sum=-
  case "$said" in *' regular'*)
    size=\${said#* }; size=\${size%% *}
    [ "$size" -gt ${LARGEST_DIGEST} ] || sum=$(sha256sum <"$2" 2>/dev/null)
    [ "$1" != text ] || [ "$size" -gt ${LARGEST_TEXT} ] || put "text:$2" 0 "$(cat "$2" 2>/dev/null; printf .)" ;;
  esac
  put "file:$2" 0 "\${sum%% *} $said"
}
for path in ${files.map(quote).join(" ")}; do look digest "$path"; done
for path in ${TEXTS.join(" ")}; do [ ! -f "$path" ] || look text "$path"; done
put done 0 ""`;

/** What is found at the paths that the configurations name, and the texts of the system that rules read. */
export const fileFacts = (wanted: FactsWanted): Probe<Pick<NodeFacts, "files">> =>
  map(read(script(wanted), frames), (all) => {
    if (textOf(all, "done") === null) return { files: null };
    const texts = new Map(named(all, "text").map(({ name, text }) => [name, text.slice(0, -1)]));
    return {
      files: new Map<string, FileFact | null>([
        ...named(all, "absent").map(({ name }) => [name, null] as const),
        ...named(all, "file").flatMap((frame) => fileOf(frame, texts)),
      ]),
    };
  });

const fileOf = (
  { name, text }: Pick<Frame, "name" | "text">,
  texts: ReadonlyMap<string, string>,
): readonly (readonly [string, FileFact])[] => {
  const [, sum = "", mode = "", owner = "", group = "", kind = ""] =
    /^(\S*) ([0-7]+) \d+ (\S+) (\S+) (.*)$/.exec(text) ?? [];
  if (mode === "") return [];
  return [
    [
      name,
      {
        kind: kind.startsWith("regular") ? "file" : kind === "directory" ? "directory" : "other",
        mode: Number.parseInt(mode, 8),
        owner,
        group,
        digest: /^[0-9a-f]{64}$/.test(sum) ? sum : null,
        text: texts.get(name) ?? null,
      },
    ],
  ];
};
