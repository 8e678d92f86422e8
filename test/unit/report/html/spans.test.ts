import { performance } from "node:perf_hooks";
import { expect, test } from "vitest";
import { countsOf, joinSpans, MOST_PARTS, type Span, stretches } from "../../../../src/report/html/spans.ts";

const span = (from: number, to: number, look: Span["look"] = "quiet"): Span => ({
  from,
  to,
  look,
  label: look,
  height: 1,
});

test("Equal neighbours are one span; a moment between long times stays a moment, however short.", () => {
  expect(joinSpans([span(0, 10), span(10, 20), span(500, 600)], 0, 1000)).toEqual([
    span(0, 20),
    span(500, 600),
  ]);
  const moment = [span(0, 400, "owner"), span(400, 400.5, "both"), span(400.5, 800, "owner")];
  expect(joinSpans(moment, 0, 1000)).toEqual(moment);
});

test("Among very many, what cannot be seen joins what tells more, and a failure spoils no success beside it.", () => {
  const crowd = Array.from({ length: 20_000 }, (_, index) =>
    span(index / 100, (index + 1) / 100, index === 7 ? "failed" : "ok"),
  );
  const long = [span(200, 500, "ok"), span(500, 500.1, "failed"), span(500.1, 1000, "ok")];
  const joined = joinSpans([...crowd, ...long], 0, 1000);
  expect(joined.slice(-3)).toEqual(
    long.map((one, index) => (index === 0 ? { ...one, from: expect.any(Number) } : one)),
  );
  const failed = joined.filter(({ look }) => look === "failed").map(({ from, to }) => to - from);
  expect(failed.length).toBe(2);
  expect(joined.length).toBeLessThan(20);
  expect(Math.max(...failed)).toBeLessThan(2.1);
});

test("However many spans there are, few are drawn, in time that grows with their number.", () => {
  const many = Array.from({ length: 200_000 }, (_, index) =>
    span(index, index + 1, index % 3 === 0 ? "changed" : "ok"),
  );
  const began = performance.now();
  expect(joinSpans(many, 0, 200_000).length).toBeLessThan(700);
  expect(performance.now() - began).toBeLessThan(10_000);
});

test("Every request is counted once, in equal parts of the time.", () => {
  const samples = Array.from({ length: 10_000 }, (_, index) => ({ at: index / 10, ok: index % 100 !== 0 }));
  const counts = countsOf(samples, 0, 1000);
  expect(counts.length).toBe(MOST_PARTS);
  expect(counts.reduce((sum, { ok, failed }) => sum + ok + failed, 0)).toBe(10_000);
  expect(counts.reduce((sum, { failed }) => sum + failed, 0)).toBe(100);
  expect(countsOf(samples, 5, 5)).toEqual([]);
  expect(countsOf(samples, 0, 1).reduce((sum, { ok, failed }) => sum + ok + failed, 0)).toBe(11);
});

test("Counts in words are stretches of the same kind.", () => {
  const counts = [
    { from: 0, to: 1, ok: 3, failed: 0 },
    { from: 1, to: 2, ok: 2, failed: 0 },
    { from: 2, to: 3, ok: 1, failed: 4 },
    { from: 3, to: 4, ok: 0, failed: 0 },
  ];
  expect(stretches(counts)).toEqual([
    { from: 0, to: 2, label: "5 answered" },
    { from: 2, to: 3, label: "4 failed, 1 answered" },
    { from: 3, to: 4, label: "no request" },
  ]);
});
