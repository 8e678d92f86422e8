import { LbplayError } from "../core/error.ts";
import type { ReadResult } from "../core/probe.ts";
import type { JournalState, RestoreReport } from "../core/roll.ts";
import { beginScript, END_SCRIPT, parseRestore, RESTORE_SCRIPT } from "./journal.ts";
import { armScript, DISARM_SCRIPT } from "./journal-guard.ts";

/** What a node keeps of what is changed on it. Everything throws TransportError, and LbplayError where it says so. */
export interface NodeJournal {
  /** The note of the one that is open, told when the node was first met: no trip of its own; null: there is none. */
  readonly open: () => Promise<string | null>;
  /** Begins one, or goes on with the one that a run before left; null where this user cannot keep any. Throws LbplayError. */
  readonly begin: (note: string) => Promise<JournalState | null>;
  /** Puts back what it keeps. */
  readonly restore: () => Promise<RestoreReport>;
  /** Removes it: there is nothing to go back to any more. Throws LbplayError. */
  readonly end: () => Promise<void>;
  /** The node goes back by itself after so many seconds without a word; what is done meanwhile is a word. Throws LbplayError. */
  readonly guard: (seconds: number) => Promise<void>;
  /** Takes the guard away, over a fresh connection. Throws LbplayError where the node has gone back already. */
  readonly confirm: () => Promise<void>;
}

/** What a journal needs of the session that it belongs to. */
interface JournalSession {
  readonly run: (script: string) => Promise<ReadResult>;
  /** Whether the shell can keep a journal; known after something was run in it. */
  readonly able: () => boolean;
  readonly meet: () => Promise<void>;
  /** The note of the journal that is open, as far as this session knows. */
  readonly note: () => string | null;
  readonly onNote: (note: string | null) => void;
  readonly reset: () => Promise<void>;
  readonly onGuard: (set: boolean) => void;
  /** Told when things on the node are as they were, with the records of handlers that are not owed any more. */
  readonly onRestored: (unowed: readonly string[]) => void;
}

/** The journal of a node, through one session and user. */
export const nodeJournal = (node: string, session: JournalSession): NodeJournal => ({
  open: async () => {
    await session.meet();
    return session.note();
  },
  begin: async (note) => {
    await session.meet();
    if (!session.able()) return null;
    const answer = await session.run(beginScript(note));
    if (answer.code !== 0) throw failed(node, "nothing can be kept for going back", answer);
    const said = /^continues (.*)$/m.exec(answer.stdout.toString("utf8"));
    session.onNote(said?.[1] ?? note);
    return { continues: said?.[1] ?? null };
  },
  restore: async () => {
    let unowed: readonly string[] = [];
    try {
      const found = parseRestore(await session.run(RESTORE_SCRIPT));
      unowed = found.unowed;
      return found.report;
    } finally {
      session.onRestored(unowed);
    }
  },
  end: async () => {
    const answer = await session.run(END_SCRIPT);
    if (answer.code !== 0) throw failed(node, "the journal of this run cannot be removed", answer);
    session.onNote(null);
  },
  guard: async (seconds) => {
    const answer = await session.run(armScript(seconds));
    if (answer.code !== 0) throw failed(node, "no guard can be set that would go back by itself", answer);
    session.onGuard(true);
  },
  confirm: async () => {
    await session.reset();
    const answer = await session.run(DISARM_SCRIPT);
    session.onGuard(false);
    const said = answer.stdout.toString("utf8").trim();
    if (said === "fired") throw wentBack(node);
    if (said !== "disarmed") throw failed(node, "the guard was not there any more", answer);
  },
});

const wentBack = (node: string): LbplayError =>
  new LbplayError({
    code: "E_WENT_BACK",
    message: `${node} went back to what it was by itself: it had heard nothing from lbplay for too long`,
    hint: "see whether the change cuts the way to it: its firewall, its sshd, its interfaces",
  });

const failed = (node: string, what: string, { stderr }: ReadResult): LbplayError => {
  const said = stderr.toString("utf8").trim();
  return new LbplayError({ code: "E_JOURNAL", message: `${node}: ${what}${said === "" ? "" : `: ${said}`}` });
};
