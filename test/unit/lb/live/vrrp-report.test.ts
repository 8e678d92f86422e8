import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { instancesFromData, instancesFromJson } from "../../../../src/lb/live/vrrp-report.ts";

const recordedFile = (name: string): string =>
  readFileSync(fileURLToPath(new URL(`./recorded/${name}`, import.meta.url)), "utf8");

test("What keepalived 2.2.7 writes at USR1 and USR2 tells state, priorities and counters.", () => {
  const instances = instancesFromData(
    recordedFile("keepalived-2.2.7.data.txt"),
    recordedFile("keepalived-2.2.7.stats.txt"),
  );
  expect(instances).toMatchObject([
    {
      name: "VI_1",
      state: "BACKUP",
      basePriority: 253,
      effectivePriority: 253,
      counters: { sent: 0, becameMaster: 0 },
    },
  ]);
  expect(instances[0]?.counters?.received).toBeGreaterThan(1000);
  expect(instances[0]?.counters?.errors).toMatchObject({ authentication: 0, addressList: 0 });
});

test("The words of 1.3 are understood too, and each instance has its own.", () => {
  const data = [
    "------< VRRP Topology >------",
    " VRRP Instance = VI_1",
    "   State = BACKUP",
    "   Base priority = 101",
    "   Effective priority = 103",
    "   Last transition = 1511000000 (Sat Nov 18 10:13:20 2017)",
    " VRRP Instance = VI_2",
    "   State = MASTER",
    "   Base priority = 50",
    "   Effective priority = 50",
    "------< VRRP Scripts >------",
    "   State = idle",
  ].join("\n");
  const stats =
    "VRRP Instance: VI_2\n  Advertisements:\n    Received: 7\n    Sent: 9\n  Became master: 1\n  Authentication Errors:\n    Failure: 3\n";
  expect(instancesFromData(data, stats)).toMatchObject([
    {
      name: "VI_1",
      state: "BACKUP",
      basePriority: 101,
      effectivePriority: 103,
      lastTransition: 1511000000000,
      counters: null,
    },
    {
      name: "VI_2",
      state: "MASTER",
      effectivePriority: 50,
      counters: { received: 7, sent: 9, errors: { authentication: 3 } },
    },
  ]);
});

test("JSON of both shapes is understood, and what is cut short is none.", () => {
  const one = {
    data: { iname: "VI_1", state: 3, base_priority: 100, effective_priority: 1, last_transition: 0 },
    stats: { auth_failure: 2 },
  };
  const expected = [
    {
      name: "VI_1",
      state: "FAULT",
      effectivePriority: 1,
      lastTransition: null,
      counters: { errors: { authentication: 2 } },
    },
  ];
  expect(instancesFromJson(JSON.stringify([one]))).toMatchObject(expected);
  expect(instancesFromJson(JSON.stringify({ vrrp: [one], track_process: [] }))).toMatchObject(expected);
  expect(instancesFromJson('[{"data":')).toBeNull();
});
