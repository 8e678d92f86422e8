import { map, type Probe, read } from "../../core/probe.ts";
import { quote } from "../../core/shell.ts";
import { type Frame, frames, named, PUT, textOf } from "../live/frames.ts";
import type { Look } from "./look.ts";
import { type Wire, wireOf } from "./wire.ts";
import { WIRE } from "./wire-script.ts";

/** How a check of keepalived ended that was run by hand, as its user. */
export interface CheckResult {
  readonly name: string;
  readonly code: number;
  /** The beginning of what it said. */
  readonly said: string;
  readonly user: string;
}

/** What became of a marked line that was sent the way of HAProxy's log. */
export interface LogResult {
  readonly target: string;
  readonly facility: string;
  /** Files below /var/log, or `the journal`, in which it arrived; empty: nowhere. null: the node has no logger. */
  readonly arrived: readonly string[] | null;
}

/** A file system, as `df` has it. */
export interface Disk {
  readonly mount: string;
  /** Percent. */
  readonly used: number;
  readonly what: "blocks" | "inodes";
}

/** What only trying tells of a node. */
export interface Symptoms {
  readonly wire: Wire;
  /** For how long adverts were listened for, in seconds. */
  readonly seconds: number;
  /** Interface to the multicast groups it is a member of; null: it does not exist, or `ip` did not tell. */
  readonly groups: ReadonlyMap<string, readonly string[] | null>;
  /** Interface to its own hardware address. */
  readonly macs: ReadonlyMap<string, string>;
  readonly checks: readonly CheckResult[];
  readonly logs: readonly LogResult[];
  readonly disks: readonly Disk[];
  /** The last lines of HAProxy's and keepalived's journals that speak of an error, newest last. */
  readonly complaints: ReadonlyMap<"haproxy" | "keepalived", readonly string[]>;
  /** Lines of nftables and iptables that decide on what comes in, and those that drop VRRP. */
  readonly filters: readonly string[];
}

/** No single step takes longer, in seconds; they go on side by side. */
const STEP = 6;

const script = ({ interfaces, checks, logs, seconds }: Look): string => `
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
command -v timeout >/dev/null || timeout() { shift; "$@"; }
${PUT}
${WIRE}
${CHECK}
${LOG}
parts=$(mktemp -d) || exit 0
trap 'rm -rf "$parts"' EXIT
wire ${seconds} "$parts/wire" &
${checks.map(({ name, command, user }, index) => `check ${index} ${quote(name)} ${quote(user ?? "")} ${quote(command)} &`).join("\n")}
${logs.map(({ name, facility, words }, index) => `log ${index} ${quote(`${name} ${facility}`)} ${words} -p ${quote(`${facility}.info`)} &`).join("\n")}
put links 0 "$(ip -o link show 2>/dev/null)"
for dev in ${interfaces.map(quote).join(" ")}; do said=$(ip maddr show dev "$dev" 2>/dev/null); put "groups:$dev" $? "$said"; done
put disks 0 "$(timeout ${STEP} df -P / /etc /run /tmp /var /var/log 2>/dev/null)"
put inodes 0 "$(timeout ${STEP} df -Pi / /etc /run /tmp /var /var/log 2>/dev/null)"
for unit in haproxy keepalived; do
  put "complaints:$unit" 0 "$(timeout ${STEP} journalctl -q -u "$unit" -n 60 -o cat --no-pager 2>/dev/null | grep -iE 'alert|cannot|error|fail|fault|unknown|invalid|mismatch|denied|refused|exist' | tail -n 6 | cut -c1-300)"
done
put filters 0 "$(timeout ${STEP} nft list ruleset 2>/dev/null | grep -E 'hook input|(vrrp|112).*(drop|reject)' | head -n 20; timeout ${STEP} iptables-save 2>/dev/null | grep -E '^:INPUT|(vrrp|-p 112).*(DROP|REJECT)' | head -n 20)"
wait
put wire 0 "$(cat "$parts/wire" 2>/dev/null)"
for file in "$parts"/check.* "$parts"/log.*; do
  [ -f "$file" ] || continue
  name=\${file##*/}
  { read -r code; read -r title; } <"$file"
  put "\${name%%.*}:$title" "$code" "$(sed 1,2d "$file")"
done`;

/** As keepalived runs it, but through a shell; three lines: its exit code, its user and name, and what it said. */
const CHECK = `
check() {
  user=$3
  [ -n "$user" ] || { user=root; ! id keepalived_script >/dev/null 2>&1 || user=keepalived_script; }
  if [ "$user" = root ] || ! command -v runuser >/dev/null; then timeout ${STEP} sh -c "$4"; else timeout ${STEP} runuser -u "$user" -- sh -c "$4"; fi >"$parts/said.$1" 2>&1 </dev/null
  { echo $?; echo "$user $2"; head -c 200 "$parts/said.$1"; } >"$parts/check.$1"
}`;

/** A line of its own is sent, and looked for where logs are kept: the last megabytes of what was written since. */
const LOG = `
socket_of() { if [ -S "$2" ]; then echo "$2"; else echo "$1"; fi; }
log() {
  part=$1; title=$2; shift 2
  command -v logger >/dev/null || { printf '127\\n%s\\n' "$title" >"$parts/log.$part"; return; }
  mark="lbplay looks for this line: $$-$part-$(date +%s)"
  : >"$parts/since.$part"
  timeout ${STEP} logger "$@" -t haproxy -- "$mark" 2>/dev/null
  for turn in 1 2 3 4 5 6 7 8 9 10; do
    sleep 0.4
    found=$(find /var/log -type f ! -name '*.journal' -newer "$parts/since.$part" 2>/dev/null | while read -r file; do tail -c 4000000 "$file" 2>/dev/null | grep -qF "$mark" && echo "$file"; done)
    [ -n "$found" ] && break
  done
  if [ -z "$found" ] && timeout ${STEP} journalctl -q -n 500 -o cat --no-pager 2>/dev/null | grep -qF "$mark"; then found="the journal"; fi
  { echo 0; echo "$title"; echo "$found"; } >"$parts/log.$part"
}`;

/**
 * Tries what only trying tells: listens for adverts, runs keepalived's checks as keepalived would, sends a line the way
 * of HAProxy's log and looks for it. Needs root; leaves nothing but that line.
 */
export const symptomsProbe = (look: Look): Probe<Symptoms> =>
  map(read(script(look), frames), (all) => symptomsOf(all, look));

const symptomsOf = (all: readonly Frame[], { interfaces, seconds }: Look): Symptoms => {
  const links = textOf(all, "links") ?? "";
  return {
    wire: wireOf(textOf(all, "wire") ?? "", links),
    seconds,
    groups: new Map(
      interfaces.map((name) => {
        const text = textOf(all, `groups:${name}`);
        return [
          name,
          text === null ? null : [...text.matchAll(/^\s+inet6?\s+(\S+)/gm)].map(([, group = ""]) => group),
        ];
      }),
    ),
    macs: new Map(
      [...links.matchAll(/^\d+: ([^:@\s]+).*?link\/ether (\S+)/gm)].map(([, name = "", mac = ""]) => [
        name,
        mac,
      ]),
    ),
    checks: all.flatMap(({ name, code, text }) => {
      const [, user, title] = /^check:(\S+) (.*)$/.exec(name) ?? [];
      return user === undefined || title === undefined
        ? []
        : [{ name: title, user, code, said: text.trim() }];
    }),
    logs: all.flatMap(({ name, code, text }) => {
      const [, target, facility] = /^log:(\S+) (\S+)$/.exec(name) ?? [];
      if (target === undefined || facility === undefined) return [];
      return [{ target, facility, arrived: code === 127 ? null : linesOf(text) }];
    }),
    disks: [
      ...disksOf(textOf(all, "disks") ?? "", "blocks"),
      ...disksOf(textOf(all, "inodes") ?? "", "inodes"),
    ],
    complaints: new Map(
      named(all, "complaints").map(({ name, text }) => [
        name === "haproxy" ? "haproxy" : "keepalived",
        linesOf(text),
      ]),
    ),
    filters: linesOf(textOf(all, "filters") ?? "").map((line) => line.trim()),
  };
};

const linesOf = (text: string): readonly string[] => text.split("\n").filter((line) => line.trim() !== "");

const disksOf = (text: string, what: Disk["what"]): readonly Disk[] => {
  const found = [...text.matchAll(/^\S+ +\S+ +\S+ +\S+ +(\d+)% +(\S+)$/gm)].map(
    ([, used = "", mount = ""]) => ({ mount, used: Number(used), what }),
  );
  return found.filter(({ mount }, index) => found.findIndex((one) => one.mount === mount) === index);
};
