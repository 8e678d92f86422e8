import { expect, test } from "vitest";
import { clockBetween, stampMs } from "../../../src/drill/clock.ts";
import { readLog } from "../../../src/drill/daemon-log.ts";
import { phasesOf, spansOf, type TimedSample, timed } from "../../../src/drill/outage.ts";
import { holdersAt, ownersAt, ownershipTimes, takeoverAt } from "../../../src/drill/ownership.ts";
import { tracksOf } from "../../../src/drill/recorder.ts";
import type { OwnershipTrack } from "../../../src/drill/result.ts";

/** A request each 10 ms from -100 on, answered after 2 ms unless it began in one of the given times. */
const client = (
  until: number,
  failing: readonly (readonly [from: number, to: number])[] = [],
): readonly TimedSample[] =>
  Array.from({ length: (until + 100) / 10 }, (_, index) => {
    const from = index * 10 - 100;
    const failed = failing.some(([begin, end]) => from >= begin && from < end);
    return { from, to: from + 2, failure: failed ? "ECONNREFUSED" : null };
  });

test("An outage lasts from the last answer to the next, and belongs to the phase that it began in.", () => {
  const { fault, back, quietMs, servedAtUndo } = phasesOf(
    client(1000, [
      [0, 50],
      [600, 620],
    ]),
    500,
  );
  expect(quietMs).toBe(10);
  expect(fault).toEqual({
    outageMs: 60,
    longestGapMs: 60,
    requests: 50,
    failed: 5,
    errors: { ECONNREFUSED: 5 },
  });
  expect(back).toMatchObject({ outageMs: 30, requests: 50, failed: 2 });
  expect(servedAtUndo).toBe(true);
});

test("Nobody waited where all were answered: the time between two answers is no outage.", () => {
  expect(phasesOf(client(500), 300).fault).toMatchObject({ outageMs: 0, longestGapMs: 10, failed: 0 });
});

test("An outage that only the undoing ended is told apart, and is whole.", () => {
  const { fault, back, servedAtUndo } = phasesOf(client(2000, [[0, 1030]]), 1000);
  expect(servedAtUndo).toBe(false);
  expect(fault.outageMs).toBe(1040);
  expect(back).toMatchObject({ outageMs: 0, failed: 3 });
});

test("The time in which the client itself stood still is not counted.", () => {
  const samples = client(1000).filter(({ from }) => from < 200 || from >= 600);
  expect(phasesOf(samples, 900).fault).toMatchObject({ outageMs: 0, failed: 0 });
  const late = samples.map((sample) => (sample.from === 190 ? { ...sample, to: 600 } : sample));
  expect(phasesOf(late, 900).fault.outageMs).toBe(0);
});

test("Requests of one outcome are put together, for a quarter of a second at most.", () => {
  const spans = spansOf(client(400, [[0, 30]]));
  expect(spans.map(({ from, to, count, failure }) => [from, to, count, failure])).toEqual([
    [-100, -10, 10, null],
    [0, 20, 3, "ECONNREFUSED"],
    [30, 270, 25, null],
    [280, 390, 12, null],
  ]);
});

test("Samples get times from the injection on, and the status where an answer was another one.", () => {
  const sample = { startedAt: 5010, endedAt: 5013, error: null, server: null, body: "" };
  const late = { ...sample, startedAt: 5000, status: 503 };
  expect(
    timed(
      [{ ...sample, status: 200 }, late],
      ({ status }) => status === 200,
      (ms) => ms - 5000,
    ),
  ).toEqual([
    { from: 0, to: 13, failure: "status 503" },
    { from: 10, to: 13, failure: null },
  ]);
});

test("A clock's offset is reckoned from the middle of the asking; one without fractions may be a second off.", () => {
  expect(clockBetween("lb1", 1000, 1505.5, 1010)).toEqual({ node: "lb1", offsetMs: 500.5, errorMs: 5 });
  expect(clockBetween("lb1", 1000, 2000, 1010)).toMatchObject({ errorMs: 1005 });
  expect(stampMs("1795802151831777123")).toBeCloseTo(1_795_802_151_831.777, 2);
  expect(stampMs("1795802151N")).toBe(1_795_802_151_000);
  expect(stampMs("date: unknown")).toBeNull();
});

const BASE = Date.parse("2026-11-27T17:55:58Z");

test("Addresses are read from dated changes of the kernel, and from lists.", () => {
  const log = [
    `= ${BASE}000000`,
    "1: lo    inet 127.0.0.1/8 scope host lo",
    "2: host0    inet 10.0.0.100/32 scope global host0",
    "[2026-11-27T17:55:58.250500] Deleted 2: host0    inet 10.0.0.100/32 scope global host0",
    "[2026-11-27T17:55:59.500000] 2: host0    inet6 fd00::1/64 scope global",
    "[2026-11-27T17:56:00.000000] 2: host0    inet 10.0.0.100/32 scope global host0\\       valid_lft forever",
    "",
  ].join("\n");
  const [v4, v6] = tracksOf("lb1", log, ["10.0.0.100", "fd00::1"], (ms) => ms - BASE);
  expect(v4?.changes).toEqual([
    { at: 0, held: true },
    { at: 250.5, held: false },
    { at: 2000, held: true },
  ]);
  expect(v6?.changes).toEqual([
    { at: 0, held: false },
    { at: 1500, held: true },
  ]);
});

const tracks: readonly OwnershipTrack[] = [
  {
    node: "lb1",
    address: "a",
    changes: [
      { at: -100, held: true },
      { at: 30, held: false },
    ],
  },
  {
    node: "lb2",
    address: "a",
    changes: [
      { at: -100, held: false },
      { at: 20, held: true },
      { at: 500, held: null },
    ],
  },
];

test("Who had an address when: overlap and emptiness are reckoned, and a node that is off has nothing.", () => {
  expect(ownersAt(tracks, 25).get("a")).toEqual(["lb1", "lb2"]);
  expect(holdersAt(tracks, 100)).toEqual(["lb2"]);
  expect(holdersAt(tracks, 600)).toEqual([]);
  expect(ownershipTimes(tracks, 0, 600)).toEqual({ severalMs: 10, nobodyMs: 100 });
  expect(takeoverAt(tracks, ["lb1"], 500)).toBe(20);
  expect(takeoverAt(tracks, ["lb1", "lb2"], 500)).toBeNull();
  const off: OwnershipTrack = {
    node: "lb1",
    address: "a",
    changes: [
      { at: 0, held: true },
      { at: 5, held: null },
    ],
  };
  expect(holdersAt([off], 9)).toEqual([]);
});

const entry = (ms: number, fields: object): string =>
  JSON.stringify({
    _SOURCE_REALTIME_TIMESTAMP: String(ms * 1000),
    _SYSTEMD_UNIT: "keepalived.service",
    ...fields,
  });

test("The journal tells of VRRP states and of what explains them; chatter is left out.", () => {
  const log = [
    entry(BASE + 20, { SYSLOG_IDENTIFIER: "Keepalived_vrrp", MESSAGE: "(VI_1) Entering FAULT STATE" }),
    entry(BASE + 5, { SYSLOG_IDENTIFIER: "Keepalived_vrrp", MESSAGE: "Script `chk` now returning 7" }),
    entry(BASE + 6, {
      SYSLOG_IDENTIFIER: "Keepalived_vrrp",
      MESSAGE: "Registering Kernel netlink reflector",
    }),
    entry(BASE + 7, { SYSLOG_IDENTIFIER: "systemd", MESSAGE: "Stopping haproxy.service" }),
    entry(BASE + 8, { SYSLOG_IDENTIFIER: "haproxy", MESSAGE: [1, 2] }),
    "{broken",
  ].join("\n");
  const { vrrp, events } = readLog("lb1", log, (ms) => ms - BASE);
  expect(vrrp).toEqual([{ at: 20, node: "lb1", instance: "VI_1", state: "FAULT", source: "journal" }]);
  expect(events).toEqual([
    { at: 5, node: "lb1", source: "keepalived", text: "Script `chk` now returning 7" },
    { at: 7, node: "lb1", source: "systemd", text: "Stopping haproxy.service" },
  ]);
});

test("Without a journal files of syslog tell, in both ways of writing a time.", () => {
  const log = [
    "zone +0100 2026",
    "file Nov 27 18:55:59 lb1 Keepalived_vrrp[12]: VRRP_Instance(VI_1) Entering MASTER STATE",
    "file 2026-11-27T18:56:00.5+01:00 lb1 Keepalived_vrrp[12]: (VI_1) Entering BACKUP STATE",
    "file Nov 27 18:55:59 lb1 sshd[3]: (VI_1) Entering MASTER STATE",
  ].join("\n");
  expect(readLog("lb1", log, (ms) => ms - BASE).vrrp).toEqual([
    { at: 1000, node: "lb1", instance: "VI_1", state: "MASTER", source: "log" },
    { at: 2500, node: "lb1", instance: "VI_1", state: "BACKUP", source: "log" },
  ]);
});
