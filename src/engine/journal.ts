import type { Touched } from "../core/action.ts";
import { kernelPath } from "../core/kernel-key.ts";
import type { ReadResult } from "../core/probe.ts";
import type { RestoreReport } from "../core/roll.ts";
import { argv, quote } from "../core/shell.ts";
import { GUARD_FUNCTIONS } from "./journal-guard.ts";
import { JOURNAL_DIRECTORY } from "./journal-place.ts";
import { RESTORE_FUNCTIONS } from "./journal-restore.ts";
import { SAVE_FUNCTIONS } from "./journal-save.ts";
import { UNIT_FUNCTIONS } from "./journal-units.ts";
import { STATE_DIRECTORY } from "./node-state.ts";

/** More than this of one path is not kept: a task that would change it fails before it does. */
const MOST_KIB = 200 * 1024;

/**
 * The whole of a journal's doing, as the script that lies in it: so the node can go back alone, and a journal is always
 * read by what wrote it. `$owed` is where the owed handlers of the user are.
 */
const JOURNAL_SCRIPT = [
  `umask 077; LC_ALL=C; PATH="$PATH:/usr/sbin:/usr/bin:/sbin:/bin"; export LC_ALL PATH`,
  `j=\${0%/*}; most=${MOST_KIB}; read -r owed <"$j/owed-place"`,
  SAVE_FUNCTIONS,
  RESTORE_FUNCTIONS,
  UNIT_FUNCTIONS,
  GUARD_FUNCTIONS,
  'act=$1; shift; "$act" "$@"',
  "",
].join("\n");

/**
 * Units whose state is kept from the beginning, without anything being done to them yet: whoever rolls a pair stops and
 * starts them beside the tasks too. Not where systemd does not run: many an init script cannot tell how it is.
 */
const ALWAYS_KEPT = argv("unit", "haproxy", "", "unit", "keepalived", "");

/**
 * Shell text that begins a journal, or says `continues` and the note of one that is there already: what that one keeps is
 * still what to go back to. A new one is made aside and renamed, so there is never half a one.
 */
export const beginScript = (note: string): string =>
  [
    JOURNAL_DIRECTORY,
    STATE_DIRECTORY,
    `if [ -f "$lbp_j/journal.sh" ]; then`,
    `rm -f "$lbp_j"/entries/*/undone "$lbp_j/fired"; rm -rf "$lbp_j"/.new.*; printf 'continues %s\\n' "$(cat "$lbp_j/note")"; exit 0; fi`,
    `umask 077; mkdir -p "\${lbp_j%/*}" && rm -rf "$lbp_j.new" "$lbp_j.ended" && mkdir "$lbp_j.new" "$lbp_j.new/entries" || exit 1`,
    `printf '%s\\n' ${quote(note.replaceAll(/\s+/g, " ").trim())} >"$lbp_j.new/note" || exit 1`,
    `printf '%s\\n' "$lbp_d/owed" >"$lbp_j.new/owed-place"; ls "$lbp_d/owed" >"$lbp_j.new/owed" 2>/dev/null`,
    `printf '%s' ${quote(JOURNAL_SCRIPT)} >"$lbp_j.new/journal.sh" || exit 1`,
    `[ ! -d /run/systemd/system ] || sh "$lbp_j.new/journal.sh" save ${ALWAYS_KEPT} || exit 1`,
    `sync -f "$lbp_j.new" 2>/dev/null || sync; mv -T "$lbp_j.new" "$lbp_j" || exit 1`,
    `sync -f "$lbp_j" 2>/dev/null || sync`,
  ].join("\n");

/** Shell text that keeps what an action is about to change, and fails, with the reason, where that cannot be. */
export const saveScript = (touched: readonly Touched[]): string =>
  [
    JOURNAL_DIRECTORY,
    `[ -f "$lbp_j/journal.sh" ] || { printf 'nothing was changed: the journal %s is not there any more\\n' "$lbp_j" >&2; exit 74; }`,
    `sh "$lbp_j/journal.sh" save ${words(touched)}`,
  ].join("\n");

const words = (touched: readonly Touched[]): string => touched.map((one) => argv(...wordsOf(one))).join(" ");

const wordsOf = (touched: Touched): readonly [kind: string, what: string, more: string] => {
  switch (touched.kind) {
    case "path":
    case "tree":
      return [touched.kind, touched.path, ""];
    case "unit":
      return [touched.kind, touched.unit, touched.verb];
    case "sysctl":
      return [touched.kind, kernelPath(touched.key), touched.key];
    case "inverse":
      return [touched.kind, touched.what, argv(...touched.argv)];
    case "lasting":
      return [touched.kind, touched.what, ""];
  }
};

/** Shell text that puts back everything that the journal keeps, in reverse order. */
export const RESTORE_SCRIPT = [
  JOURNAL_DIRECTORY,
  `[ -f "$lbp_j/journal.sh" ] || { echo 'failed there is no journal to go back by'; echo done; exit 0; }`,
  `sh "$lbp_j/journal.sh" restore`,
].join("\n");

/** Shell text that ends a journal; it is renamed first, so there is never half a one. */
export const END_SCRIPT = [
  JOURNAL_DIRECTORY,
  `rm -rf "$lbp_j.ended"; [ ! -e "$lbp_j" ] || mv -T "$lbp_j" "$lbp_j.ended" || exit 1`,
  `rm -rf "$lbp_j.ended" "$lbp_j.new"`,
].join("\n");

/** What came of RESTORE_SCRIPT, and the records of handlers that are not owed any more. */
export const parseRestore = (
  answer: ReadResult,
): { readonly report: RestoreReport; readonly unowed: readonly string[] } => {
  const lines = answer.stdout.toString("utf8").split("\n");
  const after = (word: string): readonly string[] => [
    ...new Set(
      lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1).trim()),
    ),
  ];
  const complete = lines.includes("done");
  return {
    report: {
      restored: after("restored"),
      lasting: after("lasting"),
      failures: [
        ...after("failed"),
        ...(complete ? [] : [`it ended before it was done: ${answer.stderr.toString("utf8").trim()}`]),
      ],
    },
    unowed: after("unowed"),
  };
};
