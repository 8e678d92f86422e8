import { stampMs } from "./clock.ts";
import { besideScript, DRILL_DIRECTORY } from "./guard.ts";
import type { OwnershipTrack } from "./result.ts";

/** A recorder that nobody stops ends after so many seconds. */
const LONGEST_SECONDS = 900;

/**
 * Writes down each change of the node's addresses as the kernel tells it; where `ip` cannot date them, it looks ten times
 * a second. A line `= TIME` heads a list of all addresses.
 */
const PROGRAM = `d=$1 TZ=UTC0
export TZ
echo $$ >"$d/watch.pid"
look() { printf '= %s\\n%s\\n' "$(date +%s%N)" "$(ip -o addr show)" >>"$d/addresses"; }
if ip -o -ts link show lo >/dev/null 2>&1; then
  ( sleep 0.2; look ) &
  set -- ip -o -ts monitor address
  ! command -v timeout >/dev/null || set -- timeout ${LONGEST_SECONDS} "$@"
  exec "$@" >>"$d/addresses" 2>/dev/null
fi
turn=0
while [ $turn -lt ${LONGEST_SECONDS * 10} ]; do look; sleep 0.1; turn=$((turn + 1)); done`;

/** Starts to record a node's addresses; what was recorded before goes on. */
export const WATCH_SCRIPT = besideScript("watch", PROGRAM);

/** Ends the recording, and says what was recorded. */
export const UNWATCH_SCRIPT = [
  DRILL_DIRECTORY,
  `pid=$(cat "$d/watch.pid" 2>/dev/null)`,
  `case "$pid" in *[!0-9]*|"") ;; *) ! grep -q -e monitor -e watch "/proc/$pid/cmdline" 2>/dev/null || kill "$pid" 2>/dev/null ;; esac`,
  `cat "$d/addresses" 2>/dev/null; rm -f "$d/addresses"`,
].join("\n");

/** A moment at which it is known of some addresses whether the node had them; by the node's clock. */
interface Sight {
  readonly ms: number;
  /** Null: of all addresses, those that the node had. */
  readonly all: ReadonlySet<string> | null;
  readonly address: string;
  readonly held: boolean;
}

/** What a recorder has seen of these addresses, with the times that `at` makes of the node's. */
export const tracksOf = (
  node: string,
  log: string,
  addresses: readonly string[],
  at: (ms: number) => number,
): readonly OwnershipTrack[] => {
  const sights = sightsOf(log).toSorted((a, b) => a.ms - b.ms);
  return addresses.map((address) => {
    const changes: { at: number; held: boolean | null }[] = [];
    for (const sight of sights) {
      const held =
        sight.all === null ? (sight.address === address ? sight.held : null) : sight.all.has(address);
      if (held !== null && changes.at(-1)?.held !== held) changes.push({ at: at(sight.ms), held });
    }
    return { node, address, changes };
  });
};

const sightsOf = (log: string): readonly Sight[] => {
  const sights: Sight[] = [];
  let list: { readonly ms: number; readonly all: Set<string> } | null = null;
  for (const line of log.split("\n")) {
    const [, head] = /^= (\d+N?)$/.exec(line) ?? [];
    if (head !== undefined) {
      list = { ms: stampMs(head) ?? 0, all: new Set() };
      sights.push({ ...list, address: "", held: true });
      continue;
    }
    const [, date, clock, fraction = "", gone, address] =
      /^\[(\d+-\d+-\d+)T(\d+:\d+:\d+)(\.\d+)?\] ?(Deleted )?\d+: +\S+ +inet6? ([^ /]+)/.exec(line) ?? [];
    if (address !== undefined) {
      const ms = Date.parse(`${date}T${clock}Z`) + Number(`0${fraction}`) * 1000;
      sights.push({ ms, all: null, address, held: gone === undefined });
      continue;
    }
    const [, own] = /^\d+: +\S+ +inet6? ([^ /]+)/.exec(line) ?? [];
    if (own !== undefined) list?.all.add(own);
  }
  return sights;
};
