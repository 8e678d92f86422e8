import { map, type Probe, read } from "../../core/probe.ts";
import { type Frame, frames, named, PUT, textOf } from "./frames.ts";
import { PROCESSES, processesOf } from "./processes.ts";
import type { LiveKeepalived } from "./state.ts";
import { instancesFromData, instancesFromJson } from "./vrrp-report.ts";

/**
 * What keepalived tells when it gets a signal it puts into /tmp, which may be one of its own (PrivateTmp). Before 2.0.9 it
 * followed links there and let everybody read its passwords, so the file is made first, for root alone. A signal that
 * keepalived does not know ends it: which number means JSON is asked of the very program that runs.
 */
const TELL = `
tell() {
  told=/proc/$main/root$where/$2
  for try in 1 2 3; do
    rm -f "$told"
    ( umask 077; set -C; : >"$told" ) 2>/dev/null
    kill -s "$1" "$main" 2>/dev/null || return 1
    size=0
    for turn in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
      sleep 0.05
      [ -s "$told" ] && [ ! -h "$told" ] && [ -O "$told" ] || continue
      [ "$(wc -c <"$told")" != "$size" ] || { cat "$told"; rm -f "$told"; return 0; }
      size=$(wc -c <"$told")
    done
  done
  rm -f "$told"
  return 1
}
report() {
  json=$("/proc/$main/exe" --signum=JSON 2>/dev/null)
  case "$json" in
    *[!0-9]*|"") ;;
    *) said=$(tell "$json" keepalived.json); code=$?; put json "$code" "$said"; [ "$code" != 0 ] || return 0 ;;
  esac
  said=$(tell USR1 keepalived.data); put data $? "$said"; rm -f "/proc/$main/root$where/keepalived_parent.data"
  said=$(tell USR2 keepalived.stats); put stats $? "$said"
}`;

const CONFIG = `
config() {
  put "config:$1" 0 "$(cat "$1" 2>/dev/null)"
  [ "$2" -lt 8 ] || return 0
  sed -n 's/^[[:space:]]*include[a-z_]*[[:space:]]\\{1,\\}"\\{0,1\\}\\([^"[:space:]#!]*\\).*/\\1/p' "$1" 2>/dev/null | while read -r glob; do
    case "$glob" in /*) ;; *) glob=\${1%/*}/$glob ;; esac
    for file in $glob; do [ ! -f "$file" ] || config "$file" $(( $2 + 1 )); done
  done
}
tracked() {
  sed -n -e 's/^[[:space:]]*file[[:space:]]\\{1,\\}"\\{0,1\\}\\(\\/[^"[:space:]]*\\).*/\\1/p' -e 's/^[[:space:]]*script[[:space:]].*! *-[efs] \\(\\/[^]"[:space:]]*\\).*/\\1/p' "$@" 2>/dev/null | sort -u | while read -r file; do
    if [ -f "$file" ]; then put "tracked:$file" 0 "$(head -c 100 "$file" 2>/dev/null)"; else put "tracked:$file" 1 ""; fi
  done
}`;

const SCRIPT = `
${PUT}
${PROCESSES}
${TELL}
${CONFIG}
put unit 0 "$(systemctl is-active keepalived 2>/dev/null)"
main=$(main_of keepalived)
put main 0 "$main"
processes keepalived
program=keepalived
[ -z "$main" ] || program=/proc/$main/exe
said=$("$program" -v 2>&1); put version $? "$said"
file=
[ -z "$main" ] || file=$(tr '\\0' '\\n' <"/proc/$main/cmdline" | sed -n -e '/^-f$/{n;p;}' -e '/^--use-file$/{n;p;}' -e 's/^--use-file=//p' -e 's/^-f\\(.\\)/\\1/p' | tail -n 1)
file=\${file:-/etc/keepalived/keepalived.conf}
[ ! -f "$file" ] || config "$file" 0
tracked "$file" $(sed -n 's/^[[:space:]]*include[a-z_]*[[:space:]]\\{1,\\}"\\{0,1\\}\\(\\/[^"[:space:]#!]*\\).*/\\1/p' "$file" 2>/dev/null)
where=$(sed -n 's/^[[:space:]]*state_file_location[[:space:]]\\{1,\\}"\\{0,1\\}\\(\\/[^"[:space:]]*\\).*/\\1/p' "$file" 2>/dev/null | tail -n 1)
[ -d "$where" ] || where=/tmp
if [ -z "$main" ]; then put silent 0 "keepalived does not run"
elif [ "$(id -u)" != 0 ]; then put silent 0 "only root may ask keepalived"
else report; fi`;

/** keepalived on a node: its processes, its files, and what its instances are doing. */
export const keepalivedProbe: Probe<LiveKeepalived> = map(read(SCRIPT, frames), (all) => {
  const main = Number(textOf(all, "main") ?? "") || null;
  const config = named(all, "config").map(({ name, text }) => ({ path: name, text: `${text}\n` }));
  return {
    unit: textOf(all, "unit") || "unknown",
    mainPid: main,
    uptime: processesOf(all).find(({ pid }) => pid === main)?.age ?? null,
    version: /v(\d+\.\d+(?:\.\d+)?)/.exec(textOf(all, "version") ?? "")?.[1] ?? null,
    ...instancesOf(all),
    config,
    tracked: new Map(
      all.flatMap(({ name, code, text }): readonly [string, string | null][] =>
        name.startsWith("tracked:") ? [[name.slice("tracked:".length), code === 0 ? text : null]] : [],
      ),
    ),
  };
});

const instancesOf = (all: readonly Frame[]): Pick<LiveKeepalived, "instances" | "told"> => {
  const json = textOf(all, "json");
  const fromJson = json === null ? null : instancesFromJson(json);
  if (fromJson !== null) return { instances: fromJson, told: { by: "json" } };
  const data = textOf(all, "data");
  if (data !== null)
    return { instances: instancesFromData(data, textOf(all, "stats") ?? ""), told: { by: "data" } };
  const reason = textOf(all, "silent") ?? "keepalived does not answer its signals";
  return { instances: [], told: { by: null, reason } };
};
