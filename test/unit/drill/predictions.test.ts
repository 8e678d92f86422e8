import { expect, test } from "vitest";
import { missing } from "../../../src/drill/effect.ts";
import type { Subject } from "../../../src/drill/faults/fault.ts";
import { reasonsAgainst } from "../../../src/drill/fitness.ts";
import { predictedEvent, predictedHang } from "../../../src/drill/predictions.ts";
import { differences, type Snapshot } from "../../../src/drill/snapshot.ts";
import { type LiveNode, stateOf } from "../../../src/lb/live/node.ts";
import { dead, instance, node } from "../lb/live/nodes.ts";
import { vrrpPair } from "../lb/vrrp/vrrp-pair.ts";

const subject = (pair: Subject["pair"]): Pick<Subject, "pair" | "owner"> => ({
  pair,
  owner: { ...node("lb1"), name: "lb1" },
});

const tracked = (block: string, name: string) =>
  vrrpPair({ priorities: [101, 100], before: block, lines: [`track_script { ${name} }`] });

test("A HAProxy that hangs is noticed by a script that asks it, after its time-outs.", () => {
  const pair = tracked(
    `vrrp_script answers { script "/usr/bin/curl -m 2 http://127.0.0.1:8404/" \n interval 2 \n timeout 2 \n fall 2 \n weight 0 }`,
    "answers",
  );
  const prediction = predictedHang(subject(pair));
  expect(prediction).toMatchObject({ outcome: "moves", owners: ["lb2"] });
  // One interval and its neighbour, two runs that last as long as the interval, and what the election takes.
  expect(prediction?.outage?.min).toBeGreaterThanOrEqual(2000);
  expect(prediction?.outage?.max).toBeGreaterThan(8000);
  expect(prediction?.outage?.max).toBeLessThan(9000);
});

test("It is not noticed by one that looks for a process; of a script of which nothing is known nothing is said.", () => {
  const looks = tracked(
    `vrrp_script chk { script "/usr/bin/killall -0 haproxy" \n interval 2 \n weight 0 }`,
    "chk",
  );
  expect(predictedHang(subject(looks))).toMatchObject({
    outcome: "never",
    outage: null,
    formula: "nothing on lb1 asks HAProxy: its trackers only see whether it runs",
  });
  const own = tracked(
    `vrrp_script chk_haproxy { script "/usr/local/bin/check" \n interval 2 \n weight 0 }`,
    "chk_haproxy",
  );
  expect(predictedHang(subject(own))).toBeNull();
});

test("An event of lbplay predict is taken for the owner; one that it does not know is none.", () => {
  const pair = vrrpPair({ priorities: [101, 100] });
  expect(predictedEvent(subject(pair), "power")).toMatchObject({ outcome: "moves", owners: ["lb2"] });
  expect(predictedEvent(subject(pair), "haproxy")).toMatchObject({ outcome: "never", owners: ["lb1"] });
  expect(predictedEvent(subject(pair), "drain")).toBeNull();
});

const live = (one: LiveNode) => {
  const state = stateOf(one);
  if (state === null) throw new Error("not reached");
  return state;
};

test("A reload that begins no new worker did nothing, and one that is counted as failed was refused.", () => {
  const was = live(node("lb1"));
  const effect = { kind: "haproxy-reloaded" } as const;
  expect(missing(effect, was, was)).toEqual([expect.stringContaining("the reload did nothing")]);
  const workers = [{ pid: 999_999, age: 1 }];
  expect(missing(effect, was, live(node("lb1", { haproxy: { workers } })))).toEqual([]);
  expect(missing(effect, was, live(node("lb1", { haproxy: { failedReloads: 1 } })))).toEqual([
    expect.stringContaining("the reload was refused"),
  ]);
  const stale = live(node("lb1", { haproxy: { workers, changedSince: ["/etc/haproxy/haproxy.cfg"] } }));
  expect(missing(effect, was, stale)).toEqual([
    "/etc/haproxy/haproxy.cfg is newer than what HAProxy has read",
  ]);
});

test("A keepalived that was reloaded goes on as the same process, and a dead server has to be noticed.", () => {
  const was = live(node("lb1"));
  expect(missing({ kind: "keepalived-reloaded" }, was, was)).toEqual([]);
  const gone = live(node("lb1", { keepalived: { mainPid: null } }));
  expect(missing({ kind: "keepalived-reloaded" }, was, gone)).toEqual(["keepalived ended at its reload"]);
  const { stats } = was.haproxy;
  if (stats.kind === "silent") throw new Error("the recorded node tells");
  const [server] = stats.servers;
  const id = `${server?.backend}/${server?.name}`;
  expect(missing({ kind: "servers-down", servers: [id] }, was, was)).toEqual([
    `HAProxy has not noticed that ${id} does not answer`,
  ]);
  const down = live(
    node("lb1", {
      haproxy: {
        stats: { ...stats, servers: stats.servers.map((one) => ({ ...one, health: "down" as const })) },
      },
    }),
  );
  expect(missing({ kind: "servers-down", servers: [id] }, was, down)).toEqual([]);
});

const snapshot = (nodes: readonly LiveNode[], files: readonly string[] = []): Snapshot => ({
  nodes,
  prints: new Map(nodes.map(({ name }) => [name, new Map([["file", files]])])),
});

test("The state after is held against that before: states, files, and who is reached.", () => {
  const before = snapshot([node("lb1"), node("lb2")], ["1 2 /etc/haproxy/haproxy.cfg", "3 4 /etc/gone"]);
  expect(differences(before, before, { owner: true })).toEqual([]);
  const after = snapshot(
    [node("lb1"), node("lb2", { keepalived: { instances: instance("FAULT", 253) } })],
    ["9 2 /etc/haproxy/haproxy.cfg", "5 6 /etc/new"],
  );
  const found = differences(before, after, { owner: true });
  expect(found).toContain("lb1: file /etc/haproxy/haproxy.cfg has changed");
  expect(found).toContain("lb1: file /etc/gone is gone");
  expect(found).toContain("lb1: file /etc/new is new");
  expect(found).toContainEqual(expect.stringMatching(/^lb2: VI_1 is FAULT, and was BACKUP$/));
  expect(differences(before, snapshot([node("lb1"), dead("lb2")]), { owner: false })).toContain(
    "lb2 is not reached: timeout",
  );
});

test("A pair that is not fit is not broken any further, and every reason is told.", () => {
  expect(reasonsAgainst([node("lb1"), node("lb2")])).toEqual([]);
  expect(reasonsAgainst([node("lb1"), dead("lb2")])).toEqual([
    expect.stringContaining("lb2: not reached: timeout"),
  ]);
  expect(
    reasonsAgainst([node("lb1", { haproxy: { changedSince: ["/etc/haproxy/haproxy.cfg"] } }), node("lb2")]),
  ).toEqual([expect.stringContaining("changed after HAProxy had read")]);
});
