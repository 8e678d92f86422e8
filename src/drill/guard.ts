import { quote } from "../core/shell.ts";

/** Shell text: where a drill keeps what it needs on a node. It outlives a boot, as what was seen before one counts. */
export const DRILL_DIRECTORY = `d="\${LBPLAY_STATE_DIR:-/var/lib/lbplay}/drill"`;

/** What is done to a node, as shell text for root. */
export interface FaultScripts {
  readonly inject: string;
  /** May be run twice, and where nothing was injected. */
  readonly undo: string;
}

/**
 * Shell functions: `stamp NAME` notes a moment; `beside NAME WORD…` starts something that outlives the shell and the
 * connection, under systemd where that is.
 */
const FUNCTIONS = `
stamp() { echo "$1 $(date +%s%N)" >>"$d/moments"; }
beside() {
  name=$1; shift
  if [ -d /run/systemd/system ] && [ -z "\${LBPLAY_STATE_DIR:-}" ] && command -v systemd-run >/dev/null 2>&1; then
    systemctl stop "lbplay-drill-$name.service" 2>/dev/null; systemctl reset-failed "lbplay-drill-$name.service" 2>/dev/null
    said=$(systemd-run --unit="lbplay-drill-$name" --description="lbplay drill: $name" "$@" 2>&1 9>&-) || { echo "$said" >&2; return 1; }
  else
    setsid "$@" </dev/null >/dev/null 2>&1 9>&- &
  fi
}`;

/** The programs that lie beside a fault on its node. Seconds are counted, not taken from a clock that may jump. */
const UNDO_NOW = `d=$1
${FUNCTIONS}
stamp undoing
sh "$d/undo" >"$d/undo.said" 2>&1; code=$?
stamp undone
echo $code >"$d/undo.code"`;

const GUARD = `d=$1 left=$2
while [ "$(cat "$d/armed" 2>/dev/null)" = "$3" ]; do
  if [ "$left" -le 0 ]; then mv "$d/armed" "$d/fired" 2>/dev/null && sh "$d/undo-now" "$d"; exit; fi
  sleep 1; left=$((left - 1))
done`;

/** Shell text that sets the guard, which undoes by itself after so many seconds unless somebody undoes before. */
const arm = (seconds: string): string =>
  [
    "token=$$.$(date +%s%N)",
    `printf '%s\\n' "$token" >"$d/armed" || exit 1`,
    `beside undo sh "$d/guard" "$d" ${seconds} "$token" || { rm -f "$d/armed"; echo 'the undoing cannot be armed, so nothing is done' >&2; exit 1; }`,
  ].join("\n");

/** The guard's time begins with the injection, however late that is: it must not have undone what is still to come. */
const INJECT_LATER = `d=$1
${FUNCTIONS}
sleep 0.5
${arm('"$2"')}
stamp injecting
sh "$d/inject" >"$d/inject.said" 2>&1; code=$?
stamp injected
echo $code >"$d/inject.code"`;

/** Lays down what a fault needs on its node, and nothing else of what a drill before it has left. */
export const prepareScript = ({ inject, undo }: FaultScripts): string =>
  [
    "umask 077",
    DRILL_DIRECTORY,
    `mkdir -p "$d" && rm -f "$d/moments" "$d/armed" "$d/fired" "$d/disarmed" "$d/inject.code" "$d/inject.said" "$d/undo.code" "$d/undo.said" || exit 1`,
    ...[
      ["inject", inject],
      ["undo", undo],
      ["undo-now", UNDO_NOW],
      ["guard", GUARD],
      ["inject-later", INJECT_LATER],
    ].map(([name, text]) => `printf '%s\\n' ${quote(text ?? "")} >"$d/${name}" || exit 1`),
    "sync",
  ].join("\n");

/** Arms the undoing and injects; ends when the fault is there, with its exit code. */
export const injectScript = (seconds: number): string =>
  [
    DRILL_DIRECTORY,
    FUNCTIONS,
    arm(String(seconds)),
    "stamp injecting",
    `sh "$d/inject"; code=$?`,
    "stamp injected",
    "exit $code",
  ].join("\n");

/** The same for a fault that cuts the way to the node: it happens half a second later, and the guard undoes it. */
export const injectLaterScript = (seconds: number): string =>
  [DRILL_DIRECTORY, FUNCTIONS, `beside fault sh "$d/inject-later" "$d" ${seconds}`].join("\n");

/** Undoes, or waits for the guard that does; says what the undoing said, with its exit code. Nothing was laid down: nothing is done. */
export const UNDO_SCRIPT = [
  DRILL_DIRECTORY,
  `[ -e "$d/undo" ] || exit 0`,
  `if mv "$d/armed" "$d/disarmed" 2>/dev/null; then sh "$d/undo-now" "$d"`,
  `elif [ ! -e "$d/fired" ]; then sh "$d/undo-now" "$d"; fi`,
  `turn=0; until [ -e "$d/undo.code" ] || [ $turn -ge 300 ]; do sleep 0.1; turn=$((turn + 1)); done`,
  `cat "$d/undo.said" 2>/dev/null`,
  `exit "$(cat "$d/undo.code" 2>/dev/null || echo 1)"`,
].join("\n");

/** Whether a drill that died has left something to undo here: it is undone. Says `undone` where there was something. */
export const LEFTOVER_SCRIPT = [
  DRILL_DIRECTORY,
  `if [ -e "$d/armed" ] || { [ -e "$d/fired" ] && [ ! -e "$d/undo.code" ]; }; then`,
  "(",
  UNDO_SCRIPT,
  ") && echo undone",
  "fi",
].join("\n");

/** Removes everything that a drill keeps on a node; what is still to be undone is undone before. */
export const CLEAN_SCRIPT = [
  `(\n${LEFTOVER_SCRIPT}\n) >/dev/null`,
  DRILL_DIRECTORY,
  `if [ -d /run/systemd/system ]; then for name in watch undo fault; do systemctl stop "lbplay-drill-$name.service" 2>/dev/null; systemctl reset-failed "lbplay-drill-$name.service" 2>/dev/null; done; fi`,
  `rm -rf "$d"`,
].join("\n");

/** Starts something beside the shell by the functions of this file. */
export const besideScript = (name: string, program: string): string =>
  [
    "umask 077",
    DRILL_DIRECTORY,
    FUNCTIONS,
    `mkdir -p "$d" && printf '%s\\n' ${quote(program)} >"$d/${name}" && beside ${name} sh "$d/${name}" "$d"`,
  ].join("\n");
