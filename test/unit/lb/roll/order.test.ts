import { expect, test } from "vitest";
import type { Impact } from "../../../../src/lb/roll/impact.ts";
import { consequence, decide } from "../../../../src/lb/roll/order.ts";

const impact = (host: string, over: Partial<Impact> = {}): Impact => ({
  host,
  changes: true,
  haproxy: "none",
  keepalived: "none",
  reasons: [],
  cuts: [],
  after: { haproxy: [], keepalived: [] },
  ...over,
});

const both = (over: Partial<Impact>, resumes: Parameters<typeof decide>[0]["resumes"] = null) =>
  decide({
    impacts: [impact("lb1", over), impact("lb2", over)],
    held: new Map([
      ["lb1", 1],
      ["lb2", 0],
    ]),
    resumes,
    done: new Set(),
    takers: [],
  });

test.each([
  [{ haproxy: "reload" }, "in place"],
  [{ keepalived: "reload", haproxy: "reload" }, "in place"],
  [{ keepalived: "wire", haproxy: "reload" }, "stop standby"],
  [{ keepalived: "reinit" }, "overlap"],
  [{ keepalived: "wire", haproxy: "restart" }, "overlap"],
  [{ haproxy: "restart" }, "handover"],
  [{ keepalived: "restart" }, "handover"],
] as const)("%o is rolled %s, the standby first", (over, order) => {
  expect(both(over)).toMatchObject({ order, sequence: ["lb2", "lb1"] });
  expect(consequence(both(over))).toContain("lb2");
});

test("what only the standby needs leaves the owner alone", () => {
  const decision = decide({
    impacts: [impact("lb1", { changes: false }), impact("lb2", { keepalived: "reinit", haproxy: "restart" })],
    held: new Map([["lb1", 1]]),
    resumes: null,
    done: new Set(),
    takers: [],
  });
  expect(decision.order).toBe("in place");
});

test("without an owner the pair is built", () => {
  const decision = decide({
    impacts: [impact("lb1"), impact("lb2")],
    held: new Map(),
    resumes: null,
    done: new Set(),
    takers: [],
  });
  expect(decision).toMatchObject({ order: "build", sequence: ["lb1", "lb2"] });
});

test("a run that died is gone on with in its order", () => {
  expect(both({ haproxy: "reload" }, "stop standby").order).toBe("stop standby");
});

test("of nodes that each have an address the one with fewer is first", () => {
  const decision = decide({
    impacts: [impact("lb1", { haproxy: "reload" }), impact("lb2", { haproxy: "reload" })],
    held: new Map([
      ["lb1", 2],
      ["lb2", 1],
    ]),
    resumes: null,
    done: new Set(),
    takers: [],
  });
  expect(decision.sequence).toEqual(["lb2", "lb1"]);
});

test("a run that died while both had the addresses goes on with the node that it was not through with", () => {
  const decision = decide({
    impacts: [impact("lb1"), impact("lb2", { changes: false })],
    held: new Map([
      ["lb1", 1],
      ["lb2", 1],
    ]),
    resumes: "overlap",
    done: new Set(["lb2"]),
    takers: [],
  });
  expect(decision).toMatchObject({ order: "overlap", sequence: ["lb2", "lb1"] });
});

test("a node that takes the addresses by itself is told beforehand", () => {
  const decision = decide({
    impacts: [impact("lb1", { keepalived: "reload" }), impact("lb2", { keepalived: "reload" })],
    held: new Map([["lb2", 1]]),
    resumes: null,
    done: new Set(),
    takers: ["lb1"],
  });
  expect(decision).toMatchObject({ order: "in place", sequence: ["lb1", "lb2"], takers: ["lb1"] });
  expect(consequence(decision)).toContain("lb1 takes virtual addresses by itself");
});
