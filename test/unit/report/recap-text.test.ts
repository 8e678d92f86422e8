import { expect, test } from "vitest";
import { createPalette } from "../../../src/report/palette.ts";
import { recapLines } from "../../../src/report/recap-text.ts";

test("what set_stats noted stands below the figures, the whole run last", () => {
  const lines = recapLines(
    {
      kind: "recap",
      time: 0,
      hosts: {},
      stats: { lb1: { renewed: 2 }, _run: { names: ["a", "b"] } },
      roundTrips: {},
      seconds: 1,
    },
    createPalette(false),
  );
  expect(lines.slice(0, 4)).toEqual([
    "",
    "CUSTOM STATS:",
    '\tlb1: {"renewed":2}',
    '\tRUN: {"names":["a","b"]}',
  ]);
});
