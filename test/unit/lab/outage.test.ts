import { describe, expect, test } from "vitest";
import { outageOf, ownershipTimes, type Sample } from "../../../src/lab/outage.ts";
import { holdsAddress } from "../../../src/lab/ownership.ts";

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

  test("of nobody is none", () => {
    expect(outageOf([])).toEqual({
      requests: 0,
      failed: 0,
      longestGapMs: 0,
      gapFrom: null,
      latencyMs: null,
      errors: {},
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

describe("ownership", () => {
  const changes = [
    { from: 0, owners: ["lb1"] },
    { from: 100, owners: [] },
    { from: 130, owners: ["lb2"] },
    { from: 200, owners: ["lb1", "lb2"] },
    { from: 210, owners: ["lb1"] },
  ];

  test("is summed by the number of owners", () => {
    expect(ownershipTimes(changes, { from: 0, end: 300 })).toEqual({ none: 30, one: 260, several: 10 });
  });

  test("is looked at within a window", () => {
    expect(ownershipTimes(changes, { from: 120, end: 205 })).toEqual({ none: 10, one: 70, several: 5 });
    expect(ownershipTimes(changes, { from: 400, end: 400 })).toEqual({ none: 0, one: 0, several: 0 });
  });

  const TRIE = `Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 10.95.7.10
        /32 link UNICAST
     |-- 10.95.7.100
        /32 host LOCAL
`;

  test("is what the kernel counts as local, not what looks similar or is only routed", () => {
    expect(["10.95.7.100", "10.95.7.10", "10.95.7.1"].map((address) => holdsAddress(TRIE, address))).toEqual([
      true,
      false,
      false,
    ]);
  });
});
