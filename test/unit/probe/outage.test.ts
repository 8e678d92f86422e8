import { describe, expect, test } from "vitest";
import { outageOf } from "../../../src/probe/outage.ts";
import { ACCEPTED, type Sample } from "../../../src/probe/sample.ts";

const ok = (startedAt: number, took = 1): Sample => ({
  startedAt,
  endedAt: startedAt + took,
  status: 200,
  error: null,
  server: "lb1",
  body: "hello",
});
const failed = (startedAt: number, error = "ECONNREFUSED"): Sample => ({
  ...ok(startedAt),
  status: null,
  error,
  server: null,
  body: "",
});

describe("an outage", () => {
  test("is the longest time between two answers", () => {
    expect(outageOf([ok(0), ok(5), failed(10), failed(15, "timeout"), ok(20), failed(25), ok(30)])).toEqual({
      requests: 7,
      failed: 3,
      longestGapMs: 15,
      gapFrom: 6,
      latencyMs: { p50: 1, p99: 1, max: 1 },
      errors: { ECONNREFUSED: 2, timeout: 1 },
      windows: [
        { from: 6, ms: 15, failed: 2 },
        { from: 21, ms: 10, failed: 1 },
      ],
    });
  });

  test("is seen where requests only took long, because nobody got an answer meanwhile", () => {
    expect(outageOf([ok(0), ok(5, 300), ok(10, 295), ok(310)])).toMatchObject({
      failed: 0,
      longestGapMs: 304,
      gapFrom: 1,
    });
  });

  test("that has not ended lasts until the last request", () => {
    expect(outageOf([ok(0), failed(5), failed(100)])).toMatchObject({ longestGapMs: 99, gapFrom: 1 });
  });

  test("that was there from the beginning counts from the first request", () => {
    expect(outageOf([failed(0), failed(5), ok(40)])).toMatchObject({ longestGapMs: 41, gapFrom: 0 });
    expect(outageOf([failed(0), failed(50)])).toMatchObject({
      longestGapMs: 50,
      gapFrom: 0,
      latencyMs: null,
    });
  });

  test("counts an answer that is an error as a failure", () => {
    expect(outageOf([ok(0), { ...ok(5), status: 503 }, ok(10)])).toMatchObject({
      failed: 1,
      errors: { "status 503": 1 },
    });
  });

  test("takes a connection for an answer, and what else the caller wants", () => {
    expect(outageOf([ok(0), { ...ok(5), status: ACCEPTED }]).failed).toBe(0);
    expect(outageOf([ok(0), { ...ok(5), status: 404 }], ({ status }) => status === 404)).toMatchObject({
      failed: 1,
      errors: { "status 200": 1 },
    });
  });

  test("that is still there at the end, or was from the beginning, has a window too", () => {
    expect(outageOf([failed(0), ok(10), failed(20), failed(30)]).windows).toEqual([
      { from: 0, ms: 11, failed: 1 },
      { from: 11, ms: 19, failed: 2 },
    ]);
  });

  test("of nobody is none", () => {
    expect(outageOf([])).toEqual({
      requests: 0,
      failed: 0,
      longestGapMs: 0,
      gapFrom: null,
      latencyMs: null,
      errors: {},
      windows: [],
    });
  });

  test("does not depend on the order of the samples", () => {
    const samples = [ok(0), failed(5), ok(70), ok(20)];
    expect(outageOf(samples.toReversed())).toEqual(outageOf(samples));
  });

  test("has the percentiles of the successes by nearest rank", () => {
    const samples = Array.from({ length: 200 }, (_, index) => ok(index * 5, index + 1));
    expect(outageOf(samples).latencyMs).toEqual({ p50: 100, p99: 198, max: 200 });
  });
});
