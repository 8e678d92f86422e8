import { map, type Probe, read } from "../../core/probe.ts";
import { certificatesOf } from "./certificates.ts";
import { type Frame, frames, named, PUT, textOf } from "./frames.ts";
import { familyOf, type LiveProcess, PROCESSES, processesOf } from "./processes.ts";
import { ASK } from "./socket.ts";
import type { LiveHaproxy } from "./state.ts";
import { failedReloads, statsOf } from "./stats.ts";

/** Certificate files that are looked at. */
const MOST_CERTIFICATES = 200;

/**
 * Lists what a configuration names: `read` files that are part of it, `certificate` files and directories, `socket`s.
 * What HAProxy itself writes, or only sends to, is no part of it.
 */
const NAMED = `
named() {
  awk '
    function base(path, of) { return path ~ /^\\// ? path : of "/" path }
    { gsub(/["\\047]/, "") }
    $1 ~ /^#/ { next }
    $1 == "crt-base" { crt = $2; print "crt-base", crt }
    $1 == "ca-base" { ca = $2 }
    $1 == "stats" && $2 == "socket" { level = "other"; for (i = 3; i < NF; i++) if ($i == "level") level = $(i + 1); socket = $3; sub(/^unix@/, "", socket); if (socket ~ /^\\//) print "socket", level, socket; next }
    $1 ~ /^(server-state-file|server-state-base|load-server-state-from-file|pidfile|chroot|log|unix-bind|option|http-check|monitor-uri|stats|user|group)$/ { next }
    {
      for (i = 1; i <= NF; i++) {
        word = $i; before = $(i - 1)
        if (i > 1 && before == "crt") { print "certificate", base(word, crt) }
        else if (i > 1 && before == "crt-list") { print "list", base(word, crt); print "read", base(word, crt) }
        else if (i > 1 && before ~ /^(ca-file|ca-verify-file|crl-file)$/) print "read", base(word, ca)
        else if (match(word, /\\(\\/[^,)]*/)) print "read", substr(word, RSTART + 1, RLENGTH - 1)
        else if (word ~ /^\\// && $1 !~ /^(acl|use_backend|http-request|http-response|http-after-response|redirect|bind|server)$/ || word ~ /^\\// && before ~ /^(-f|-M|lf-file|file|errorfile)$/) print "read", word
      }
    }' "$@"
}`;

const SCRIPT = `
${PUT}
${PROCESSES}
${ASK}
${NAMED}
put unit 0 "$(systemctl is-active haproxy 2>/dev/null)"
main=$(main_of haproxy)
put main 0 "$main"
processes 'haproxy*'
program=haproxy
if [ -n "$main" ]; then
  program=$(readlink "/proc/$main/exe")
  case "$program" in *' (deleted)') put replaced 0 yes; program=\${program% (deleted)} ;; esac
  program=\${program%-systemd-wrapper}
fi
said=$("$program" -v 2>/dev/null); put disk $? "$said"
words=
[ -z "$main" ] || words=$(tr '\\0' '\\n' <"/proc/$main/cmdline")
configs=$(printf '%s\\n' "$words" | sed -n '/^-f$/{n;p;}' | while read -r file; do
  if [ -d "$file" ]; then for one in "$file"/*.cfg; do [ ! -f "$one" ] || echo "$one"; done; else echo "$file"; fi; done)
[ -n "$configs" ] || configs=/etc/haproxy/haproxy.cfg
IFS='
'
set -f
for file in $configs; do [ ! -f "$file" ] || put "config:$file" 0 "$(cat "$file")"; done
list=$(named $configs 2>/dev/null)
certificates=$(
  printf '%s\\n' "$list" | sed -n 's/^certificate //p'
  for file in $(printf '%s\\n' "$list" | sed -n 's/^list //p'); do
    awk -v base="$(printf '%s\\n' "$list" | sed -n 's/^crt-base //p')" '$1 !~ /^#/ && NF { print $1 ~ /^\\// ? $1 : base "/" $1 }' "$file" 2>/dev/null
  done)
set +f
certificates=$(for path in $certificates; do
  if [ -d "$path" ]; then for file in "$path"/*; do case "$file" in *.key|*.issuer|*.ocsp|*.sctl|*.dhparam) ;; *) [ ! -f "$file" ] || printf '%s\\n' "$file" ;; esac; done
  else printf '%s\\n' "$path"; fi; done | sort -u)
set -f
put changes 0 "$(for file in $configs $(printf '%s\\n' "$list" | sed -n 's/^read //p') $certificates; do
  [ ! -f "$file" ] || stat -L -c '%.Y %.Z %n' "$file" 2>/dev/null
done | sort -u)"
count=$(printf '%s\\n' "$certificates" | grep -c .)
[ "$count" -le ${MOST_CERTIFICATES} ] || put certificates-left 0 $(( count - ${MOST_CERTIFICATES} ))
certificates=$(printf '%s\\n' "$certificates" | head -n ${MOST_CERTIFICATES})
[ -z "$certificates" ] || put certificates 0 "$(awk '
  FNR == 1 { print "file " FILENAME; inside = 0 }
  /-----BEGIN/ { inside = /-----BEGIN (TRUSTED )?CERTIFICATE-----/ }
  inside { print }
  /-----END/ { inside = 0 }' $certificates 2>/dev/null)"
socket=$(printf '%s\\n' "$list" | sed -n -e 's/^socket admin //p' | head -n 1)
socket=\${socket:-$(printf '%s\\n' "$list" | sed -n 's/^socket [a-z]* //p' | head -n 1)}
put socket 0 "$socket"
if [ -z "$main" ]; then put silent 0 "HAProxy does not run"
elif [ -z "$socket" ]; then put silent 0 "its configuration has no stats socket: add 'stats socket /run/haproxy/admin.sock mode 660 level admin' to global"
else
  said=$(ask "$socket" 'show info' 2>&1); code=$?; put info $code "$said"
  if [ $code = 0 ]; then said=$(ask "$socket" 'show stat' 2>&1); put stat $? "$said"; fi
fi
master=$(printf '%s\\n' "$words" | sed -n '/^-S$/{n;p;}' | cut -d, -f1)
[ -z "$master" ] || [ -z "$main" ] || { said=$(ask "$master" 'show proc' 2>&1); put procs $? "$said"; }`;

/** HAProxy on a node: its processes, its files, and what its sockets tell. Private keys are not read out. */
export const haproxyProbe: Probe<LiveHaproxy> = map(read(SCRIPT, frames), (all) => {
  const main = Number(textOf(all, "main") ?? "") || null;
  const family = main === null ? [] : familyOf(main, processesOf(all));
  const workers = workersOf(main, family);
  const youngest = workers[0] ?? family[0];
  return {
    unit: textOf(all, "unit") || "unknown",
    mainPid: main,
    workers: workers.map(({ pid, age }) => ({ pid, age })),
    diskVersion: /version (\S+)/.exec(textOf(all, "disk") ?? "")?.[1] ?? null,
    replaced: textOf(all, "replaced") !== null,
    stats: statsOf(all),
    failedReloads: failedReloads(textOf(all, "procs")),
    config: named(all, "config").map(({ name, text }) => ({ path: name, text: `${text}\n` })),
    changedSince: youngest === undefined ? [] : changedAfter(youngest.started, all),
    certificates: certificatesOf(textOf(all, "certificates") ?? ""),
    certificatesLeft: Number(textOf(all, "certificates-left") ?? 0),
    socket: textOf(all, "socket") || null,
  };
});

/** The wrapper of 1.5 has a child that has the workers; a master has them itself; without either the process is its own. */
const workersOf = (main: number | null, family: readonly LiveProcess[]): readonly LiveProcess[] => {
  const parents = new Set(family.map(({ parent }) => parent));
  const leaves = family.filter(({ pid }) => !parents.has(pid));
  return leaves.filter(({ pid }) => pid !== main || family.length === 1).toSorted((a, b) => a.age - b.age);
};

/** Clocks of processes count in hundredths of a second. */
const CLOCK_MS = 50;

const changedAfter = (started: number, all: readonly Frame[]): readonly string[] =>
  (textOf(all, "changes") ?? "").split("\n").flatMap((line) => {
    const [, content = "0", state = "0", path] = /^(\S+) (\S+) (.+)$/.exec(line) ?? [];
    const changed = Math.max(Number(content), Number(state)) * 1000;
    return path !== undefined && changed > started + CLOCK_MS ? [path] : [];
  });
