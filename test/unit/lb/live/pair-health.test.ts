import { expect, test } from "vitest";
import { pairHealth, unfitness } from "../../../../src/lb/live/pair-health.ts";
import { addresses, type Change, dead, instance, node, VIP } from "./nodes.ts";
import { recorded } from "./recorded.ts";

test("A pair that is well has one owner, a standby and no problem.", () => {
  expect(pairHealth([node("lb1"), node("lb2")])).toEqual({
    addresses: [{ address: VIP, owners: ["lb1"] }],
    owner: "lb1",
    standby: "lb2",
    problems: [],
    healthy: true,
  });
});

const stats = recorded("owner").haproxy.stats;
if (stats.kind !== "told") throw new Error("recorded");

const cases: readonly (readonly [kind: string, said: RegExp, lb1: Change, lb2: Change])[] = [
  ["no-owner", /nobody has 10\.104/, { state: { addresses: addresses("lb1", false) } }, {}],
  ["address-missing", /does not have it/, { state: { addresses: addresses("lb1", false) } }, {}],
  [
    "split-brain",
    /lb1 and lb2 both have .* do not hear each other/,
    {},
    { state: { addresses: addresses("lb2", true) }, keepalived: { instances: instance("MASTER") } },
  ],
  ["stray-address", /that of lb2 is not keepalived's/, {}, { state: { addresses: addresses("lb2", true) } }],
  ["stray-address", /not master of it/, { keepalived: { instances: instance("BACKUP") } }, {}],
  [
    "keepalived-down",
    /does not run \(inactive\), and 10\.104\.56\.100 is left/,
    { keepalived: { mainPid: null, unit: "inactive", instances: [] } },
    {},
  ],
  [
    "fault",
    /is in FAULT.*\/run\/haproxy-health says so/,
    {},
    { keepalived: { instances: instance("FAULT"), tracked: new Map([["/run/haproxy-health", "1"]]) } },
  ],
  [
    "vrrp-unknown",
    /no answer/,
    {},
    { keepalived: { instances: [], told: { by: null, reason: "no answer" } } },
  ],
  [
    "drained",
    /kept from owning addresses by \/run\/keepalived-drain/,
    {},
    { keepalived: { instances: instance("FAULT"), tracked: new Map([["/run/keepalived-drain", "1"]]) } },
  ],
  [
    "maintenance",
    /in maintenance since 2026-11-27 14:00 UTC: alice: memory/,
    {},
    { state: { out: { cause: "maintenance", since: Date.UTC(2026, 10, 27, 14), words: "alice: memory" } } },
  ],
  [
    "keepalived-differs",
    /runs with priority 200, and the file says 253/,
    {},
    { keepalived: { instances: instance("BACKUP", 200) } },
  ],
  ["haproxy-down", /HAProxy does not run/, { haproxy: { mainPid: null, unit: "failed" } }, {}],
  [
    "haproxy-silent",
    /tells nothing: no socket/,
    { haproxy: { stats: { kind: "silent", reason: "no socket" } } },
    {},
  ],
  ["reload-failed", /last reload failed/, { haproxy: { failedReloads: 1 } }, {}],
  [
    "config-newer",
    /haproxy\.cfg was changed after/,
    { haproxy: { changedSince: ["/etc/haproxy/haproxy.cfg"] } },
    {},
  ],
  [
    "old-program",
    /runs 2\.6\.12-1\+deb12u4, and 2\.6\.13 is installed/,
    { haproxy: { diskVersion: "2.6.13" } },
    {},
  ],
  [
    "frontend-closed",
    /frontend web is STOP/,
    { haproxy: { stats: { ...stats, proxies: [{ kind: "frontend", name: "web", status: "STOP" }] } } },
    {},
  ],
  [
    "backend-down",
    /backend app has no server/,
    { haproxy: { stats: { ...stats, proxies: [{ kind: "backend", name: "app", status: "DOWN" }] } } },
    {},
  ],
  [
    "server-down",
    /server app\/web1 is DOWN \(L4CON\)/,
    {
      haproxy: {
        stats: {
          ...stats,
          servers: stats.servers.map((one) => ({ ...one, status: "DOWN", health: "down", check: "L4CON" })),
        },
      },
    },
    {},
  ],
  [
    "certificate",
    /expires in 2 days/,
    {
      haproxy: {
        certificates: [
          { path: "/c.pem", subject: "CN=x", notAfter: recorded("owner").now + 2.5 * 86_400_000 },
        ],
      },
    },
    {},
  ],
  [
    "certificate",
    /has expired/,
    { haproxy: { certificates: [{ path: "/c.pem", subject: "CN=x", notAfter: 1 }] } },
    {},
  ],
  ["unfinished", /a run died while it changed this node/, { state: { unfinished: true } }, {}],
  ["owed", /left this to do: Reload HAProxy/, { state: { owed: ["Reload%20HAProxy"] } }, {}],
];

test.each(cases)("%s is named, with words that say it and advice: %s", (kind, said, lb1, lb2) => {
  const health = pairHealth([node("lb1", lb1), node("lb2", lb2)]);
  const found = health.problems.filter((problem) => problem.kind === kind);
  expect(found.map(({ message }) => message).join("\n")).toMatch(said);
  expect(found.every(({ advice, severity }) => advice !== "" && severity === "error")).toBe(true);
  expect(health.healthy).toBe(false);
});

test("A server out of rotation and versions that differ are notes: the pair is healthy.", () => {
  const drained = {
    ...stats,
    version: "2.6.1",
    servers: stats.servers.map((one) => ({ ...one, status: "DRAIN", health: "drain" as const })),
  };
  const health = pairHealth([
    node("lb1", { haproxy: { stats: drained, diskVersion: "2.6.1" } }),
    node("lb2"),
  ]);
  expect(health.problems.map(({ kind, severity }) => `${kind} ${severity}`)).toEqual([
    "server-out note",
    "server-out note",
    "versions-differ note",
  ]);
  expect(health.healthy).toBe(true);
});

test("A node that was not reached is a problem; its address is not called ownerless.", () => {
  const health = pairHealth([dead("lb1"), node("lb2")]);
  expect(health.problems.map(({ kind }) => kind)).toEqual(["owner-unknown", "unreachable"]);
  expect([health.owner, health.standby, health.healthy]).toEqual([null, null, false]);
});

test("What is wrong with both nodes is no reason for the standby to be unfit; what is wrong with it alone is.", () => {
  const down: Change = {
    haproxy: { stats: { ...stats, proxies: [{ kind: "backend", name: "app", status: "DOWN" }] } },
  };
  expect(unfitness(node("lb2", down), node("lb1", down))).toEqual([]);
  expect(unfitness(node("lb2", down), node("lb1"))).toEqual(["the backend app has no server left"]);
  expect(unfitness(node("lb2", { keepalived: { instances: instance("INIT", 253) } }), node("lb1"))).toEqual([
    "its VRRP instance VI_1 is in state INIT",
  ]);
  expect(unfitness(dead("lb2"), node("lb1"))).toEqual(["it was not reached: timeout"]);
});

test("What a run left that was cut short keeps a node from taking over, but for the run that mends it.", () => {
  const left = node("lb2", { state: { unfinished: true, owed: ["Reload%20HAProxy"] } });
  expect(unfitness(left, node("lb1"))).toHaveLength(2);
  expect(unfitness(left, node("lb1"), { running: true })).toEqual([]);
});
