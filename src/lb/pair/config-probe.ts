import type { SourceText } from "../../core/error.ts";
import { map, type Probe, read } from "../../core/probe.ts";
import { type Frame, frames, PUT, textOf } from "../live/frames.ts";
import { PROCESSES } from "../live/processes.ts";

/** The configurations of a node, as its daemons read them. Paths are the node's own. */
export interface NodeConfigs {
  /** In the order in which HAProxy reads them; empty: there is none. */
  readonly haproxy: readonly SourceText[];
  /** The main file, then what it includes, in the order of reading; empty: there is none. */
  readonly keepalived: readonly SourceText[];
  /** What keepalived compares `@name` lines with: its -i, else the short host name. */
  readonly configId: string;
  /** Files that are there and that the login user, whoever it became, may not read. */
  readonly unreadable: readonly string[];
}

/** A dot behind the content keeps the shell from taking line feeds off its end. */
const FILES = `
file() {
  [ -f "$2" ] || return 0
  if [ -r "$2" ]; then put "$1:$2" 0 "$(cat "$2"; printf .)"; else put "$1:$2" 1 ""; fi
}
included() {
  file keepalived "$1"
  [ "$2" -lt 8 ] || return 0
  sed -n 's/^[[:space:]]*include[a-z_]*[[:space:]]\\{1,\\}"\\{0,1\\}\\([^"[:space:]#!]*\\).*/\\1/p' "$1" 2>/dev/null | while read -r glob; do
    case "$glob" in /*) ;; *) glob=\${1%/*}/$glob ;; esac
    for found in $glob; do [ ! -f "$found" ] || included "$found" $(( $2 + 1 )); done
  done
}
argument() { printf '%s\\n' "$words" | sed -n -e "/^-$1\\$/{n;p;}" -e "/^--$2\\$/{n;p;}" -e "s/^--$2=//p" -e "s/^-$1\\(.\\)/\\1/p"; }
words_of() { [ -z "$1" ] || tr '\\0' '\\n' <"/proc/$1/cmdline"; }`;

const SCRIPT = `
${PUT}
${PROCESSES}
${FILES}
words=$(words_of "$(main_of haproxy)")
configs=$(printf '%s\\n' "$words" | sed -n '/^-f$/{n;p;}')
if [ -z "$configs" ]; then
  configs=/etc/haproxy/haproxy.cfg
  ! systemctl cat haproxy 2>/dev/null | grep -q /etc/haproxy/conf.d || configs="$configs
/etc/haproxy/conf.d"
fi
printf '%s\\n' "$configs" | while read -r path; do
  if [ -d "$path" ]; then for one in "$path"/*.cfg; do file haproxy "$one"; done; else file haproxy "$path"; fi
done
words=$(words_of "$(main_of keepalived)")
main=$(argument f use-file | tail -n 1)
included "\${main:-/etc/keepalived/keepalived.conf}" 0
id=$(argument i config-id | tail -n 1)
name=$(uname -n)
put id 0 "\${id:-\${name%%.*}}"`;

/** Reads the files that the daemons of a node read, or would read if they were started; needs root for keepalived's. */
export const configProbe: Probe<NodeConfigs> = map(read(SCRIPT, frames), (all) => ({
  haproxy: sourcesOf(all, "haproxy"),
  keepalived: sourcesOf(all, "keepalived"),
  configId: textOf(all, "id") ?? "",
  unreadable: all.flatMap(({ name, code }) =>
    code === 0 || !name.includes(":") ? [] : [name.slice(name.indexOf(":") + 1)],
  ),
}));

const sourcesOf = (all: readonly Frame[], daemon: string): readonly SourceText[] =>
  all.flatMap(({ name, code, text }) =>
    name.startsWith(`${daemon}:`) && code === 0
      ? [{ path: name.slice(daemon.length + 1), text: text.slice(0, -1) }]
      : [],
  );
