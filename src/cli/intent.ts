import type { RunEvent } from "../core/event.ts";
import type { ChangeView } from "../core/task.ts";
import type { View } from "../report/listr.ts";
import type { Io } from "./io.ts";
import { loadRun } from "./load-run.ts";
import { performRun } from "./perform-run.ts";
import type { DriftOptions, RunOptions } from "./run-options.ts";

/** A task that a run would change something with, on one node. */
export interface IntendedTask {
  /** `haproxy : Configure HAProxy` */
  readonly task: string;
  /** `file:line` */
  readonly at: string;
  /** It depends on a change before it, so what it would do is not known. */
  readonly follows: boolean;
  readonly changes: readonly ChangeView[];
}

/** How nodes differ from what playbooks want. */
export interface IntentDrift {
  readonly nodes: ReadonlyMap<string, readonly IntendedTask[]>;
  readonly failures: readonly { readonly node: string; readonly task: string; readonly message: string }[];
  readonly unreachable: readonly string[];
  /** Of the run in check mode. */
  readonly exitCode: number;
}

/** Walks playbooks in check mode, and keeps what they would change. Mistakes in them are thrown, as by `lbplay run`. */
export const intentDrift = async (
  { live, playbooks, become }: DriftOptions,
  io: Io,
): Promise<IntentDrift> => {
  const events: RunEvent[] = [];
  const view: View = {
    sink: (event) => void events.push(event),
    pause: async () => undefined,
    close: async () => undefined,
  };
  const options: RunOptions = {
    ...live,
    playbooks,
    connection: { ...live.connection, become },
    check: true,
    diff: true,
    shard: null,
    tags: [],
    skipTags: [],
    startAtTask: null,
    step: false,
    listing: null,
    syntaxCheck: false,
    forceHandlers: false,
    breakLock: false,
    allowUnfit: false,
    maxOutageMs: null,
    noLint: null,
    proveFailover: false,
    verbosity: 0,
    output: "json",
    report: null,
    exitCode: true,
  };
  // Nothing is rolled, so no pair has to be fit for it.
  const parts = { ...(await loadRun(options, io)), options, io, pairs: [] };
  const exitCode = await performRun(parts, async () => view);
  return { ...intentOf(events), exitCode };
};

/** The changes in the events of a check, without what only follows from them: handlers, restarts, refreshed caches. */
export const intentOf = (events: readonly RunEvent[]): Omit<IntentDrift, "exitCode"> => {
  const nodes = new Map<string, IntendedTask[]>();
  const failures: IntentDrift["failures"][number][] = [];
  const unreachable = new Set<string>();
  const looped = new Set(
    events.flatMap((event) =>
      event.kind === "host-result" && event.item !== null ? [`${event.host} ${event.task.id}`] : [],
    ),
  );
  for (const event of events) {
    if (event.kind !== "host-result") continue;
    const node = event.delegatedTo ?? event.host;
    const { name, at, handler } = event.task;
    if (event.status === "unreachable") unreachable.add(node);
    if (event.status === "failed" && !event.ignored && !event.rescued)
      failures.push({ node, task: name, message: event.msg ?? "it says no more" });
    // A loop tells each item, then the whole.
    if (handler || (event.item === null && looped.has(`${event.host} ${event.task.id}`))) continue;
    if (event.status !== "changed" && event.status !== "would-follow") continue;
    const changes = event.changes.filter((change) => change.event !== true && change.quiet !== true);
    if (changes.length === 0 && event.changes.length > 0) continue;
    const task = event.item === null ? name : `${name} (${event.item})`;
    const tasks = nodes.get(node) ?? [];
    tasks.push({ task, at, follows: event.status === "would-follow", changes });
    nodes.set(node, tasks);
  }
  return { nodes, failures, unreachable: [...unreachable] };
};
