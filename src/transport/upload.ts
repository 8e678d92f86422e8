import { type ExecResult, TransportError } from "../core/transport.ts";
import { openShell, type ShellRequest } from "./become.ts";
import type { Channel, Link } from "./channel.ts";
import { createFrameReader, type Frame, OPENING, PRINT_GROUP, SETTINGS } from "./frame.ts";
import { groupOf, type ShellCounters, type UploadRequest } from "./shell.ts";

/**
 * Reads three lines (nonce, length of the data, the script with `\n` for its line feeds), then the data up to its end.
 * The shell's `read` takes one byte at a time, so nothing of the data is lost. The script starts only when all data is
 * there: with a connection lost half-way it would take the half for the whole. Marks as in frame.ts.
 */
const RECEIVER = [
  SETTINGS,
  "IFS= read -r lbplay_nonce; IFS= read -r lbplay_length; IFS= read -r lbplay_script",
  PRINT_GROUP,
  `printf '%s 0 0\\n' "$lbplay_nonce"; printf '%s 0 0\\n' "$lbplay_nonce" >&2`,
  'if lbplay_data=$(umask 077; mktemp "${TMPDIR:-/tmp}/lbplay.XXXXXXXX") && exec 3<"$lbplay_data"',
  'then if cat >"$lbplay_data"; then lbplay_got=$(wc -c <"$lbplay_data"); rm -f "$lbplay_data"',
  'if [ "$lbplay_got" -eq "$lbplay_length" ]',
  "then ( unset lbplay_nonce lbplay_length lbplay_data lbplay_got",
  'eval "unset lbplay_script; $(printf %b "$lbplay_script")" ) <&3 3<&-',
  'else exit 1; fi; else rm -f "$lbplay_data"; false; fi; else false; fi',
  `printf '%s 1 %d\\n' "$lbplay_nonce" $?; printf '%s 1 0\\n' "$lbplay_nonce" >&2`,
].join("\n");

/** What an upload needs. */
export interface Upload {
  readonly link: Link;
  readonly label: string;
  /** As whom. */
  readonly shell: ShellRequest;
  readonly upload: UploadRequest;
  readonly count: ShellCounters;
}

/** Runs one script with raw standard input over a channel of its own, as the user of `shell`. */
export const runUpload = async ({ link, label, shell, upload, count }: Upload): Promise<ExecResult> => {
  const { script, stdin } = upload.request;
  const channel = await openShell(link, { ...shell, script: RECEIVER });
  const nonce = shell.nonce();
  const answer = collect({ channel, label, nonce, count, onGroup: upload.onGroup });
  const header = Buffer.from(`${nonce}\n${stdin.length}\n${oneLine(script)}\n`);
  count.sent(header.length + stdin.length);
  channel.stdin.on("error", () => {});
  channel.stdin.write(header);
  channel.stdin.end(stdin);
  return await answer.finally(channel.destroy);
};

const oneLine = (script: string): string => script.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");

interface Collecting {
  readonly channel: Channel;
  readonly label: string;
  readonly nonce: string;
  readonly count: ShellCounters;
  readonly onGroup: (group: string | null) => void;
}

const collect = ({ channel, label, nonce, count, onGroup }: Collecting): Promise<ExecResult> =>
  new Promise((resolve, reject) => {
    let stdout: Frame | null = null;
    let stderr: Frame | null = null;
    const settle = (): void => {
      if (stdout === null || stderr === null) return;
      resolve({ code: stdout.code, stdout: stdout.content, stderr: stderr.content });
    };
    const out = createFrameReader(nonce);
    const err = createFrameReader(nonce);
    channel.stdout.on("data", (bytes: Buffer) => {
      count.received(bytes.length);
      for (const frame of out.push(bytes)) {
        if (frame.number === OPENING) onGroup(groupOf(frame));
        else stdout = frame;
      }
      settle();
    });
    channel.stderr.on("data", (bytes: Buffer) => {
      count.received(bytes.length);
      for (const frame of err.push(bytes)) if (frame.number !== OPENING) stderr = frame;
      settle();
    });
    void channel.ended.then(() =>
      reject(
        new TransportError({
          fault: "lost",
          message: `${label}: the connection was lost while data was sent: ${err.rest().toString("utf8").trim()}`,
          hint: "check that the node is up and reachable, then run again",
        }),
      ),
    );
  });
