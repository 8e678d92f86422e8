import type { DrillResult, FaultResult, PhaseOutage, RepeatResult } from "../../../src/drill/result.ts";

const CLEAN: PhaseOutage = { outageMs: 0, longestGapMs: 6.1, requests: 1200, failed: 0, errors: {} };

/** One repeat in which lb1 lost HAProxy and lb2 took over after 36 ms. */
export const REPEAT: RepeatResult = {
  number: 1,
  nodes: ["lb1"],
  injectedAt: "2026-05-04T10:00:02.000Z",
  moments: { watchedFrom: -500, undone: 3000, settled: 5200, handedBack: null, watchedUntil: 6200 },
  requests: [
    { from: -500, to: -255, count: 50, failure: null, slowestMs: 3.1 },
    { from: -250, to: -5, count: 50, failure: null, slowestMs: 2.9 },
    { from: 0, to: 35, count: 8, failure: "ECONNREFUSED", slowestMs: 1.2 },
    { from: 40, to: 285, count: 50, failure: null, slowestMs: 4.4 },
  ],
  outage: { outageMs: 41.5, longestGapMs: 41.5, requests: 600, failed: 8, errors: { ECONNREFUSED: 8 } },
  returnOutage: CLEAN,
  held: { opened: 10, cut: 10, ended: 0, cutAt: [1, 1, 1, 2, 2, 2, 2, 3, 3, 3] },
  ownership: [
    {
      node: "lb1",
      address: "192.0.2.10",
      changes: [
        { at: -500, held: true },
        { at: 14, held: false },
      ],
    },
    {
      node: "lb2",
      address: "192.0.2.10",
      changes: [
        { at: -500, held: false },
        { at: 36, held: true },
      ],
    },
  ],
  nobodyMs: 22,
  severalMs: 0,
  vrrp: [
    { at: 12, node: "lb1", instance: "VI_1", state: "FAULT", source: "journal" },
    { at: 33, node: "lb2", instance: "VI_1", state: "MASTER", source: "journal" },
    { at: 3100, node: "lb1", instance: "VI_1", state: "BACKUP", source: "journal" },
  ],
  events: [{ at: 0, node: "lb1", source: "lbplay", text: "systemctl stop haproxy" }],
  detectionMs: 12,
  detectedBy: "lb1: VI_1 FAULT",
  takeoverMs: 36,
  owners: { before: ["lb1"], during: ["lb2"], settled: ["lb2"], after: ["lb2"] },
  notExactlyOne: [],
  differences: [],
  predicted: {
    what: "haproxy dies on lb1",
    outcome: "moves",
    owners: ["lb2"],
    moves: { min: 5, max: 40 },
    outage: { min: 5, max: 40 },
    formula:
      "the file is watched; then skew (256 − 240) × 200 ms / 256 = 13 ms, and up to 25 ms for the takeover",
    left: null,
  },
  clocks: [
    { node: "lb1", offsetMs: 0.2, errorMs: 0.4 },
    { node: "lb2", offsetMs: -0.1, errorMs: 0.5 },
  ],
  reasons: [],
};

const FAULT: FaultResult = {
  id: "haproxy-stop",
  title: "HAProxy stopped",
  injection: "systemctl stop haproxy on the owner of the addresses",
  undo: "systemctl start haproxy",
  budgetMs: 500,
  repeats: [REPEAT],
  verdict: { kind: "passed" },
  figures: {
    outageP50Ms: 41.5,
    outageMaxMs: 41.5,
    returnP50Ms: 0,
    returnMaxMs: 0,
    requests: 1800,
    failed: 8,
    heldCut: 10,
  },
};

/** A drill in which one fault passed, one failed, one cannot be done and one did not happen. */
export const DRILL: DrillResult = {
  kind: "drill",
  format: 1,
  environment: {
    lbplay: "0.1.0",
    startedAt: "2026-05-04T10:00:00.000Z",
    durationMs: 31_000,
    where: { kind: "nodes" },
    from: null,
    target: "http://192.0.2.10/",
    everyMs: 5,
    timeoutMs: 1000,
    heldConnections: 10,
    repeats: 1,
    file: null,
  },
  pair: {
    name: "lb",
    virtualAddresses: ["192.0.2.10"],
    nodes: [
      {
        name: "lb1",
        owns: ["192.0.2.10"],
        haproxy: "2.6.12",
        keepalived: "2.2.7",
        system: "Debian GNU/Linux 12 (bookworm)",
        kernel: "6.1.0",
      },
      { name: "lb2", owns: [], haproxy: "2.6.12", keepalived: "2.2.7", system: null, kernel: null },
    ],
    instances: [
      {
        name: "VI_1",
        virtualRouterId: 51,
        vrrpVersion: 3,
        addresses: ["192.0.2.10"],
        members: [
          {
            node: "lb1",
            state: "MASTER",
            priority: 250,
            effectivePriority: 250,
            advertMs: 200,
            nopreempt: false,
            preemptDelayMs: 0,
            trackers: ["track_file haproxy weight 1"],
          },
          {
            node: "lb2",
            state: "BACKUP",
            priority: 240,
            effectivePriority: 240,
            advertMs: 200,
            nopreempt: false,
            preemptDelayMs: 0,
            trackers: ["track_file haproxy weight 1"],
          },
        ],
      },
    ],
  },
  faults: [
    FAULT,
    {
      ...FAULT,
      id: "keepalived-kill",
      title: "keepalived killed",
      repeats: [
        REPEAT,
        {
          ...REPEAT,
          number: 2,
          reasons: [
            { kind: "exactly-one", text: "lb1 & lb2 both had <192.0.2.10> after settling" },
            { kind: "budget", text: 'no answer for 2,100 ms, "more" than the 500 ms that are allowed' },
          ],
        },
      ],
      verdict: {
        kind: "failed",
        reasons: [{ kind: "exactly-one", text: "lb1 & lb2 both had <192.0.2.10> after settling" }],
      },
    },
    {
      ...FAULT,
      id: "power-off",
      title: "node powered off",
      repeats: [],
      figures: null,
      verdict: { kind: "unavailable", because: "only a lab can switch a node off and on" },
    },
    {
      ...FAULT,
      id: "reload",
      title: "configuration reload under load",
      repeats: [],
      figures: null,
      verdict: { kind: "not-run", because: "keepalived killed failed" },
    },
  ],
  summary: {
    passed: 1,
    failed: 1,
    unavailable: 1,
    notRun: 1,
    stopped: "keepalived killed failed",
    ok: false,
  },
};
