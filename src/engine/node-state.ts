import { createHash } from "node:crypto";
import { quote } from "../core/shell.ts";
import { JOURNAL_DIRECTORY } from "./journal-place.ts";
import { cutShort } from "./perform.ts";

/** What the first script on a shell found: whether the node is ours, and which handlers are still owed. */
export interface ContactReport {
  readonly lock: /** `shared`: another session of this run has it, so this is a machine that has two names. */
    | { readonly kind: "ours" | "shared" | "none" | "tool" }
    | { readonly kind: "held"; readonly owner: string; readonly seconds: number };
  /** Records of owed handlers (see owedRecord). */
  readonly owed: readonly string[];
  /** The note of a journal that a run which died has left; null: there is none. */
  readonly journal: string | null;
  /** Whether a journal can be kept in this shell: root's can. */
  readonly journals: boolean;
  /** Standard output after the report. */
  readonly rest: Buffer;
}

/** How a shell is met first. */
export interface ContactOptions {
  readonly nonce: string;
  readonly mode: "apply" | "check";
  readonly owner: string;
  /** Random text of this run: where two hosts of an inventory are one machine, a run must not lock itself out. */
  readonly run: string;
  readonly breakLock: boolean;
  /** Whether this run wants the node for itself. */
  readonly locks: boolean;
}

/**
 * Everything lbplay keeps on a node: /run/lbplay for root, else a directory of the user's, or where LBPLAY_STATE_DIR in
 * the shell's environment says. /run is empty after a boot, which is right: services have then been started with what is
 * on disk. Users of services often have a home that they may not write to; theirs is in /tmp, and nobody else's.
 */
export const STATE_DIRECTORY = [
  `lbp_d="\${LBPLAY_STATE_DIR:-}"`,
  `if [ -z "$lbp_d" ]; then if [ "$(id -u)" = 0 ]; then lbp_d=/run/lbplay; else`,
  `for lbp_d in "\${XDG_RUNTIME_DIR:+$XDG_RUNTIME_DIR/lbplay}" "\${HOME:+$HOME/.cache/lbplay}" "/tmp/lbplay-$(id -u)"; do`,
  `if [ -n "$lbp_d" ] && ( umask 077; mkdir -p "$lbp_d" ) 2>/dev/null && [ ! -h "$lbp_d" ] && [ -O "$lbp_d" ] && [ -w "$lbp_d" ]; then break; fi; done; fi; fi`,
].join("\n");

/** The same directory, if it is there: check mode makes none. */
const PRESENT_STATE_DIRECTORY = STATE_DIRECTORY.replace(
  '( umask 077; mkdir -p "$lbp_d" ) 2>/dev/null',
  '[ -d "$lbp_d" ]',
);

/**
 * The first script in a shell: a sane umask, the lock, the owed handlers. The lock is a flock on descriptor 9 of
 * the shell itself, so that the kernel frees it when the shell ends, however it ends; nothing can be left stale but a
 * shell that hangs, and that one `breakLock` ends by the pid that it wrote down.
 */
export const contactScript = ({ nonce, mode, locks, ...lock }: ContactOptions): string =>
  [
    "umask 022",
    mode === "apply" ? STATE_DIRECTORY : PRESENT_STATE_DIRECTORY,
    `if [ -n "\${LBPLAY_STATE_DIR:-}" ] || [ "$(id -u)" = 0 ]; then echo 'journals yes'; fi`,
    JOURNAL_DIRECTORY,
    `if [ -f "$lbp_j/note" ]; then printf 'journal %s\\n' "$(cat "$lbp_j/note")"; fi`,
    "lbp_l=none",
    ...(mode === "apply" && locks ? [lockScript(lock)] : []),
    `printf 'lock %s\\n' "$lbp_l"`,
    `if [ "$lbp_l" = held ]; then printf 'owner %s\\n' "$(cat "$lbp_d/lock" 2>/dev/null | sed -n 2p)"; printf 'since %s\\n' "$(( $(date +%s) - $(stat -c %Y "$lbp_d/lock") ))"; fi`,
    `for lbp_o in "$lbp_d"/owed/*; do if [ -f "$lbp_o" ]; then printf 'owed %s\\n' "\${lbp_o##*/}"; fi; done`,
    `printf '%s\\n' ${nonce}-contact`,
  ].join("\n");

/** Opening for append leaves the holder's words in the file until the lock is ours. */
const lockScript = ({ owner, run, breakLock }: Pick<ContactOptions, "owner" | "run" | "breakLock">): string =>
  [
    // A failing redirection of exec would end the shell, so it is tried in a subshell first.
    `if mkdir -p -m 0700 "$lbp_d" 2>/dev/null && ( : >>"$lbp_d/lock" ) 2>/dev/null; then exec 9>>"$lbp_d/lock"; lbp_l=ours; fi`,
    `if [ "$lbp_l" = ours ] && ! command -v flock >/dev/null; then lbp_l=tool; elif [ "$lbp_l" = ours ] && ! flock -n 9; then`,
    "  lbp_l=held",
    // Whoever has the lock of this same run may just be about to write its words down.
    `  for lbp_i in 1 2 3 4 5; do if [ "$(sed -n 3p "$lbp_d/lock")" = ${quote(run)} ]; then lbp_l=shared; break; fi; sleep 0.1; done`,
    ...(breakLock
      ? [
          '  if [ "$lbp_l" = held ]; then',
          `  lbp_p=$(sed -n 1p "$lbp_d/lock"); case "$lbp_p" in *[!0-9]*|"") ;; *) kill -HUP "$lbp_p" 2>/dev/null; sleep 1; kill -KILL "$lbp_p" 2>/dev/null ;; esac`,
          "  if flock -w 5 9; then lbp_l=ours; fi; fi",
        ]
      : []),
    "fi",
    `if [ "$lbp_l" != ours ]; then exec 9>&-; else printf '%s\\n' "$$" ${quote(owner)} ${quote(run)} >"$lbp_d/lock"; fi`,
  ].join("\n");

/** Reads the report of contactScript from the start of a shell's answer. */
export const parseContact = (stdout: Buffer, nonce: string): ContactReport => {
  const mark = `${nonce}-contact\n`;
  const end = stdout.indexOf(mark);
  if (end === -1) throw cutShort();
  const lines = stdout.toString("utf8", 0, end).split("\n");
  const wordsAfter = (name: string): string | null =>
    lines.find((line) => line.startsWith(`${name} `))?.slice(name.length + 1) ?? null;
  const lock = wordsAfter("lock");
  return {
    lock:
      lock === "held"
        ? { kind: "held", owner: wordsAfter("owner") ?? "unknown", seconds: Number(wordsAfter("since") ?? 0) }
        : { kind: lock === "ours" || lock === "shared" || lock === "tool" ? lock : "none" },
    journal: wordsAfter("journal"),
    journals: wordsAfter("journals") === "yes",
    owed: lines.filter((line) => line.startsWith("owed ")).map((line) => line.slice(5)),
    rest: stdout.subarray(end + mark.length),
  };
};

/** Shell text that records handlers as owed, before the change that owes them; `$lbp_new` holds those that were not yet. */
export const oweScript = (handlers: readonly string[]): string =>
  handlers.length === 0
    ? ""
    : `${STATE_DIRECTORY}\nlbp_new=; mkdir -p -m 0700 "$lbp_d/owed" || lbp_ok=0\n` +
      `for lbp_o in ${handlers.map(quote).join(" ")}; do [ -e "$lbp_d/owed/$lbp_o" ] || { : >"$lbp_d/owed/$lbp_o" && lbp_new="$lbp_new $lbp_o"; } || lbp_ok=0; done\n`;

/** Shell text that takes back what oweScript recorded, for work that turned out to have changed nothing. */
export const UNOWE_SCRIPT = '( cd "$lbp_d/owed" 2>/dev/null && [ -n "$lbp_new" ] && rm -f -- $lbp_new )';

/** Shell text that forgets owed handlers, after they ran. */
export const settleScript = (handlers: readonly string[]): string =>
  `${STATE_DIRECTORY}\n( cd "$lbp_d/owed" 2>/dev/null && rm -f -- ${handlers.map(quote).join(" ")} )\n`;

/** What a handler is called in records: its own name, made safe. */
export const handlerKey = (handler: string): string => fileName(handler);

/**
 * The file name under which a node keeps that a host owes a handler. The change that a delegated task makes is another
 * host's affair: it is that host that will run the handler, in a later run too.
 */
export const owedRecord = (key: string, host: string, node: string): string =>
  host === node ? key : `${key}@${fileName(host)}`;

/** Two of them and what joins them fit into the 255 bytes of a file's name; a longer text is told apart by its hash. */
const LONGEST_NAME = 120;

const fileName = (text: string): string => {
  const wellFormed = Buffer.from(text, "utf8").toString();
  const safe = encodeURIComponent(wellFormed).replace(/[^A-Za-z0-9_.-]/g, "_");
  if (safe.length <= LONGEST_NAME) return safe;
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 16);
  return `${safe.slice(0, LONGEST_NAME - hash.length - 1)}.${hash}`;
};
