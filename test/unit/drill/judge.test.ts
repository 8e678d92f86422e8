import { expect, test } from "vitest";
import type { PlannedFault } from "../../../src/drill/faults/fault.ts";
import { compared, judge, type Shown } from "../../../src/drill/judge.ts";
import type { PhaseOutage } from "../../../src/drill/result.ts";

const FAULT: PlannedFault = {
  kind: "planned",
  id: "haproxy-stop",
  title: "HAProxy stopped",
  injection: "it is stopped",
  undo: "it is started",
  nodes: ["lb1"],
  scripts: { inject: ":", undo: ":" },
  way: "direct",
  predicted: {
    what: "haproxy dies on lb1",
    outcome: "moves",
    owners: ["lb2"],
    moves: { min: 200, max: 400 },
    outage: { min: 200, max: 400 },
    formula: "three adverts",
  },
  alsoOwners: [],
  served: true,
  windowMs: 2500,
  effect: null,
};

const phase = (outageMs: number): PhaseOutage => ({
  outageMs,
  longestGapMs: Math.max(outageMs, 5),
  requests: 400,
  failed: outageMs > 0 ? 10 : 0,
  errors: {},
});

const shown = (more: Partial<Shown> = {}, outageMs = 300): Shown => ({
  phases: { quietMs: 5, fault: phase(outageMs), back: phase(0), servedAtUndo: true },
  everyMs: 5,
  takeoverMs: 290,
  injectionMs: 0,
  during: new Map([["192.0.2.10", ["lb2"]]]),
  budgetMs: 1000,
  settled: true,
  notExactlyOne: [],
  differences: [],
  troubles: [],
  ...more,
});

const kinds = (fault: PlannedFault, seen: Shown): readonly string[] =>
  judge(fault, seen).map(({ kind }) => kind);

test("What is as predicted, within its budget and as before passes.", () => {
  expect(judge(FAULT, shown())).toEqual([]);
  expect(compared(FAULT, shown())?.left).toBeNull();
});

test("The budget holds for the fault and for the return.", () => {
  expect(judge(FAULT, shown({ budgetMs: 250 }))).toEqual([
    {
      kind: "budget",
      text: "there was no answer for 300 ms in the fault, longer than the 250 ms that are allowed",
    },
  ]);
  const back = { phases: { quietMs: 5, fault: phase(300), back: phase(2000), servedAtUndo: true } };
  expect(judge(FAULT, shown(back))).toMatchObject([
    { kind: "budget", text: expect.stringContaining("2000 ms in the return") },
  ]);
  expect(judge(FAULT, shown({ ...back, budgetMs: null }))).toEqual([]);
});

test("Longer than predicted fails; what a machine's business costs is granted.", () => {
  expect(kinds(FAULT, shown({ budgetMs: null }, 650))).toEqual([]);
  expect(judge(FAULT, shown({ budgetMs: null }, 700))).toEqual([
    { kind: "prediction", text: "there was no answer for 700 ms, longer than the predicted 200 to 400 ms" },
  ]);
  expect(kinds(FAULT, shown({ budgetMs: null, takeoverMs: 900 }))).toEqual(["prediction"]);
  // A command that itself took half a second began the fault some time within.
  expect(kinds(FAULT, shown({ budgetMs: null, takeoverMs: 900, injectionMs: 500 }))).toEqual([]);
});

test("Sooner than predicted is said, and is no failure.", () => {
  const early = shown({ takeoverMs: 100 }, 90);
  expect(judge(FAULT, early)).toEqual([]);
  expect(compared(FAULT, early)?.left).toBe(
    "the addresses moved after 100 ms, sooner than the predicted 200 to 400 ms",
  );
});

test("Somebody else has the addresses: who, where who should have, and why.", () => {
  const stuck = shown({
    during: new Map([["192.0.2.10", ["lb1"]]]),
    takeoverMs: null,
    phases: { quietMs: 5, fault: phase(2600), back: phase(0), servedAtUndo: false },
  });
  expect(judge(FAULT, stuck)).toMatchObject([
    {
      kind: "owner",
      text: "lb1 had 192.0.2.10 where lb2 should have (three adverts), and nobody answered until the fault was undone",
    },
    { kind: "budget" },
  ]);
  expect(
    kinds({ ...FAULT, alsoOwners: [["lb1"]] }, shown({ during: new Map([["192.0.2.10", ["lb1"]]]) })),
  ).toEqual([]);
});

test("A pair that never fails over fails, although just that was predicted.", () => {
  const never: PlannedFault = {
    ...FAULT,
    predicted: {
      what: "haproxy dies on lb1",
      outcome: "never",
      owners: ["lb1"],
      moves: null,
      outage: null,
      formula: "lb2 has no more than 99",
    },
  };
  const seen = shown({
    during: new Map([["192.0.2.10", ["lb1"]]]),
    budgetMs: null,
    phases: { quietMs: 5, fault: phase(2600), back: phase(0), servedAtUndo: false },
  });
  expect(judge(never, seen)).toEqual([
    {
      kind: "owner",
      text: "lb1 kept 192.0.2.10, and nobody answered until the fault was undone: lb2 has no more than 99",
    },
  ]);
});

test("Where no pair could serve, neither range nor service is judged.", () => {
  const dead = shown({
    budgetMs: null,
    phases: { quietMs: 5, fault: phase(9000), back: phase(0), servedAtUndo: false },
    during: new Map([["192.0.2.10", ["lb2"]]]),
  });
  expect(judge({ ...FAULT, served: false }, dead)).toEqual([]);
});

test("After settling each address has one owner, and everything is as before.", () => {
  const seen = shown({
    notExactlyOne: [
      { address: "192.0.2.10", owners: ["lb1", "lb2"] },
      { address: "192.0.2.11", owners: [] },
    ],
    differences: ["lb1: the server app/web1 is DOWN, and was UP"],
  });
  expect(judge(FAULT, seen)).toEqual([
    { kind: "exactly-one", text: "lb1 and lb2 all had 192.0.2.10 when the pair should have settled" },
    { kind: "exactly-one", text: "nobody had 192.0.2.11 when the pair should have settled" },
    { kind: "state", text: "afterwards not all is as before: lb1: the server app/web1 is DOWN, and was UP" },
  ]);
  expect(kinds(FAULT, shown({ settled: false, differences: ["lb1: unit haproxy failed is new"] }))).toEqual([
    "unsettled",
  ]);
});

test("A fault that was not injected is judged by that alone; an interrupted one not by its figures.", () => {
  const far = { phases: { quietMs: 5, fault: phase(9000), back: phase(0), servedAtUndo: false } };
  expect(kinds(FAULT, shown({ ...far, troubles: [{ kind: "injection", text: "no nft" }] }))).toEqual([
    "injection",
  ]);
  expect(kinds(FAULT, shown({ ...far, troubles: [{ kind: "interrupted", text: "stopped" }] }))).toEqual([
    "interrupted",
  ]);
  expect(kinds(FAULT, shown({ troubles: [{ kind: "undo", text: "HAProxy does not start" }] }))).toEqual([
    "undo",
  ]);
});
