import type { DrillEvent, VrrpChange, VrrpStateName } from "./result.ts";

/** What the daemons of a node said since a time, in whole seconds of its clock: from the journal, else from files of syslog. */
export const logScript = (sinceSeconds: number): string => `
command -v timeout >/dev/null || timeout() { shift; "$@"; }
journal() { timeout 8 journalctl -q -o json --no-pager --since "@${sinceSeconds}" "$@" 2>/dev/null | grep -v '"MESSAGE":"Printing VRRP' | tail -n 400; }
said=
if command -v journalctl >/dev/null 2>&1; then
  said=$(journal UNIT=haproxy.service + UNIT=keepalived.service + _SYSTEMD_UNIT=keepalived.service; journal -p notice _SYSTEMD_UNIT=haproxy.service)
  printf '%s\\n' "$said"
fi
case "$said" in *'"_SYSTEMD_UNIT":"keepalived.service"'*) exit 0 ;; esac
echo "zone $(date +%z) $(date +%Y)"
for file in /var/log/syslog /var/log/messages /var/log/daemon.log /var/log/keepalived.log; do
  [ ! -f "$file" ] || tail -c 2000000 "$file" | grep -aE 'Keepalived' | grep -v 'Printing VRRP' | tail -n 200 | sed 's/^/file /'
done`;

/** Lines of a node's log, as far as they tell something of a drill; `at` makes the node's milliseconds ours. */
export const readLog = (
  node: string,
  text: string,
  at: (ms: number) => number,
): { readonly vrrp: readonly VrrpChange[]; readonly events: readonly DrillEvent[] } => {
  const entries = entriesOf(text).toSorted((a, b) => a.ms - b.ms);
  const vrrp: VrrpChange[] = [];
  const events: DrillEvent[] = [];
  for (const { ms, source, message, from } of entries) {
    const [, plain, old, state] =
      /^(?:\((\S+)\)|VRRP_Instance\((\S+)\)) Entering (MASTER|BACKUP|FAULT) STATE/.exec(message) ?? [];
    const instance = plain ?? old;
    if (instance !== undefined && state !== undefined)
      vrrp.push({ at: at(ms), node, instance, state: state as VrrpStateName, source: from });
    else if (TELLING[source].test(message))
      events.push({ at: at(ms), node, source, text: message.slice(0, LONGEST) });
  }
  return { vrrp, events };
};

interface Entry {
  readonly ms: number;
  readonly source: "keepalived" | "haproxy" | "systemd";
  readonly message: string;
  readonly from: VrrpChange["source"];
}

const LONGEST = 200;

/** What is worth a mark in a timeline. */
const TELLING: Readonly<Record<Entry["source"], RegExp>> = {
  keepalived:
    /receive advertisement timeout|lower prio|higher prio|received priority 0|sent 0 priority|effective priority|\b(script|track|process)\b.*(fail|succe|timed|return|status)|fault|netlink reports|gained|lost|timed out|stopping|starting|reload|removing|stopped/i,
  haproxy: /\b(UP|DOWN|alert|fail|exit|stopp|start|reload|worker|cannot|no server)\b/i,
  systemd: /./,
};

const entriesOf = (text: string): readonly Entry[] => {
  const zone = /^zone ([+-]\d{4}) (\d{4})$/m.exec(text);
  return text.split("\n").flatMap((line): readonly Entry[] => {
    if (line.startsWith("{")) return journalEntry(line);
    return line.startsWith("file ")
      ? fileEntry(line.slice(5), zone?.[1] ?? "+0000", zone?.[2] ?? "1970")
      : [];
  });
};

const journalEntry = (line: string): readonly Entry[] => {
  let found: unknown;
  try {
    found = JSON.parse(line);
  } catch {
    return [];
  }
  if (typeof found !== "object" || found === null) return [];
  const entry = found as Readonly<Record<string, unknown>>;
  const micro = Number(entry._SOURCE_REALTIME_TIMESTAMP ?? entry.__REALTIME_TIMESTAMP);
  const { MESSAGE: message } = entry;
  if (!Number.isFinite(micro) || typeof message !== "string") return [];
  const source =
    entry._PID === "1" || entry.SYSLOG_IDENTIFIER === "systemd"
      ? "systemd"
      : /^Keepalived/i.test(String(entry.SYSLOG_IDENTIFIER))
        ? "keepalived"
        : "haproxy";
  return [{ ms: micro / 1000, source, message, from: "journal" }];
};

/** `Nov 27 17:55:51 lb1 Keepalived_vrrp[12]: (VI_1) …`, or with a date of ISO 8601. */
const fileEntry = (line: string, zone: string, year: string): readonly Entry[] => {
  const [, plain, iso, message] =
    /^(?:([A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d)|(\d{4}-\d\d-\d\dT\S+)) \S+ Keepalived\S*: (.*)$/.exec(line) ??
    [];
  if (message === undefined) return [];
  const ms = Date.parse(iso ?? `${plain} ${year} ${zone}`);
  return Number.isFinite(ms) ? [{ ms, source: "keepalived", message, from: "log" }] : [];
};
