import type { HostRecap } from "./event.ts";

/** Two recaps of one host as one: of several runs, or of a run's parts. */
export const sumOfRecaps = (a: HostRecap, b: HostRecap): HostRecap => ({
  ok: a.ok + b.ok,
  changed: a.changed + b.changed,
  unreachable: a.unreachable + b.unreachable,
  failed: a.failed + b.failed,
  skipped: a.skipped + b.skipped,
  rescued: a.rescued + b.rescued,
  ignored: a.ignored + b.ignored,
});
