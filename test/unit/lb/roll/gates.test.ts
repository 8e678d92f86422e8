import { expect, test } from "vitest";
import type { LiveServer, LiveState } from "../../../../src/lb/live/state.ts";
import { type Expectation, gateFaults } from "../../../../src/lb/roll/gates.ts";

const server = (backend: string, name: string, over: Partial<LiveServer> = {}): LiveServer => ({
  backend,
  name,
  status: "UP",
  health: "up",
  weight: 1,
  check: "L7OK",
  backup: false,
  sessions: 0,
  ...over,
});

type Stats = Extract<LiveState["haproxy"]["stats"], { readonly kind: "told" }>;

const stats = (...servers: readonly LiveServer[]): Stats => ({
  kind: "told",
  version: "2.6.12",
  pid: 11,
  uptime: 5,
  stopping: false,
  proxies: [],
  servers,
});

const state = (
  haproxy: Partial<LiveState["haproxy"]> = {},
  keepalived: Partial<LiveState["keepalived"]> = {},
  addresses: readonly string[] = [],
): LiveState => ({
  now: 0,
  addresses: new Set(addresses),
  haproxy: {
    unit: "active",
    mainPid: 10,
    workers: [],
    diskVersion: "2.6.12",
    replaced: false,
    stats: stats(server("app", "web1"), server("app", "web2")),
    failedReloads: 0,
    config: [],
    changedSince: [],
    certificates: [],
    certificatesLeft: 0,
    socket: null,
    ...haproxy,
  },
  keepalived: {
    unit: "active",
    mainPid: 20,
    uptime: 100,
    version: "2.2.7",
    instances: [
      {
        name: "VI_1",
        state: "BACKUP",
        basePriority: 253,
        effectivePriority: 253,
        lastTransition: null,
        counters: { received: 1, sent: 0, becameMaster: 0, releasedMaster: 0, errors: { addressList: 0 } },
      },
    ],
    told: { by: "json" },
    config: [],
    tracked: new Map(),
    ...keepalived,
  },
  lastRun: null,
  unfinished: false,
  owed: [],
  out: null,
});

const STANDBY: Expectation = {
  role: "standby",
  addresses: ["192.0.2.10"],
  haproxy: true,
  keepalived: true,
  before: state(),
};

const faults = (now: LiveState, over: Partial<Expectation> = {}) => gateFaults(now, { ...STANDBY, ...over });

const [instance] = state().keepalived.instances;

test("a standby that is as it was passes", () => {
  expect(faults(state())).toEqual([]);
});

test.each([
  ["HAProxy that is down", state({ mainPid: null }), /HAProxy does not run/, true],
  ["HAProxy that failed", state({ unit: "failed" }), /failed/, false],
  [
    "an older configuration at work",
    state({ changedSince: ["/etc/haproxy/haproxy.cfg"] }),
    /haproxy\.cfg/,
    true,
  ],
  ["a reload that failed", state({ failedReloads: 1 }), /did not take the new configuration/, false],
  [
    "a server fewer",
    state({ stats: stats(server("app", "web1"), server("app", "web2", { health: "down", check: "L4CON" })) }),
    /1 of 2 servers up, and had 2/,
    true,
  ],
  [
    "a server that was not checked yet",
    state({ stats: stats(server("app", "web1"), server("app", "web2", { check: "INI" })) }),
    /not checked yet: app\/web2/,
    true,
  ],
  [
    "a socket that became silent",
    state({ stats: { kind: "silent", reason: "no answer" } }),
    /no answer/,
    true,
  ],
  ["keepalived that is down", state({}, { mainPid: null }), /keepalived does not run/, true],
  [
    "FAULT",
    state({}, { instances: instance === undefined ? [] : [{ ...instance, state: "FAULT" }] }),
    /FAULT/,
    true,
  ],
  ["two owners", state({}, {}, ["192.0.2.10"]), /which the other node has too/, true],
  [
    "a master",
    state({}, { instances: instance === undefined ? [] : [{ ...instance, state: "MASTER" }] }),
    /not BACKUP/,
    true,
  ],
] as const)("%s does not pass", (_, now, message, passing) => {
  const found = faults(now);
  expect(found.map((fault) => fault.message).join("\n")).toMatch(message);
  expect(found.every((fault) => fault.passing)).toBe(passing);
});

test("adverts that the node refuses since the change end the roll at once", () => {
  const counters = { received: 5, sent: 0, becameMaster: 0, releasedMaster: 0, errors: { addressList: 2 } };
  const now = state({}, { instances: instance === undefined ? [] : [{ ...instance, counters }] });
  expect(faults(now)).toEqual([
    expect.objectContaining({ passing: false, message: expect.stringContaining("addressList") }),
  ]);
  expect(faults(now, { before: now })).toEqual([]);
});

test("a backend that loses a server on purpose has fewer to be up", () => {
  expect(faults(state({ stats: stats(server("app", "web1")) }))).toEqual([]);
});

test("a new backend may wait for its servers", () => {
  const waiting = server("new", "web3", { health: "down", check: "L4CON" });
  expect(faults(state({ stats: stats(server("app", "web1"), server("app", "web2"), waiting) }))).toEqual([]);
});

test("what was down before need not be up", () => {
  const down = state({
    stats: stats(server("app", "web1"), server("app", "web2", { health: "down", check: "L4CON" })),
  });
  expect(faults(down, { before: down })).toEqual([]);
});

test("an owner has every address", () => {
  const owner: Partial<Expectation> = { role: "owner", addresses: ["192.0.2.10", "192.0.2.11"] };
  const master = { instances: instance === undefined ? [] : [{ ...instance, state: "MASTER" as const }] };
  expect(faults(state({}, master, ["192.0.2.10"]), owner).map(({ message }) => message)).toEqual([
    "it does not have 192.0.2.11",
  ]);
  expect(faults(state({}, master, ["192.0.2.10", "192.0.2.11"]), owner)).toEqual([]);
});
