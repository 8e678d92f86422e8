import {
  type Become,
  type ExecRequest,
  type ExecResult,
  type Transport,
  TransportError,
} from "../core/transport.ts";
import { becomeError } from "./become.ts";
import type { Channel } from "./channel.ts";
import { createFrameReader, type Frame, OPENING, openingText, scriptText } from "./frame.ts";

/** Standard input above this many bytes travels over a channel of its own: shells read their script slowly. */
const LARGE_STDIN = 200_000;

/** What a framed shell is made of. */
export interface ShellParts {
  readonly channel: Channel;
  readonly label: string;
  readonly become: Become | null;
  readonly nonce: string;
  readonly count: ShellCounters;
  /** Runs a script with raw standard input as the same user, over a channel of its own. */
  readonly upload: (request: UploadRequest) => Promise<ExecResult>;
  /** How long the shell may take to answer its opening. */
  readonly openTimeoutMs: number;
  /** Ends the processes of a group of this user on the node, without waiting for them. */
  readonly killGroup: (group: string) => Promise<void>;
  /** Why the link is gone, if it is. */
  readonly linkFault: () => Error | null;
  /** Told once when the shell is over, for whatever reason. */
  readonly onEnd: () => void;
  /** Closes the whole connection: a script went past its time and nobody knows what it still does. */
  readonly giveUp: () => void;
}

/** A script with standard input too large for the shell; `onGroup` learns the process group that runs it. */
export interface UploadRequest {
  readonly request: ExecRequest & { readonly stdin: Buffer };
  readonly onGroup: (group: string | null) => void;
}

/** Adds to the connection's figures. */
export interface ShellCounters {
  readonly trip: () => void;
  readonly sent: (bytes: number) => void;
  readonly received: (bytes: number) => void;
}

interface Entry {
  readonly request: ExecRequest;
  readonly resolve: (result: ExecResult) => void;
  readonly reject: (error: Error) => void;
  number: number | null;
  stdout: Frame | null;
  stderr: Frame | null;
}

/**
 * The framed, persistent shell on a channel. Scripts are written as they are asked for and answered in that order;
 * the opening is answered with the first of them, so it costs no round trip of its own.
 */
export const createShell = (parts: ShellParts): Transport => {
  const { channel, label, nonce, count } = parts;
  const entries: Entry[] = [];
  const out = createFrameReader(nonce);
  const err = createFrameReader(nonce);
  let next = OPENING + 1;
  let group: string | null = null;
  let over: Error | null = null;
  let closing: Promise<void> | null = null;
  let timer: NodeJS.Timeout | null = null;
  let uploadGroup: string | null = null;

  const write = (bytes: Buffer): void => {
    count.sent(bytes.length);
    channel.stdin.write(bytes);
  };

  const end = (error: Error): void => {
    if (over !== null) return;
    over = error;
    if (timer !== null) clearTimeout(timer);
    clearTimeout(openTimer);
    for (const entry of entries.splice(0)) entry.reject(error);
    parts.onEnd();
  };

  /** Writes what may be written: everything up to the first upload, which goes alone. */
  const pump = (): void => {
    for (const [place, entry] of entries.entries()) {
      const { request } = entry;
      if (isUpload(request)) {
        if (place === 0 && entry.number === null) startUpload(entry, request);
        break;
      }
      if (entry.number !== null) continue;
      entry.number = next++;
      const persistent = request.persistent === true;
      write(
        scriptText(nonce, entry.number, { script: request.script, stdin: request.stdin ?? null, persistent }),
      );
    }
    watch();
  };

  const startUpload = (entry: Entry, request: ExecRequest & { readonly stdin: Buffer }): void => {
    entry.number = next++;
    const onGroup = (found: string | null): void => {
      uploadGroup = found;
    };
    parts.upload({ request, onGroup }).then(
      (result) => finish(entry, result),
      (error: unknown) => {
        end(error instanceof Error ? error : new Error(String(error)));
        channel.destroy();
      },
    );
  };

  const finish = (entry: Entry, result: ExecResult): void => {
    if (over !== null) return;
    entries.shift();
    uploadGroup = null;
    count.trip();
    entry.resolve(result);
    pump();
  };

  /** The clock runs for the script that is being executed, not for those behind it. */
  const watch = (): void => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    const limit = entries[0]?.request.timeoutMs ?? null;
    if (limit === null || over !== null) return;
    timer = setTimeout(() => {
      const fault = new TransportError({
        fault: "timeout",
        message: `${label}: a command gave no answer within ${limit} ms`,
        hint: "see what it does on the node, or give the task more time",
      });
      void abort(fault).finally(parts.giveUp);
    }, limit);
  };

  const onFrame = (stream: "stdout" | "stderr", frame: Frame): void => {
    if (frame.number === OPENING) {
      if (stream === "stderr") return;
      clearTimeout(openTimer);
      group = groupOf(frame);
      return;
    }
    const entry = entries.find((waiting) => waiting[stream] === null);
    if (entry === undefined || entry.number !== frame.number) {
      end(lost(label, "its answers do not match what was asked"));
      channel.destroy();
      return;
    }
    entry[stream] = frame;
    const { stdout, stderr } = entry;
    if (stdout === null || stderr === null) return;
    finish(entry, { code: stdout.code, stdout: stdout.content, stderr: stderr.content });
  };

  const listen = (stream: "stdout" | "stderr"): void => {
    const reader = stream === "stdout" ? out : err;
    channel[stream].on("data", (bytes: Buffer) => {
      count.received(bytes.length);
      for (const frame of reader.push(bytes)) onFrame(stream, frame);
    });
    channel[stream].on("error", () => {});
  };

  const onChannelEnd = (code: number | null): void => {
    const stderr = `${out.rest().toString("utf8")}\n${err.rest().toString("utf8")}`;
    const linkFault = parts.linkFault();
    if (group === null && linkFault === null && parts.become !== null) {
      end(becomeError({ label, become: parts.become, stderr, code, timedOut: false }));
      return;
    }
    const reason = linkFault?.message ?? stderr.trim().split("\n").at(-1) ?? "";
    const running = entries.length > 0 ? " while a command was running" : "";
    end(lost(label, `${code === null ? "the connection was lost" : "its shell ended"}${running}`, reason));
  };

  const exec = (request: ExecRequest): Promise<ExecResult> =>
    new Promise((resolve, reject) => {
      if (over !== null) return reject(over);
      if (request.persistent === true && request.stdin !== undefined) {
        return reject(new Error("a persistent script takes no standard input"));
      }
      entries.push({ request, resolve, reject, number: null, stdout: null, stderr: null });
      pump();
    });

  /** Ends the shell at once, and on the node what it is still running. */
  const abort = async (error: Error): Promise<void> => {
    const groups = entries.length === 0 ? [] : [group, uploadGroup];
    end(error);
    channel.destroy();
    await Promise.all(groups.map((running) => (running === null ? null : parts.killGroup(running))));
  };

  /** An idle shell is left to end by itself, so that its locks are free when this returns. */
  const leave = async (): Promise<void> => {
    end(lost(label, "the connection was closed"));
    channel.stdin.end();
    await Promise.race([channel.ended, pause(LEAVE_MS)]);
    channel.destroy();
  };

  const close = (): Promise<void> => {
    closing ??= entries.length > 0 ? abort(lost(label, "the connection was closed")) : leave();
    return closing;
  };

  const openTimer = setTimeout(() => {
    const said = err.rest().toString("utf8").trim().split("\n").at(-1) ?? "";
    end(
      new TransportError({
        fault: "timeout",
        message: `${label}: its shell did not start within ${parts.openTimeoutMs} ms${said === "" ? "" : `: ${said}`}`,
        hint: "log in by hand and see what its start-up files do",
      }),
    );
    channel.destroy();
  }, parts.openTimeoutMs);

  channel.stdin.on("error", () => {});
  listen("stdout");
  listen("stderr");
  void channel.ended.then(onChannelEnd);
  write(openingText(nonce));
  return { label, exec, close };
};

/** How long an idle shell may take to end. */
const LEAVE_MS = 1_000;

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, milliseconds).unref();
  });

/** The process group that an opening names; noise of start-up files may stand before it. */
export const groupOf = (frame: Frame): string | null =>
  /(\d+)$/.exec(frame.content.toString("latin1"))?.[1] ?? null;

const isUpload = (request: ExecRequest): request is ExecRequest & { readonly stdin: Buffer } =>
  request.stdin !== undefined && request.stdin.length > LARGE_STDIN;

const lost = (label: string, what: string, reason = ""): TransportError =>
  new TransportError({
    fault: "lost",
    message: `${label}: ${what}${reason === "" ? "" : `: ${reason}`}`,
    hint: "check that the node is up and reachable, then run again: finished work is kept",
  });
