import { expect, test } from "vitest";
import { intentOf } from "../../../src/cli/intent.ts";
import type { HostResultEvent, RunEvent } from "../../../src/core/event.ts";

const result = (change: Partial<HostResultEvent>): RunEvent => ({
  kind: "host-result",
  time: 0,
  host: "lb1",
  task: {
    id: "1",
    name: "haproxy : Configure HAProxy",
    module: "template",
    at: "main.yml:7",
    handler: false,
  },
  status: "changed",
  ignored: false,
  rescued: false,
  item: null,
  delegatedTo: null,
  msg: null,
  hint: null,
  changes: [],
  diff: true,
  diffRefused: false,
  result: null,
  duration: 0,
  ...change,
});

const task = (id: string, more: { readonly handler?: boolean } = {}) => ({
  id,
  name: `task ${id}`,
  module: "file",
  at: `main.yml:${id}`,
  handler: false,
  ...more,
});

const MODE = { field: "mode", before: "0600", after: "0644" };

test("What a run would change is kept, by node.", () => {
  const { nodes } = intentOf([
    result({ changes: [MODE] }),
    result({ host: "lb2", status: "ok" }),
    result({ host: "lb1", delegatedTo: "web1", task: task("2"), changes: [MODE] }),
    result({ host: "lb1", task: task("3"), status: "would-follow" }),
  ]);
  expect([...nodes]).toEqual([
    [
      "lb1",
      [
        { task: "haproxy : Configure HAProxy", at: "main.yml:7", follows: false, changes: [MODE] },
        { task: "task 3", at: "main.yml:3", follows: true, changes: [] },
      ],
    ],
    ["web1", [{ task: "task 2", at: "main.yml:2", follows: false, changes: [MODE] }]],
  ]);
});

test("Handlers, restarts and refreshed caches follow from other changes and are no drift.", () => {
  const restart = { field: "state", before: null, after: "restarted", event: true };
  expect(
    intentOf([
      result({ task: task("1", { handler: true }), changes: [MODE] }),
      result({ task: task("2"), changes: [restart] }),
    ]).nodes.size,
  ).toBe(0);
});

test("Of a loop the items are told, not the whole once more.", () => {
  const { nodes } = intentOf([
    result({ task: task("5"), item: "a", changes: [MODE] }),
    result({ task: task("5"), item: "b", status: "ok" }),
    result({ task: task("5"), changes: [] }),
  ]);
  expect(nodes.get("lb1")?.map((one) => one.task)).toEqual(["task 5 (a)"]);
});

test("What failed and who was not reached is told; what was ignored is not.", () => {
  const { failures, unreachable } = intentOf([
    result({ status: "failed", msg: "no such unit", task: task("4") }),
    result({ status: "failed", ignored: true }),
    result({ host: "lb2", status: "unreachable" }),
  ]);
  expect(failures).toEqual([{ node: "lb1", task: "task 4", message: "no such unit" }]);
  expect(unreachable).toEqual(["lb2"]);
});
