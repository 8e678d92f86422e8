import type { Action, ActionOutcome } from "../core/action.ts";
import type { ReadResult } from "../core/probe.ts";
import type { RollOptions } from "../core/roll.ts";
import type { Become, Connection, Transport } from "../core/transport.ts";
import { TransportError } from "../core/transport.ts";
import { joinReads } from "./batch.ts";
import { refuseStopped } from "./interrupted.ts";
import { HEARD } from "./journal-guard.ts";
import { contactScript, oweScript, parseContact, settleScript, UNOWE_SCRIPT } from "./node-state.ts";
import { composeActions } from "./perform.ts";
import { type NodeJournal, nodeJournal } from "./session-journal.ts";
import { refuseLocked, refuseNul } from "./session-refusals.ts";

/** What a session needs from its run. */
export interface SessionContext {
  readonly connect: () => Promise<Connection>;
  /** Fresh random text; no content of a node can hold it. */
  readonly nonce: () => string;
  /** In check mode nothing is written, so no lock is taken. */
  readonly mode: "apply" | "check";
  /** Who runs, for the lock: `alice@desk pid 4711 site.yaml`. */
  readonly owner: string;
  /** Random text of the run. */
  readonly run: string;
  readonly breakLock: boolean;
  /** Whether other runs have to keep off this node. */
  readonly locks: boolean;
  /** The node is the machine that lbplay runs on. */
  readonly local: boolean;
  readonly stopped: () => boolean;
  /** How the node is being rolled; null where it is not. */
  readonly rolling: () => RollOptions | null;
  /** Told when this machine turned out to be one that another session works on too. */
  readonly onShared: () => void;
  /** Told when something on the node may have changed. */
  readonly onChange: () => void;
}

/** One node during a run: its connection, and what has been read of it and is still true. */
export interface NodeSession {
  readonly name: string;
  /** It is the machine that lbplay runs on. */
  readonly local: boolean;
  /** Answers to reads, from memory or in one trip together with what `ahead` thinks is asked next. */
  readonly ask: (
    become: Become | null,
    reads: readonly string[],
    ahead: Ahead,
  ) => Promise<readonly ReadResult[]>;
  /** Answers to reads by the node itself, now; what else was read stays known. */
  readonly askAnew: (become: Become | null, reads: readonly string[]) => Promise<readonly ReadResult[]>;
  /** Units whose starting, restarting and reloading is somebody else's affair now. */
  readonly held: () => ReadonlySet<string>;
  /** Performs actions; everything read before is forgotten, and the reads of `again` and `ahead` are answered in the same trip. */
  readonly act: (become: Become | null, work: Work) => Promise<ActReport>;
  /** Records of handlers (see owedRecord) that an earlier run, cut short, left to do. */
  readonly owed: () => ReadonlySet<string>;
  /** Opens the shell and takes its lock, if that has not happened yet. */
  readonly contact: (become: Become | null) => Promise<void>;
  /** Forgets what was read: somebody else changed something. */
  readonly forget: () => void;
  /** Runs work from its look at the node to its last change before any other such work on it. */
  readonly exclusively: <T>(work: () => Promise<T>) => Promise<T>;
  /** Forgets the record of an owed handler with the next trip. */
  readonly settle: (record: string) => void;
  /** What the node keeps of what is changed, as this user reaches it. */
  readonly journal: (become: Become | null) => NodeJournal;
  /** Users who changed something that no journal keeps. */
  readonly unkept: () => ReadonlySet<string>;
  readonly roundTrips: () => number;
  /** Sends what is still to settle, and closes. */
  readonly close: () => Promise<void>;
  /** Closes the connection; the next ask opens a new one. */
  readonly reset: () => Promise<void>;
}

/** Reads that will probably be asked next by this user; `limit` tasks at most are looked at. */
export type Ahead = (limit: number) => readonly string[];

/** Something to do on a node. */
export interface Work {
  readonly actions: readonly Action[];
  /** Records of handlers that are owed before anything changes. */
  readonly owes: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Reads to answer after the actions. */
  readonly again: readonly string[];
  readonly ahead: Ahead;
  /** What was read stays true: the actions only ask. */
  readonly harmless: boolean;
  /** After this many milliseconds the work is given up with TransportError "timeout"; null waits. */
  readonly timeoutMs: number | null;
}

/** What came of it. */
export interface ActReport {
  readonly outcomes: readonly ActionOutcome[];
  readonly failed: boolean;
  /** The last action was not run, since what it would have changed could not be kept in the journal. */
  readonly unkept: boolean;
  readonly again: readonly ReadResult[];
}

/** Answers by the user and the script that asked. */
type Answers = Map<string, ReadResult>;

/** Tasks beyond which it is no longer guessed that nothing will change: their reads would be for nothing. */
const FARTHEST_GUESS = 16;

/** A session for one node; nothing is connected before the first ask. */
export const createSession = (name: string, context: SessionContext): NodeSession => {
  let connection: Promise<Connection> | null = null;
  let finishedTrips = 0;
  let known: Answers = new Map();
  let window = Number.POSITIVE_INFINITY;
  let asksSinceChange = 0;
  const contacted = new Map<string, Promise<void>>();
  /** For each owed handler the users in whose directory it is recorded. */
  const recorded = new Map<string, Set<string>>();
  /** Those that were owed before this run. */
  const earlier = new Set<string>();
  const toSettle = new Map<string, Set<string>>();
  const users = new Map<string, Become | null>();
  /** Users whose shells can keep a journal. */
  const keepers = new Set<string>();
  const unkept = new Set<string>();
  let guarded = false;
  let journalNote: string | null = null;
  /** Counts how often everything read was forgotten: an answer that was under way then is out of date. */
  let epoch = 0;
  let last: Promise<unknown> = Promise.resolve();

  const forget = (): void => {
    known = new Map();
    epoch += 1;
  };

  const shell = async (become: Become | null): Promise<Transport> => {
    refuseStopped(context.stopped());
    connection ??= context.connect();
    return (await connection).shell(become);
  };

  const firstContact = async (become: Become | null, reads: readonly string[]): Promise<void> => {
    const transport = await shell(become);
    const nonce = context.nonce();
    const batch = joinReads(reads, nonce);
    users.set(userOf(become), become);
    const script = `${contactScript({ ...context, nonce })}\nif [ "$lbp_l" != held ]; then\n:\n${batch.script}fi\n`;
    const answer = await transport.exec({ script, timeoutMs: null, persistent: true });
    const report = parseContact(answer.stdout, nonce);
    refuseLocked(name, report);
    if (report.lock.kind === "shared") context.onShared();
    if (report.journals) keepers.add(userOf(become));
    journalNote = report.journal ?? journalNote;
    owe(become, report.owed);
    for (const handler of report.owed) if (!settles(become, handler)) earlier.add(handler);
    remember(become, reads, batch.split(report.rest, answer.stderr));
  };

  /** A shell that is opened again still finds what is about to be forgotten. */
  const settles = (become: Become | null, handler: string): boolean =>
    toSettle.get(userOf(become))?.has(handler) === true;

  const owe = (become: Become | null, handlers: readonly string[]): void => {
    for (const handler of handlers)
      recorded.set(handler, (recorded.get(handler) ?? new Set()).add(userOf(become)));
  };

  const remember = (
    become: Become | null,
    reads: readonly string[],
    answers: readonly (ReadResult | null)[],
    into: Answers = known,
  ): void => {
    reads.forEach((script, index) => {
      const answer = answers[index] ?? null;
      if (answer !== null) into.set(keyOf(become, script), answer);
    });
  };

  const ensureContact = (become: Become | null, reads: () => readonly string[]): Promise<void> | null => {
    const user = userOf(become);
    const present = contacted.get(user);
    if (present !== undefined) return present;
    const opening = firstContact(become, reads());
    contacted.set(user, opening);
    return opening;
  };

  const missing = (become: Become | null, reads: readonly string[]): readonly string[] =>
    [...new Set(reads)].filter((script) => !known.has(keyOf(become, script)));

  const lookAhead = (become: Become | null, reads: readonly string[], ahead: Ahead): readonly string[] =>
    missing(become, [...reads, ...ahead(window)]);

  const fetch = async (become: Become | null, reads: readonly string[], into: Answers): Promise<void> => {
    const transport = await shell(become);
    const batch = joinReads(reads, context.nonce());
    const answer = await transport.exec({ script: settling(become) + batch.script, timeoutMs: null });
    remember(become, reads, batch.split(answer.stdout, answer.stderr), into);
  };

  const settling = (become: Become | null): string => {
    const handlers = toSettle.get(userOf(become));
    toSettle.delete(userOf(become));
    return handlers === undefined ? "" : settleScript([...handlers]);
  };

  const answersOf = (
    become: Become | null,
    reads: readonly string[],
    from: Answers = known,
  ): readonly ReadResult[] =>
    reads.map((script) => {
      const answer = from.get(keyOf(become, script));
      if (answer === undefined)
        throw new TransportError({ fault: "lost", message: `${name} did not answer a read` });
      return answer;
    });

  const ask: NodeSession["ask"] = async (become, reads, ahead) => {
    asksSinceChange += 1;
    for (let tries = 1; ; tries += 1) {
      const before = epoch;
      await ensureContact(become, () => lookAhead(become, reads, ahead));
      // What is forgotten meanwhile is a new map: this one stays as it is.
      const here = known;
      if (missing(become, reads).length > 0) {
        await fetch(become, lookAhead(become, reads, ahead), here);
        window = Math.max(window * 2, 2);
      }
      const answers = answersOf(become, reads, here);
      if (epoch === before || tries === MOST_TRIES) return answers;
    }
  };

  const askAnew: NodeSession["askAnew"] = async (become, reads) => {
    await ensureContact(become, () => []);
    const answers: Answers = new Map();
    await fetch(become, [...new Set(reads)], answers);
    return answersOf(become, reads, answers);
  };

  const act: NodeSession["act"] = async (become, work) => {
    await ensureContact(become, () => []);
    const transport = await shell(become);
    if (!work.harmless) {
      forget();
      // As far as it was from the last change to this one is the guess how far the next one is.
      window = Math.min(Math.max(asksSinceChange, 1), FARTHEST_GUESS);
      asksSinceChange = 0;
    }
    const journal = keeps(become, work);
    owe(become, work.owes);
    const reads = lookAhead(become, work.again, work.ahead);
    const composed = composeActions(work.actions, {
      nonce: context.nonce(),
      before: settling(become) + oweScript(work.owes) + (journal || guarded ? HEARD.before : ""),
      after: journal || guarded ? HEARD.after : "",
      journal,
      unchanged: work.owes.length === 0 ? "" : UNOWE_SCRIPT,
      environment: work.environment,
      reads,
    });
    refuseNul(composed.script);
    const answer = await transport.exec({
      script: composed.script,
      timeoutMs: work.timeoutMs,
      ...(composed.stdin.length > 0 ? { stdin: composed.stdin } : {}),
    });
    if (!work.harmless) context.onChange();
    const performed = composed.split(answer.stdout, answer.stderr);
    remember(become, reads, performed.reads);
    const { outcomes, failed } = performed;
    return { outcomes, failed, unkept: performed.unkept, again: answersOf(become, work.again) };
  };

  /** Whether a journal keeps what work changes. Only root's can; that others changed something is remembered. */
  const keeps = (become: Become | null, { harmless }: Work): boolean => {
    if (harmless || context.rolling()?.journal !== true) return false;
    const able = keepers.has(userOf(become));
    if (!able) unkept.add(become?.user ?? "the user who logs in");
    return able;
  };

  const journalOf: NodeSession["journal"] = (become) =>
    nodeJournal(name, {
      run: async (script) => {
        await ensureContact(become, () => []);
        return (await shell(become)).exec({ script, timeoutMs: null });
      },
      able: () => keepers.has(userOf(become)),
      meet: async () => {
        await ensureContact(become, () => []);
      },
      note: () => journalNote,
      onNote: (note) => {
        journalNote = note;
      },
      reset: closeConnection,
      onGuard: (set) => {
        guarded = set;
      },
      onRestored: (unowed) => {
        for (const record of unowed) {
          recorded.delete(record);
          earlier.delete(record);
        }
        forget();
        context.onChange();
      },
    });

  const closeConnection = async (): Promise<void> => {
    const open = connection;
    connection = null;
    contacted.clear();
    known = new Map();
    if (open === null) return;
    const settled = await open.catch(() => null);
    if (settled === null) return;
    finishedTrips += settled.traffic().roundTrips;
    await settled.close();
  };

  return {
    name,
    local: context.local,
    ask,
    askAnew,
    held: () => context.rolling()?.held ?? NOTHING_HELD,
    act,
    owed: () => earlier,
    contact: async (become) => {
      await ensureContact(become, () => []);
    },
    forget,
    exclusively: (work) => {
      const turn = last.then(work, work);
      last = turn;
      return turn;
    },
    settle: (handler) => {
      const users = context.mode === "check" ? [] : (recorded.get(handler) ?? []);
      for (const user of users) toSettle.set(user, (toSettle.get(user) ?? new Set()).add(handler));
      recorded.delete(handler);
      earlier.delete(handler);
    },
    journal: journalOf,
    unkept: () => unkept,
    roundTrips: () => finishedTrips,
    reset: closeConnection,
    close: async () => {
      try {
        for (const user of [...toSettle.keys()]) {
          if (connection === null) break;
          const become = users.get(user) ?? null;
          const transport = await (await connection).shell(become);
          await transport.exec({ script: settling(become), timeoutMs: 10_000 });
        }
      } finally {
        await closeConnection();
      }
    },
  };
};

const NOTHING_HELD: ReadonlySet<string> = new Set();

/** Reads are repeated where something changed while they were under way, but not for ever. */
const MOST_TRIES = 3;

const userOf = (become: Become | null): string => (become === null ? "" : `${become.method}:${become.user}`);

const keyOf = (become: Become | null, script: string): string => `${userOf(become)}\n${script}`;
