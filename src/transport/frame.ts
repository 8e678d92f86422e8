/**
 * Framing of a persistent `sh`: how a script is written to its standard input, and how the two output streams are
 * cut into answers. After each script the shell prints a mark (a secret nonce, the script's number, its exit code)
 * on both streams, so answers may hold any bytes and several scripts may be under way.
 *
 * Scripts run in a subshell through `eval` of one quoted word: no process beyond the fork of the subshell, and
 * `exit`, `cd`, `set -e`, syntax errors or reads of standard input end with it. The nonce stands only in the text
 * sent, never in a variable, function or argument, so no script can print it by accident (`set` in bash would).
 */
import { quote } from "../core/shell.ts";

/** One script to run in a persistent shell. */
export interface Script {
  readonly script: string;
  /** null: /dev/null. */
  readonly stdin: Buffer | null;
  /** Run by the shell itself and not by a subshell, so that what it opens stays open. */
  readonly persistent: boolean;
}

/** A script's output on one stream; `code` is always 0 on standard error. */
export interface Frame {
  readonly number: number;
  readonly code: number;
  readonly content: Buffer;
}

/** What every shell is told first: messages in English, and the tools of an administrator within reach. */
export const SETTINGS =
  "LC_ALL=C; export LC_ALL; case :$PATH: in *:/usr/sbin:*) ;; *) PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin; export PATH;; esac";

/** Prints the process group of the shell without starting a process. */
export const PRINT_GROUP =
  "IFS=' ' read -r _ _ _ _ lbplay_group _ </proc/$$/stat && printf %s \"$lbplay_group\"; unset lbplay_group";

/** Number of the frame that answers the opening; scripts count from 1. */
export const OPENING = 0;

/** The first lines for a new shell; their answer is the number of its process group. */
export const openingText = (nonce: string): Buffer =>
  Buffer.from(`${SETTINGS}\n` + `${PRINT_GROUP}\n` + `${markText({ nonce, number: OPENING, code: "0" })}\n`);

/** The lines that make the shell run a script and mark the end of its output. */
export const scriptText = (nonce: string, number: number, request: Script): Buffer => {
  if (request.script.includes("\0")) throw new Error("a shell script cannot hold a NUL");
  const run = request.persistent
    ? `command eval ${quote(request.script)}`
    : `( eval ${quote(request.script)} ) 9>&-`;
  const source = request.stdin === null ? null : stdinSource(request.stdin);
  const mark = `\n${markText({ nonce, number, code: "$?" })}\n`;
  if (source === null) return Buffer.from(`${run} </dev/null${mark}`);
  return Buffer.concat([source, Buffer.from(` | ${run}${mark}`)]);
};

const markText = ({ nonce, number, code }: { nonce: string; number: number; code: string }): string =>
  `printf '${nonce} ${number} %d\\n' ${code}; printf '${nonce} ${number} 0\\n' >&2`;

/** A builtin writes what has no NUL; the rest needs `base64`. A reader that stops early is no error of the writer. */
const stdinSource = (bytes: Buffer): Buffer => {
  if (bytes.includes(0)) {
    return Buffer.from(`printf %s ${bytes.toString("base64")} 9>&- 2>/dev/null | base64 -d 9>&- 2>/dev/null`);
  }
  const quoted = bytes.toString("latin1").replaceAll("'", "'\\''");
  return Buffer.from(`printf %s '${quoted}' 9>&- 2>/dev/null`, "latin1");
};

/** Cuts one output stream into frames. */
export interface FrameReader {
  /** The frames that these bytes complete. */
  readonly push: (bytes: Buffer) => readonly Frame[];
  /** What has come since the last mark. */
  readonly rest: () => Buffer;
}

/** ` number code` and a line feed, as they follow a nonce, and what may still become that. */
const TAIL = /^(\d{1,10}) (\d{1,3})\n/;
const TAIL_BEGINNING = /^\d{0,10}$|^\d{1,10} \d{0,3}$/;
const LONGEST_TAIL = 15;

/** A reader for the stream of a shell that marks with this nonce; each byte is looked at once. */
export const createFrameReader = (nonce: string): FrameReader => {
  const mark = Buffer.from(`${nonce} `);
  let parts: Buffer[] = [];
  let pending: Buffer = Buffer.alloc(0);

  const keep = (data: Buffer, from: number): void => {
    parts.push(data.subarray(0, from));
    pending = data.subarray(from);
  };

  const push = (bytes: Buffer): readonly Frame[] => {
    const frames: Frame[] = [];
    let data = pending.length === 0 ? bytes : Buffer.concat([pending, bytes]);
    let from = 0;
    for (;;) {
      const at = data.indexOf(mark, from);
      if (at < 0) {
        keep(data, Math.max(0, data.length - mark.length + 1));
        return frames;
      }
      const end = at + mark.length;
      const tail = data.toString("latin1", end, end + LONGEST_TAIL);
      const found = TAIL.exec(tail);
      if (found !== null) {
        parts.push(data.subarray(0, at));
        frames.push({ number: Number(found[1]), code: Number(found[2]), content: Buffer.concat(parts) });
        parts = [];
        data = data.subarray(end + found[0].length);
        from = 0;
      } else if (TAIL_BEGINNING.test(tail)) {
        keep(data, at);
        return frames;
      } else {
        from = at + 1;
      }
    }
  };
  return { push, rest: () => Buffer.concat([...parts, pending]) };
};
