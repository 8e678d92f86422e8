import { all, map, type Probe, read } from "../../core/probe.ts";
import { frames, PUT, textOf } from "./frames.ts";
import { haproxyProbe } from "./haproxy.ts";
import { keepalivedProbe } from "./keepalived.ts";
import { STATE_DIRECTORY } from "./mark.ts";
import type { LiveOut, LiveRun, LiveState } from "./state.ts";

/** The kernel knows who holds a lock, without taking it. The journal is where engine/journal-place.ts has it. */
const NODE_SCRIPT = `
${PUT}
${STATE_DIRECTORY}
put now 0 "$(date +%s)"
put addresses 0 "$(ip -o addr show 2>/dev/null)"
if [ -f "$state/lock" ]; then
  held=no
  ! grep -q "FLOCK .*:$(stat -c %i "$state/lock") " /proc/locks 2>/dev/null || held=yes
  put run 0 "$held $(( $(date +%s) - $(stat -c %Y "$state/lock") )) $(sed -n 2p "$state/lock")"
fi
[ ! -f "\${LBPLAY_STATE_DIR:-/var/lib/lbplay}/journal/note" ] || put unfinished 0 yes
put owed 0 "$(ls "$state/owed" 2>/dev/null)"
[ ! -f "$state/out" ] || put out 0 "$(cat "$state/out")"`;

/**
 * Everything that one look at a load balancer tells: addresses, keepalived, HAProxy, certificates, the last run. Needs
 * root; changes nothing. What a node does not tell is null, or says why.
 */
export const liveProbe: Probe<LiveState> = map(
  all({
    node: read(NODE_SCRIPT, frames),
    keepalived: keepalivedProbe,
    haproxy: haproxyProbe,
  }),
  ({ node, keepalived, haproxy }) => ({
    now: Number(textOf(node, "now") ?? 0) * 1000,
    addresses: addressesOf(textOf(node, "addresses") ?? ""),
    keepalived,
    haproxy,
    lastRun: lastRunOf(textOf(node, "run")),
    unfinished: textOf(node, "unfinished") !== null,
    owed: (textOf(node, "owed") ?? "").split("\n").filter((line) => line !== ""),
    out: outOf(textOf(node, "out")),
  }),
);

/** The addresses of a node and nothing else: milliseconds, for asking often. */
export const addressesProbe: Probe<ReadonlySet<string>> = read("ip -o addr show", ({ stdout }) =>
  addressesOf(stdout.toString("utf8")),
);

const addressesOf = (text: string): ReadonlySet<string> =>
  new Set([...text.matchAll(/^\d+: +\S+ +inet6? ([^ /]+)/gm)].flatMap(([, address]) => address ?? []));

const lastRunOf = (text: string | null): LiveRun | null => {
  const [, held, age, owner] = /^(yes|no) (-?\d+) (.*)$/.exec(text ?? "") ?? [];
  return owner === undefined || owner === ""
    ? null
    : { owner, age: Math.max(0, Number(age)), underway: held === "yes" };
};

const outOf = (text: string | null): LiveOut | null => {
  const [, cause, since, words] = /^(maintenance|switchover) (\d+) (.*)$/.exec(text ?? "") ?? [];
  return words === undefined
    ? null
    : { cause: cause === "switchover" ? cause : "maintenance", since: Number(since) * 1000, words };
};
