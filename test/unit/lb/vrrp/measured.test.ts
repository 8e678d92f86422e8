import { describe, expect, test } from "vitest";
import { type Prediction, predict } from "../../../../src/lb/vrrp/predict.ts";
import { files, script, type VrrpPair, vrrpPair } from "./vrrp-pair.ts";

// What was measured with keepalived 2.2.7 between two network namespaces, seen by a client that sends a ping each 2 ms
// and opens a connection each 20 ms, lies within what is predicted.

/** Lost pings are counted in steps of 2 ms, and some figures were noted in hundredths of a second. */
const RESOLUTION_MS = 12;

const seeds = { priorities: [101, 100], version: 2, advert: 1, ...script(2, 2, 1) } as const;
const sharp = { priorities: [254, 253], ...files(0) };
const gentle = { priorities: [254, 253], ...files(-100) };

interface Measured {
  readonly what: string;
  readonly pair: VrrpPair;
  readonly event: Prediction["event"];
  /** Milliseconds without an answer. */
  readonly outages: readonly number[];
}

const measured: readonly Measured[] = [
  {
    what: "tutorials' numbers, haproxy killed",
    pair: seeds,
    event: "haproxy",
    outages: [3600, 3600, 4680, 4060, 4940, 5920, 4860, 5220],
  },
  { what: "tutorials' numbers, keepalived stopped", pair: seeds, event: "stop", outages: [590, 610] },
  { what: "tutorials' numbers, cable", pair: seeds, event: "cable", outages: [3600, 3560, 3590] },
  { what: "tutorials' numbers, cut off", pair: seeds, event: "partition", outages: [3570] },
  {
    what: "VRRP 2, weight -20",
    pair: { priorities: [110, 100], version: 2, advert: 1, ...script(-20, 1, 2) },
    event: "haproxy",
    outages: [4340, 5080],
  },
  {
    what: "VRRP 2, weight 0",
    pair: { priorities: [110, 100], version: 2, advert: 1, ...script(0, 1, 2) },
    event: "haproxy",
    outages: [1720, 2420],
  },
  {
    what: "VRRP 3, weight 0",
    pair: { priorities: [110, 100], ...script(0, 1, 2) },
    event: "haproxy",
    outages: [1100, 1980],
  },
  {
    what: "VRRP 3, weight -20",
    pair: { priorities: [110, 100], ...script(-20, 1, 2) },
    event: "haproxy",
    outages: [1740, 2240],
  },
  {
    what: "VRRP 3, 150 and 100, stopped",
    pair: { priorities: [150, 100] },
    event: "stop",
    outages: [58, 63],
  },
  {
    what: "VRRP 3, 150 and 100, cable and link down",
    pair: { priorities: [150, 100] },
    event: "cable",
    outages: [348, 352, 366, 376],
  },
  {
    what: "tracked file, 150 and 100",
    pair: { priorities: [150, 100], ...files(0) },
    event: "haproxy",
    outages: [60],
  },
  { what: "tracked file, 254 and 253", pair: sharp, event: "haproxy", outages: [10] },
  { what: "254 and 253, stopped", pair: sharp, event: "stop", outages: [2] },
  { what: "254 and 253, cable", pair: sharp, event: "cable", outages: [294] },
  {
    what: "254 and 253, nopreempt, drained",
    pair: { ...sharp, lines: ["nopreempt", ...(sharp.lines ?? [])] },
    event: "drain",
    outages: [21],
  },
  { what: "254 and 253, drained by weight", pair: gentle, event: "drain", outages: [2] },
  {
    what: "VRRP 2, 254 and 253, drained and stopped",
    pair: { ...sharp, version: 2, advert: 1 },
    event: "drain",
    outages: [13, 33],
  },
  {
    what: "VRRP 2, 254 and 253, cable (lucky: the next advert was due)",
    pair: { ...sharp, version: 2, advert: 1 },
    event: "cable",
    outages: [2000],
  },
  { what: "adverts each 10 ms, cable", pair: { ...sharp, advert: 0.01 }, event: "cable", outages: [37] },
  {
    what: "adverts each 10 ms, haproxy killed",
    pair: { ...sharp, advert: 0.01 },
    event: "haproxy",
    outages: [9],
  },
  { what: "failback by preemption", pair: gentle, event: "return", outages: [2] },
  {
    what: "five adverts, cable",
    pair: { priorities: [254, 253], lines: ["down_timer_adverts 5"] },
    event: "cable",
    outages: [410],
  },
];

const predicted = (pair: VrrpPair, event: Prediction["event"], what = ""): Prediction => {
  const found = predict(vrrpPair(pair)).find((row) => row.event === event && row.what.includes(what));
  if (found === undefined) throw new Error(`no row for ${event}`);
  return found;
};

test.each(measured)("$what: $event", ({ pair, event, outages }) => {
  const { outage, formula } = predicted(pair, event);
  expect(outage, formula).not.toBeNull();
  for (const ms of outages) {
    expect(ms, formula).toBeGreaterThanOrEqual((outage?.min ?? 0) - RESOLUTION_MS);
    expect(ms, formula).toBeLessThanOrEqual((outage?.max ?? 0) + RESOLUTION_MS);
  }
});

describe("what was seen to move, or never to", () => {
  test("101 and 50 with weight 2: haproxy dies and nothing moves", () => {
    expect(
      predicted({ priorities: [101, 50], version: 2, advert: 1, ...script(2, 2, 1) }, "haproxy"),
    ).toMatchObject({
      outcome: "never",
      owners: ["lb1"],
      outage: null,
      formula: "lb2 has no more than 52",
    });
  });

  test("nopreempt with a weight: a drain moves nothing, ever", () => {
    const pair = { ...gentle, lines: ["nopreempt", ...(gentle.lines ?? [])] };
    expect(predicted(pair, "drain")).toMatchObject({ outcome: "stays", owners: ["lb1"], moves: null });
    expect(predicted(pair, "haproxy")).toMatchObject({ outcome: "never" });
  });

  test("preempt_delay 5 with a weight: 5.32 s instead of 0.32 s", () => {
    const pair = { ...gentle, lines: ["preempt_delay 5", ...(gentle.lines ?? [])] };
    const { moves } = predicted(pair, "drain");
    expect(moves?.min).toBeLessThanOrEqual(5320);
    expect(moves?.max).toBeGreaterThanOrEqual(5320);
    const plain = predicted(gentle, "drain").moves;
    expect(plain?.min).toBeLessThanOrEqual(320);
    expect(plain?.max).toBeGreaterThanOrEqual(320);
  });

  test("both drained: weight 0 leaves the address to nobody, a negative one to the owner", () => {
    expect(predicted(sharp, "haproxy", "all nodes")).toMatchObject({
      outcome: "nobody",
      owners: [],
      outage: null,
    });
    expect(predicted(gentle, "haproxy", "all nodes")).toMatchObject({ owners: ["lb1"] });
  });

  test("a killed keepalived and a cut network leave two owners", () => {
    expect(predicted(sharp, "kill")).toMatchObject({
      outcome: "both",
      owners: ["lb1", "lb2"],
      outage: { min: 0, max: 0 },
    });
    expect(predicted(sharp, "partition")).toMatchObject({ outcome: "both", owners: ["lb1", "lb2"] });
  });

  test("nopreempt: who took over keeps the address when the other comes back", () => {
    const pair = { ...sharp, lines: ["nopreempt", ...(sharp.lines ?? [])] };
    expect(predicted(pair, "return")).toMatchObject({
      outcome: "stays",
      owners: ["lb2"],
      outage: { min: 0, max: 0 },
    });
    expect(predicted(sharp, "return")).toMatchObject({ outcome: "moves", owners: ["lb1"] });
  });
});
