import { argv } from "../core/shell.ts";
import { JOURNAL_DIRECTORY } from "./journal-place.ts";

/**
 * The part of a journal's script that waits beside a run and goes back if nothing was heard of it for so many seconds.
 * Seconds are counted, not taken from a clock that may jump. Work that is under way on the node counts as heard, for half
 * an hour at most.
 */
export const GUARD_FUNCTIONS = `
guard() {
  silent=0 at_work=0 seen=
  while [ "$(cat "$j/armed" 2>/dev/null)" = "$2" ]; do
    sleep 1
    heard=$(stat -c %y "$j/alive" 2>/dev/null)
    if [ "$heard" != "$seen" ]; then
      seen=$heard silent=0 at_work=0
    elif [ $at_work -lt 1800 ] && worker=$(cat "$j/busy" 2>/dev/null) && kill -0 "$worker" 2>/dev/null; then
      at_work=$((at_work + 1)) silent=0
    else
      silent=$((silent + 1))
    fi
    if [ $silent -ge "$1" ]; then
      # Whoever moves it first has won: this guard, or the run that confirms.
      if mv "$j/armed" "$j/fired" 2>/dev/null; then restore >"$j/report" 2>&1; fi
      return
    fi
  done
}
`;

/**
 * Shell text that sets a guard beside the run. Under systemd it is a unit of its own, which outlives the session of the
 * runner; the lock of the shell is not handed on to it.
 */
export const armScript = (seconds: number): string => {
  const guard = `sh "$lbp_j/journal.sh" guard ${argv(String(seconds))} "$lbp_t"`;
  return [
    JOURNAL_DIRECTORY,
    `[ -f "$lbp_j/journal.sh" ] || { echo 'there is no journal' >&2; exit 1; }`,
    `rm -f "$lbp_j/fired"; : >"$lbp_j/alive"; lbp_t=$$.$(date +%s%N)`,
    `printf '%s\\n' "$lbp_t" >"$lbp_j/armed.new" && mv -f "$lbp_j/armed.new" "$lbp_j/armed" || exit 1`,
    `if [ -d /run/systemd/system ] && [ -z "\${LBPLAY_STATE_DIR:-}" ] && command -v systemd-run >/dev/null 2>&1; then`,
    `systemctl stop lbplay-guard.service 2>/dev/null; systemctl reset-failed lbplay-guard.service 2>/dev/null`,
    `systemd-run --unit=lbplay-guard --description='lbplay goes back if its run is not heard of' ${guard} 9>&- || { rm -f "$lbp_j/armed"; exit 1; }`,
    "else",
    `setsid ${guard} </dev/null >/dev/null 2>&1 9>&- &`,
    "fi",
  ].join("\n");
};

/** Shell text that takes the guard away; says `disarmed`, `fired` where it was too late, or `none`. */
export const DISARM_SCRIPT = [
  JOURNAL_DIRECTORY,
  `if mv "$lbp_j/armed" "$lbp_j/disarmed" 2>/dev/null; then rm -f "$lbp_j/disarmed"; echo disarmed`,
  `elif [ -e "$lbp_j/fired" ]; then echo fired; else echo none; fi`,
].join("\n");

/** Shell text around actions: the guard hears that they begin, and that they have ended. */
export const HEARD: { readonly before: string; readonly after: string } = {
  before: `${JOURNAL_DIRECTORY}\n[ ! -e "$lbp_j/armed" ] || { : >"$lbp_j/alive"; echo $$ >"$lbp_j/busy"; }`,
  after: `[ ! -e "$lbp_j/busy" ] || { rm -f "$lbp_j/busy"; : >"$lbp_j/alive"; }`,
};
