import { expect, test } from "vitest";
import type { DrillResult, RepeatResult } from "../../../../src/drill/result.ts";
import { drillPage } from "../../../../src/report/html/drill-page.ts";
import { pageText } from "../../../../src/report/html/page.ts";
import { DRILL, REPEAT } from "../drill-example.ts";
import { all, type Parsed, parsed, rowsOf, textOf } from "./parsed.ts";

const htmlOf = (drill: DrillResult): string =>
  pageText(drillPage(drill), { version: "0.1.0", time: 0, redact: (text) => text });

const pageOf = (drill: DrillResult): Parsed => parsed(htmlOf(drill));

const withRepeats = (...repeats: readonly RepeatResult[]): DrillResult => {
  const [fault] = DRILL.faults;
  if (fault === undefined) throw new Error("the example has no fault");
  return { ...DRILL, faults: [{ ...fault, repeats }] };
};

test("The table of faults has every fault of the result with its figures and its verdict.", () => {
  expect(rowsOf(pageOf(DRILL), "Faults")).toEqual([
    {
      Fault: "HAProxy stopped",
      Verdict: "✓passed",
      Repeats: "1",
      "Outage p50": "42 ms",
      "Outage max": "42 ms",
      "Return max": "0 ms",
      "Failed requests": "8 of 1800",
      Budget: "500 ms",
    },
    expect.objectContaining({ Fault: "keepalived killed", Verdict: "✗failed", Repeats: "2" }),
    expect.objectContaining({
      Fault: "node powered off",
      Verdict: "–cannot be done here only a lab can switch a node off and on",
      "Outage max": "–",
    }),
    expect.objectContaining({ Verdict: "–not run keepalived killed failed" }),
  ]);
});

test("Each repeat has its figures; why one failed, and what left the prediction, is told.", () => {
  const left = {
    ...REPEAT,
    predicted: REPEAT.predicted && { ...REPEAT.predicted, left: "42 ms is more than 40 ms" },
  };
  const page = pageOf(
    withRepeats(left, { ...REPEAT, number: 2, severalMs: 1200, differences: ["lb1 is in FAULT"] }),
  );
  expect(rowsOf(page, "Repeats of HAProxy stopped")).toEqual([
    {
      Repeat: "1 ✓passed",
      "Done to": "lb1",
      Outage: "42 ms",
      Return: "0 ms",
      Failed: "8 of 1800",
      "Held, cut": "10 of 10",
      Detected: "12 ms",
      "Taken over": "36 ms",
      "Owner before, during, after": "lb1 → lb2 → lb2; nobody for 22 ms",
    },
    expect.objectContaining({
      "Owner before, during, after": "lb1 → lb2 → lb2; nobody for 22 ms, several for 1.20 s",
    }),
  ]);
  expect(textOf(page)).toContain("✗prediction 42 ms is more than 40 ms");
  expect(textOf(page)).toContain("✗afterwards lb1 is in FAULT");
  expect(textOf(pageOf(DRILL))).toContain("✗exactly-one lb1 & lb2 both had <192.0.2.10> after settling");
});

test("The timeline, as a table, tells requests, owners and states from when to when; the moments are told in order.", () => {
  const page = pageOf(withRepeats(REPEAT));
  const rows = rowsOf(page, "HAProxy stopped, repeat 1: from beginning to end, as a table");
  const of = (lane: string) =>
    rows.filter(({ Lane }) => Lane === lane).map(({ From, For, What }) => [From, For, What]);
  expect(of("lb1 has the virtual address")).toEqual([["-0.500 s", "514 ms", "lb1 has it"]]);
  expect(of("lb2 has the virtual address")).toEqual([["+0.036 s", "6.16 s", "lb2 has it"]]);
  expect(of("lb1: VRRP state")).toEqual([
    ["-0.500 s", "512 ms", "MASTER"],
    ["+0.012 s", "3.09 s", "FAULT"],
    ["+3.100 s", "3.10 s", "BACKUP"],
  ]);
  const moments = all(page, ({ attributes }) => attributes.get("class") === "marks-list").map(textOf);
  expect(moments.at(-1)).toBe(
    "1+0.000 sHAProxy stopped on lb1" +
      "2+0.001 sthe first of 10 held connections was cut" +
      "3+0.012 sdetected: lb1: VI_1 FAULT" +
      "4+0.036 slb2 has the virtual address" +
      "5+3.000 sundone" +
      "6+5.200 sthe pair is at rest",
  );
});

test("What counts is drawn larger where it took a small part of the time, and two owners are seen as two.", () => {
  const titles = (page: Parsed) => all(page, ({ tag }) => tag === "figcaption").map(textOf);
  expect(titles(pageOf(withRepeats(REPEAT)))).toEqual([
    "HAProxy stopped, repeat 1: the moments after it",
    "HAProxy stopped, repeat 1: from beginning to end",
  ]);
  const split: RepeatResult = {
    ...REPEAT,
    takeoverMs: 3000,
    ownership: REPEAT.ownership.map((track) => ({
      ...track,
      changes:
        track.node === "lb1"
          ? [{ at: -500, held: true }]
          : [
              { at: -500, held: false },
              { at: 3000, held: true },
            ],
    })),
  };
  const page = pageOf(withRepeats(split));
  expect(titles(page)).toEqual(["HAProxy stopped, repeat 1: from beginning to end"]);
  const rows = rowsOf(page, "HAProxy stopped, repeat 1: from beginning to end, as a table");
  expect(
    rows.filter(({ What }) => What?.endsWith("another node have it")).map(({ From, Lane }) => [From, Lane]),
  ).toEqual([
    ["+3.000 s", "lb1 has the virtual address"],
    ["+3.000 s", "lb2 has the virtual address"],
  ]);
});

test("The pair's configuration, versions and how it was measured are there.", () => {
  const page = pageOf(DRILL);
  expect(rowsOf(page, "Nodes of lb")[0]).toEqual({
    Node: "lb1",
    Had: "192.0.2.10",
    HAProxy: "2.6.12",
    keepalived: "2.2.7",
    System: "Debian GNU/Linux 12 (bookworm)",
    Kernel: "6.1.0",
  });
  expect(rowsOf(page, "VRRP instance VI_1")[1]).toEqual({
    Node: "lb2",
    State: "iBACKUP",
    Priority: "240",
    "Adverts every": "200 ms",
    Preemption: "at once",
    Trackers: "track_file haproxy weight 1",
  });
  expect(textOf(page)).toContain(
    "http://192.0.2.10/, on a new connection every 5.0 ms, and gave up after 1.00 s",
  );
});

test("A drill of many faults with many requests is a page of bounded size.", () => {
  const requests = Array.from({ length: 2_000 }, (_, index) => ({
    from: index * 30,
    to: index * 30 + 25,
    count: 6,
    failure: index % 7 === 0 ? "timeout" : null,
    slowestMs: 3,
  }));
  const moments = { ...REPEAT.moments, watchedUntil: 60_000 };
  const repeats = Array.from({ length: 3 }, (_, index) => ({
    ...REPEAT,
    number: index + 1,
    requests,
    moments,
  }));
  const [fault] = withRepeats(...repeats).faults;
  const faults = Array.from({ length: 17 }, () => fault).flatMap((one) => one ?? []);
  expect(htmlOf({ ...DRILL, faults }).length).toBeLessThan(9_000_000);
});
