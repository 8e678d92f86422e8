import type { HostResultEvent, TaskLabel } from "../../../src/core/event.ts";

/** The label of a task for tests. */
export const label = (name: string, more: Partial<TaskLabel> = {}): TaskLabel => ({
  id: name,
  name,
  module: "copy",
  at: "site.yaml:3",
  handler: false,
  ...more,
});

/** A result for tests: ok on lb1 unless said otherwise. */
export const result = (more: Partial<HostResultEvent> = {}): HostResultEvent => ({
  kind: "host-result",
  time: 0,
  host: "lb1",
  task: label("haproxy : Write the configuration"),
  status: "ok",
  ignored: false,
  rescued: false,
  item: null,
  delegatedTo: null,
  msg: null,
  hint: null,
  changes: [],
  diff: false,
  diffRefused: false,
  result: { changed: false },
  duration: 1,
  ...more,
});
