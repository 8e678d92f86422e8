import type {
  EventSink,
  HostRecap,
  HostResultEvent,
  HostStatus,
  RollEvent,
  RunEvent,
  TaskLabel,
} from "../../core/event.ts";
import { sumOfRecaps } from "../../core/recap.ts";
import type { ChangeView } from "../../core/task.ts";
import { createLoopMemory, type LoopMemory } from "../plain.ts";
import { evidence, isFailure, speech } from "../result-text.ts";
import { clipped } from "./parts.ts";

/** What a run was, as its report tells it: events put in order, and no more of them kept than can be shown. */
export interface RunRecord {
  /** Milliseconds since the epoch; null: it did not come to that. */
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  readonly check: boolean;
  readonly plays: readonly PlayRecord[];
  readonly rolls: readonly RollEvent[];
  readonly warnings: readonly { readonly host: string | null; readonly message: string }[];
  readonly hosts: Readonly<Record<string, HostRecap>>;
  readonly roundTrips: Readonly<Record<string, number>>;
  /** What each host was at, in the order of the results. */
  readonly work: ReadonlyMap<string, readonly WorkSpan[]>;
}

/** A play. */
export interface PlayRecord {
  readonly playbook: string;
  readonly name: string;
  readonly hosts: readonly string[];
  /** The pattern, where it matched no host. */
  readonly nobody: string | null;
  readonly startedAt: number;
  readonly tasks: readonly TaskRecord[];
}

/** A task, each time that it was begun. */
export interface TaskRecord {
  readonly label: TaskLabel;
  readonly startedAt: number;
  /** When its last result came. */
  readonly endedAt: number;
  /** Hosts by how the task ended on them, as a whole. */
  readonly statuses: ReadonlyMap<string, HostEnd>;
  /** What there is to say beyond that. */
  readonly details: readonly ResultDetail[];
  /** How many more details there were. */
  readonly omitted: number;
}

/** How a task ended on a host. */
export interface HostEnd {
  readonly status: HostStatus;
  /** A failure that the play took care of. */
  readonly excused: "ignored" | "rescued" | null;
  /** Milliseconds. */
  readonly duration: number;
}

/** A result that has something to say: a change, a failure, a message. */
export interface ResultDetail extends HostEnd {
  readonly host: string;
  readonly item: string | null;
  readonly delegatedTo: string | null;
  readonly msg: string | null;
  readonly hint: string | null;
  /** What a failed command said; what `debug` says. */
  readonly said: string;
  readonly changes: readonly ChangeView[];
  /** Why changes are named only: the task says `diff: false`, or there was no more room. */
  readonly withheld: "asked" | "room" | null;
}

/** A host at work on a task. */
export interface WorkSpan extends Pick<HostEnd, "status" | "excused"> {
  readonly from: number;
  readonly to: number;
}

/** Details of a task that are kept: a loop over a thousand items is not read item by item. */
const MOST_DETAILS = 100;

/** Letters of changed texts that are kept, of all tasks together, and of messages in each result. */
const MOST_TEXT = 8_000_000;
const MOST_SAID = 8_000;

/** Gathers the events of a run. */
export interface RunRecorder {
  readonly see: EventSink;
  readonly record: () => RunRecord;
}

interface OpenTask extends Omit<TaskRecord, "statuses" | "details"> {
  endedAt: number;
  omitted: number;
  readonly statuses: Map<string, HostEnd>;
  readonly details: ResultDetail[];
}

interface OpenPlay extends Omit<PlayRecord, "tasks"> {
  readonly tasks: OpenTask[];
}

/** An empty record. */
export const createRunRecorder = (): RunRecorder => {
  const loops = createLoopMemory();
  const plays: OpenPlay[] = [];
  const open = new Map<string, OpenTask>();
  const rolls: RollEvent[] = [];
  const warnings: RunRecord["warnings"][number][] = [];
  const hosts: Record<string, HostRecap> = {};
  const roundTrips: Record<string, number> = {};
  const work = new Map<string, WorkSpan[]>();
  const room = { left: MOST_TEXT };
  let startedAt: number | null = null;
  let endedAt: number | null = null;
  let check = false;
  let playbook = "";

  const begin = (play: string, at: number, of: readonly string[], nobody: string | null): void => {
    plays.push({ playbook, name: play, hosts: of, nobody, startedAt: at, tasks: [] });
    open.clear();
  };
  const beginTask = (label: TaskLabel, at: number): OpenTask => {
    const task: OpenTask = {
      label,
      startedAt: at,
      endedAt: at,
      statuses: new Map(),
      details: [],
      omitted: 0,
    };
    if (plays.length === 0) begin("", at, [], null);
    plays.at(-1)?.tasks.push(task);
    open.set(label.id, task);
    return task;
  };
  const hear = (event: HostResultEvent): void => {
    const task = open.get(event.task.id) ?? beginTask(event.task, event.time - event.duration);
    task.endedAt = event.time;
    if (event.item === null) {
      task.statuses.set(event.host, endOf(event));
      const spans = work.get(event.host) ?? [];
      const { status, excused, duration } = endOf(event);
      spans.push({ from: event.time - duration, to: event.time, status, excused });
      work.set(event.host, spans);
    }
    const detail = detailOf(event, loops, room);
    if (detail === null) return;
    if (task.details.length < MOST_DETAILS) task.details.push(detail);
    else task.omitted += 1;
  };
  const see = (event: RunEvent): void => {
    startedAt ??= event.time;
    endedAt = event.time;
    switch (event.kind) {
      case "run-started":
        playbook = event.playbook;
        check = event.mode === "check";
        return;
      case "play-started":
        begin(event.play, event.time, event.hosts, null);
        return;
      case "no-hosts":
        begin(event.play, event.time, [], event.pattern);
        return;
      case "task-started":
        beginTask(event.task, event.time);
        return;
      case "host-started":
        return;
      case "host-result":
        hear(event);
        return;
      case "roll":
        rolls.push(event);
        return;
      case "warning":
        warnings.push({ host: event.host, message: event.message });
        return;
      case "recap":
        for (const [host, recap] of Object.entries(event.hosts)) {
          const before = hosts[host];
          hosts[host] = before === undefined ? recap : sumOfRecaps(before, recap);
        }
        for (const [host, trips] of Object.entries(event.roundTrips))
          roundTrips[host] = (roundTrips[host] ?? 0) + trips;
    }
  };
  return {
    see,
    record: () => ({
      startedAt,
      endedAt,
      check,
      plays: plays.map(inOrder),
      rolls,
      warnings,
      hosts,
      roundTrips,
      work: new Map(
        Object.keys(hosts).flatMap((host) => {
          const spans = work.get(host);
          return spans === undefined ? [] : [[host, spans] as const];
        }),
      ),
    }),
  };
};

/** Results come as hosts are through; they are read in the order of the play's hosts, those of one host as they came. */
const inOrder = (play: OpenPlay): PlayRecord => {
  const places = new Map(play.hosts.map((host, index) => [host, index]));
  const place = (host: string): number => places.get(host) ?? places.size;
  return {
    ...play,
    tasks: play.tasks.map((task) => ({
      ...task,
      statuses: new Map([...task.statuses].toSorted(([a], [b]) => place(a) - place(b))),
      details: task.details.toSorted((a, b) => place(a.host) - place(b.host)),
    })),
  };
};

const endOf = ({ status, ignored, rescued, duration }: HostResultEvent): HostEnd => ({
  status,
  excused: ignored ? "ignored" : rescued ? "rescued" : null,
  duration,
});

/** null: the result says no more than its status. */
const detailOf = (event: HostResultEvent, loops: LoopMemory, room: { left: number }): ResultDetail | null => {
  if (loops.isRepetition(event)) return null;
  const { status, item, delegatedTo, hint } = event;
  const said = speech(event, 0);
  const tells = isFailure(event) || status === "would-follow";
  const msg = tells ? event.msg : null;
  const silent = event.changes.length === 0 && said === null && msg === null && hint === null;
  if (silent && !(status === "changed" && item !== null)) return null;
  const size = event.changes.reduce(
    (sum, { before, after }) => sum + (before?.length ?? 0) + (after?.length ?? 0),
    0,
  );
  const withheld =
    event.changes.length === 0 ? null : event.diffRefused ? "asked" : size > room.left ? "room" : null;
  if (withheld === null) room.left -= size;
  return {
    ...endOf(event),
    host: event.host,
    item: item === null ? null : clipped(item, MOST_SAID),
    delegatedTo,
    msg: msg === null ? null : clipped(msg, MOST_SAID),
    hint,
    said: clipped(said ?? (isFailure(event) ? evidence(event).map(flush).join("\n") : ""), MOST_SAID),
    changes: withheld === null ? event.changes : event.changes.map(named),
    withheld,
  };
};

/** Evidence is indented for a terminal. */
const flush = (line: string): string => line.replace(/^ {4}/, "");

/** A change without its texts. */
const named = ({ before: _before, after: _after, ...view }: ChangeView): ChangeView => ({
  ...view,
  before: null,
  after: null,
});
