import { expect, test } from "vitest";
import { haproxyProbe } from "../../../../src/lb/live/haproxy.ts";
import { addressesProbe, liveProbe } from "../../../../src/lb/live/live.ts";
import { answer, recorded, recordedText } from "./recorded.ts";

test("The owner of the address is understood: addresses, state by JSON, counters, workers, servers, certificate.", () => {
  const state = recorded("owner");
  expect(state.addresses).toContain("10.104.56.100");
  expect(state.keepalived).toMatchObject({ unit: "active", version: "2.2.7", told: { by: "json" } });
  expect(state.keepalived.instances).toMatchObject([
    { name: "VI_1", state: "MASTER", basePriority: 254, effectivePriority: 254 },
  ]);
  expect(state.keepalived.instances[0]?.counters).toMatchObject({ received: 0, becameMaster: 1 });
  expect([...state.keepalived.tracked]).toEqual([
    ["/run/haproxy-health", "0"],
    ["/run/keepalived-drain", "0"],
  ]);
  expect(state.haproxy).toMatchObject({
    unit: "active",
    diskVersion: "2.6.12-1+deb12u4",
    replaced: false,
    failedReloads: 0,
    changedSince: [],
    certificatesLeft: 0,
    socket: "/run/haproxy/admin.sock",
  });
  expect(state.haproxy.workers).toHaveLength(1);
  const { stats } = state.haproxy;
  if (stats.kind !== "told") throw new Error(stats.reason);
  expect(stats.proxies).toEqual([
    { kind: "frontend", name: "lbplay-health", status: "OPEN" },
    { kind: "frontend", name: "web", status: "OPEN" },
    { kind: "backend", name: "app", status: "UP" },
  ]);
  expect(
    stats.servers.map(({ backend, name, health, check, weight }) => ({
      backend,
      name,
      health,
      check,
      weight,
    })),
  ).toEqual([
    { backend: "app", name: "web1", health: "up", check: "L7OK", weight: 1 },
    { backend: "app", name: "web2", health: "up", check: "L7OK", weight: 1 },
  ]);
  expect(state.haproxy.certificates).toMatchObject([
    { path: "/etc/haproxy/certs/site.pem", subject: "CN=lab.example" },
  ]);
  expect(state.lastRun).toMatchObject({ underway: false });
  expect([state.owed, state.unfinished, state.out]).toEqual([[], false, null]);
});

test("The standby hears the owner and has no address.", () => {
  const state = recorded("standby");
  expect(state.addresses).not.toContain("10.104.56.100");
  const [instance] = state.keepalived.instances;
  expect(instance).toMatchObject({ state: "BACKUP", effectivePriority: 253 });
  expect(instance?.counters?.received).toBeGreaterThan(100);
});

test("Addresses alone are asked with one short command, of both families.", () => {
  const text =
    "1: lo    inet 127.0.0.1/8 scope host lo\n2: eth0    inet6 2001:db8::10/64 scope global\n3: eth0.5@eth0    inet 192.0.2.10/32 scope global\n";
  expect([...addressesProbe.parse([answer(text)])]).toEqual(["127.0.0.1", "2001:db8::10", "192.0.2.10"]);
});

test("No private key is in what a node answers.", () => {
  for (const part of ["node", "keepalived", "haproxy"] as const)
    expect(recordedText("owner", part)).not.toContain("PRIVATE KEY");
});

test("A node without either daemon is told as such.", () => {
  const state = liveProbe.parse(
    ["3 0 now\n100\n0 0 addresses\n\n", "8 3 unit\ninactive\n0 0 main\n\n", ""].map(answer),
  );
  expect(state.keepalived).toMatchObject({ mainPid: null, uptime: null, instances: [] });
  expect(state.haproxy).toMatchObject({ mainPid: null, workers: [], changedSince: [], certificates: [] });
});

test("A file that was changed after the worker had read it is named; one that was changed before is not.", () => {
  const worker = "1527 (haproxy) S 1103 1103 1103 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 3 0 5000 1 1";
  const master = "1103 (haproxy) S 1 1103 1103 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 4000 1 1";
  const parts: readonly (readonly [string, string])[] = [
    ["unit", "active"],
    ["main", "1103"],
    // The worker started at 1000 - (100 - 50) = 950.
    ["clock", "1000.0 100.0 100"],
    ["process:1103", master],
    ["process:1527", worker],
    [
      "changes",
      "940.5 949.9 /etc/haproxy/haproxy.cfg\n940.0 950.2 /etc/haproxy/certs/a b.pem\n951 951 /etc/haproxy/x.map",
    ],
  ];
  const text = parts.map(([name, value]) => `${value.length} 0 ${name}\n${value}\n`).join("");
  const haproxy = haproxyProbe.parse([answer(text)]);
  expect(haproxy.workers).toEqual([{ pid: 1527, age: 50 }]);
  expect(haproxy.changedSince).toEqual(["/etc/haproxy/certs/a b.pem", "/etc/haproxy/x.map"]);
});

test("Servers out of rotation, down and unchecked are told apart, and a comma in a check's words shifts nothing.", () => {
  const stat = [
    "# pxname,svname,scur,status,weight,bck,type,check_status,last_chk",
    'b,s1,0,UP,1,0,2,L7OK,"OK, fine"',
    "b,s2,3,DRAIN,0,0,2,L7OK,",
    "b,s3,0,MAINT,1,0,2,,",
    "b,s4,0,DOWN,1,1,2,* L4CON,",
    "b,s5,0,no check,1,0,2,,",
    "b,s6,0,UP,0,0,2,L4OK,",
    "b,BACKEND,0,UP,1,0,1,,",
  ].join("\n");
  const info = "Version: 1.5.18\nPid: 12\nUptime_sec: 4";
  const text = [
    ["main", "12"],
    ["info", info],
    ["stat", stat],
  ]
    .map(([name, value = ""]) => `${value.length} 0 ${name}\n${value}\n`)
    .join("");
  const { stats } = haproxyProbe.parse([answer(text)]);
  expect(
    stats.kind === "told" &&
      stats.servers.map(({ name, health, sessions, backup }) => ({ name, health, sessions, backup })),
  ).toEqual([
    { name: "s1", health: "up", sessions: 0, backup: false },
    { name: "s2", health: "drain", sessions: 3, backup: false },
    { name: "s3", health: "maint", sessions: 0, backup: false },
    { name: "s4", health: "down", sessions: 0, backup: true },
    { name: "s5", health: "unchecked", sessions: 0, backup: false },
    { name: "s6", health: "drain", sessions: 0, backup: false },
  ]);
});
