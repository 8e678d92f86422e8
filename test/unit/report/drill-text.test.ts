import { expect, test } from "vitest";
import { announcementLines, drillTable, repeatLines } from "../../../src/report/drill-text.ts";
import { createLiveDrillView, createPlainDrillView } from "../../../src/report/drill-view.ts";
import { createPalette } from "../../../src/report/palette.ts";
import { DRILL, REPEAT } from "./drill-example.ts";

const palette = createPalette(false);

test("What will happen is said beforehand, with predictions, budgets and what cannot be done.", () => {
  const [fault] = DRILL.faults;
  if (fault === undefined || REPEAT.predicted === null) throw new Error("the example has one");
  const { id, injection, undo } = fault;
  const lines = announcementLines({
    pair: "lb",
    owner: "lb1",
    standby: "lb2",
    addresses: ["192.0.2.10"],
    client: "http://192.0.2.10/, 200 times a second from here",
    held: 10,
    lab: null,
    faults: [
      { id, injection, undo, repeats: 2, budgetMs: 500, predicted: REPEAT.predicted, because: null },
      { id: "power-off", injection, undo, repeats: 1, budgetMs: null, predicted: null, because: "no lab" },
    ],
  });
  expect(lines).toEqual([
    "drill of lb: lb1 has 192.0.2.10, lb2 would take over",
    "a client asks http://192.0.2.10/, 200 times a second from here, and holds 10 connections open",
    "in this order, each undone and the pair as before when the next one begins:",
    "   1. haproxy-stop, 2 times: systemctl stop haproxy on the owner of the addresses; systemctl start haproxy",
    "      predicted: lb2 takes over, no answer for 5 ms to 40 ms; allowed 500 ms",
    "  cannot be done here: power-off: no lab",
  ]);
});

test("A repeat is one line; its reasons stand below it, and so does a prediction that was left.", () => {
  expect(repeatLines("HAProxy stopped", 1, REPEAT, palette)).toEqual([
    "ok: HAProxy stopped: outage 42 ms, 8 of 600 requests failed; 10 of 10 open connections cut; noticed after 12 ms; lb2 took over after 36 ms; return 0 ms, 0 failed",
  ]);
  const odd = {
    ...REPEAT,
    number: 2,
    reasons: [{ kind: "owner", text: "nobody had 192.0.2.10" }] as const,
    predicted: REPEAT.predicted === null ? null : { ...REPEAT.predicted, left: "sooner than predicted" },
  };
  expect(repeatLines("HAProxy stopped", 3, odd, palette).slice(1)).toEqual([
    "    owner: nobody had 192.0.2.10",
    "    prediction: sooner than predicted",
  ]);
  expect(repeatLines("HAProxy stopped", 3, odd, palette)[0]).toMatch(/^failed: HAProxy stopped \(2 of 3\): /);
});

test("At the end all faults are a table, also those that did not happen, with a verdict below.", () => {
  expect(drillTable(DRILL, palette).join("\n")).toMatchInlineSnapshot(`
    "FAULT            TIMES  OUTAGE p50/max  PREDICTED      RETURN max  FAILED     CUT  BUDGET  VERDICT
    haproxy-stop     1      42 ms / 42 ms   5 ms to 40 ms  0 ms        8 of 1800  10   500 ms  passed
    keepalived-kill  2      42 ms / 42 ms   5 ms to 40 ms  0 ms        8 of 1800  10   500 ms  failed: exactly-one
    power-off        0      -               -              -           -          -    500 ms  cannot be done here
    reload           0      -               -              -           -          -    500 ms  not run
    failed: 1 passed, 1 failed, 1 cannot be done here, 1 not run; stopped: keepalived killed failed"
  `);
});

const EVENTS = [
  { kind: "repeat-started", title: "HAProxy stopped", number: 1, repeats: 2 },
  { kind: "step", text: "injected on lb1" },
  { kind: "repeat-ended", title: "HAProxy stopped", repeats: 2, repeat: REPEAT },
] as const;

test("In a pipe each step is a line.", () => {
  let text = "";
  const view = createPlainDrillView((part) => {
    text += part;
  }, palette);
  for (const event of EVENTS) view.tell(event);
  expect(text.split("\n").slice(0, 3)).toEqual([
    "HAProxy stopped, 1 of 2",
    "    injected on lb1",
    expect.stringContaining("ok: HAProxy stopped (1 of 2): outage 42 ms"),
  ]);
});

test("On a terminal one line says what is under way, and results stay.", async () => {
  let text = "";
  const screen = {
    write: (part: string) => {
      text += part;
    },
    columns: () => 100,
    rows: () => 30,
  };
  const view = await createLiveDrillView({ screen, intervalMs: 1 }, palette);
  for (const event of EVENTS.slice(0, 2)) view.tell(event);
  await expect.poll(() => text).toContain("injected on lb1");
  for (const event of EVENTS.slice(2)) view.tell(event);
  await view.close();
  const hides = text.split("\u001b[?25l").length;
  expect(text.split("\u001b[?25h")).toHaveLength(hides);
  expect(text.endsWith("return 0 ms, 0 failed\n")).toBe(true);
});
