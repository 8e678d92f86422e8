import { expect, it } from "vitest";
import type { Round } from "../../../bench/failover/measure.ts";
import { median, tables } from "../../../bench/failover/tables.ts";

const round = (outageMs: number, more: Partial<Round> = {}): Round => ({
  outageMs,
  failed: 1,
  errors: {},
  returnMs: null,
  nobodyMs: 0,
  bothMs: 0,
  downloadSurvived: true,
  ...more,
});

it("takes the value in the middle, and between the two there", () => {
  expect([median([9, 1, 5]), median([4, 1, 2, 3]), median([7])]).toEqual([5, 2.5, 7]);
});

it("shows medians with their spread, what was not measured, and ratios of the first to the second", () => {
  const rows = [
    {
      fault: "stop",
      rounds: [
        [round(4000, { failed: 800, returnMs: 12 }), round(5000, { failed: 900, returnMs: 10 })],
        [round(40, { downloadSurvived: false }), round(30)],
        [],
      ],
      foretold: [{ min: 600, max: 4800 }, { min: 2, max: 2 }, undefined],
    },
    {
      fault: "nothing",
      rounds: [[round(20)], [round(10)], [round(10)]],
      foretold: [undefined, undefined, undefined],
    },
  ];
  expect(tables(["old", "new", "newer"], rows).split("\n")).toEqual([
    "Outage in ms, median (least to most), and requests that failed",
    "",
    "| fault | old | new | newer | old / new |",
    "| --- | --- | --- | --- | --- |",
    "| stop | 4,500 (4,000 to 5,000), 850 failed | 35 (30 to 40), 1 failed | – | 129 |",
    "| nothing | 20 (20 to 20), 1 failed | 10 (10 to 10), 1 failed | 10 (10 to 10), 1 failed | 2.0 |",
    "",
    "Outage in ms: what lbplay predict foretold, and the least and most that was measured beyond what nothing costs",
    "",
    "| fault | old | new | newer |",
    "| --- | --- | --- | --- |",
    "| stop | 600 to 4,800: 3,980 to 4,980, **more than foretold** | 2 to 2: 20 to 30 | – |",
    "",
    "Outage in ms when the node is well again, median (least to most)",
    "",
    "| after | old | new | newer |",
    "| --- | --- | --- | --- |",
    "| stop | 11 (10 to 12) | – | – |",
    "",
    "Who had the address meanwhile, median in ms, and downloads that came to their end",
    "",
    "| fault | old | new | newer |",
    "| --- | --- | --- | --- |",
    "| stop | nobody 0, both 0; 2 of 2 | nobody 0, both 0; 1 of 2 | – |",
    "| nothing | nobody 0, both 0; 1 of 1 | nobody 0, both 0; 1 of 1 | nobody 0, both 0; 1 of 1 |",
    "",
  ]);
});
