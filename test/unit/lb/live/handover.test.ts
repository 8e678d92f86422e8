import { expect, test } from "vitest";
import { planHandover } from "../../../../src/lb/live/handover.ts";
import { type Hands, performHandover } from "../../../../src/lb/live/perform-handover.ts";
import { addresses, instance, node, VIP } from "./nodes.ts";

const conf = (priority: number, lines: string, trackers: string): string => `
${trackers}
vrrp_instance VI_1 {
    interface eth0
    virtual_router_id 51
    priority ${priority}
    ${lines}
    virtual_ipaddress { ${VIP} }
}`;

/** lb1 owns with a priority, lb2 is its standby with another. */
const pair = (
  lines: string,
  trackers = "",
  [high, low]: readonly [number, number] = [101, 100],
): readonly [from: ReturnType<typeof node>, to: ReturnType<typeof node>] => [
  node("lb1", { config: conf(high, lines, trackers), keepalived: { instances: instance("MASTER", high) } }),
  node("lb2", { config: conf(low, lines, trackers), keepalived: { instances: instance("BACKUP", low) } }),
];

const tracker = (weight: number): string => `track_file drain { file /run/keepalived-drain
 weight ${weight} }`;
const USES = "track_file { drain }";

test("The site's own pair hands over by its drain file, within its skew, and the former owner stays as a standby.", () => {
  const handover = planHandover(node("lb1"), node("lb2"));
  expect(handover).toMatchObject({
    from: "lb1",
    to: "lb2",
    addresses: [VIP],
    way: { kind: "drain", path: "/run/keepalived-drain", effect: "fault" },
    give: "echo 1 >/run/keepalived-drain",
    overlap: false,
    rejoin: { when: "at-once" },
  });
  expect(handover.rejoin.script).toContain("echo 0 >/run/keepalived-drain");
  // (256 - 253) / 256 of an advert each 100 ms.
  expect(handover.expectedMs).toBeCloseTo(1.17, 2);
  expect(handover.deadlineMs).toBeCloseTo(1003.5, 1);
});

test("A drain file with a weight lets the standby take over while the owner serves: as much as is needed, no FAULT.", () => {
  const weighted = planHandover(...pair(`advert_int 1\n ${USES}`, tracker(-100)));
  expect(weighted).toMatchObject({
    way: { effect: "weight" },
    give: expect.stringContaining("echo 1 >"),
    overlap: true,
  });
  expect(weighted.expectedMs).toBeCloseTo(3000 + (156 / 256) * 1000, 0);
  const small = planHandover(...pair(USES, tracker(5), [150, 100]));
  // 51 have to be lost, in steps of 5, by a weight that adds.
  expect(small.give).toContain("echo -11 >/run/keepalived-drain");
});

test("Without preemption a weight would never move anything: keepalived is stopped instead.", () => {
  const handover = planHandover(...pair(`state BACKUP\n nopreempt\n ${USES}`, tracker(-100)));
  expect(handover.way).toEqual({ kind: "stop" });
  expect(handover.give).toContain("systemctl stop keepalived");
  expect(handover.rejoin).toMatchObject({
    when: "at-once",
    script: expect.stringContaining("systemctl start keepalived"),
  });
});

test("A pair of the tutorials' kind is handed over by a stop, and its first node stays out, as it would take all back.", () => {
  const handover = planHandover(
    ...pair(
      "track_script { chk_haproxy }",
      'vrrp_script chk_haproxy { script "killall -0 haproxy"\n interval 2\n weight 2 }',
      [103, 102],
    ),
  );
  expect(handover.way).toEqual({ kind: "stop" });
  expect(handover.rejoin.when).toBe("later");
  expect(handover.give).toMatch(/switchover.*\n.*systemctl stop keepalived/s);
  expect(handover.expectedMs).toBeCloseTo(((256 - 102) / 256) * 1000, 0);
});

test("From a node of the lower priority to one of the higher the former owner is a standby again at once.", () => {
  const [high, low] = pair("");
  const back = planHandover({ ...low, name: "lb2" }, { ...high, name: "lb1" });
  expect(back.rejoin.when).toBe("at-once");
});

test("A script that asks for a file is a drain file too, noticed after interval times fall.", () => {
  const script =
    'vrrp_script drain { script "/usr/bin/test ! -s /run/keepalived-drain"\n interval 1\n fall 2\n weight 0 }';
  const handover = planHandover(...pair("track_script { drain }", script));
  expect(handover).toMatchObject({ way: { kind: "drain", effect: "fault" }, rejoin: { when: "later" } });
  expect(handover.rejoin.script).toContain(": >/run/keepalived-drain");
  expect(handover.expectedMs).toBeCloseTo(2000 + (156 / 256) * 1000, 0);
});

/** Two nodes of which the address moves some looks after it is given away; null: never. */
const world = (looks: number | null): { readonly hands: Hands; readonly done: string[] } => {
  const done: string[] = [];
  let given = false;
  let time = 0;
  let seen = 0;
  return {
    done,
    hands: {
      addresses: async (name) => {
        if (given && name === "lb1") seen += 1;
        const moved = looks !== null && given && seen > looks;
        return addresses(name === "lb1" ? "lb1" : "lb2", (name === "lb2") === moved);
      },
      run: async (name, script) => {
        done.push(`${name}: ${script.split("\n").at(-1)}`);
        given = /echo 1/.test(script);
        if (!given) seen = 0;
        return { code: 0, stderr: "" };
      },
      now: () => time,
      sleep: async (milliseconds) => {
        time += milliseconds;
      },
    },
  };
};

test("A handover waits for the address, lets the former owner take part again, and says how long it took.", async () => {
  const { hands, done } = world(5);
  expect(await performHandover(planHandover(node("lb1"), node("lb2")), hands)).toEqual({
    kind: "moved",
    afterMs: 100,
    shared: false,
  });
  expect(done).toEqual(["lb1: echo 1 >/run/keepalived-drain", "lb1: echo 0 >/run/keepalived-drain"]);
});

test("A standby whose keepalived has just started is waited for, as long as it does not take part.", async () => {
  const started = (uptime: number) =>
    planHandover(node("lb1"), node("lb2", { keepalived: { uptime } })).readyInMs;
  // The recorded pair has vrrp_startup_delay 5.
  expect([0, 3, 5, 100].map(started)).toEqual([5500, 2500, 0, 0]);
  const { hands } = world(5);
  const fresh = planHandover(node("lb1"), node("lb2", { keepalived: { uptime: 3 } }));
  const outcome = await performHandover(fresh, hands);
  expect(outcome).toMatchObject({ kind: "moved", afterMs: 100 });
  expect(hands.now()).toBe(2600);
});

test("An address that does not come in time is taken back, and that is said.", async () => {
  const { hands, done } = world(null);
  const outcome = await performHandover(planHandover(node("lb1"), node("lb2")), hands);
  expect(outcome).toEqual({ kind: "undone", reason: `${VIP} did not get to lb2 in 1004 ms` });
  expect(done.at(-1)).toBe("lb1: echo 0 >/run/keepalived-drain");
});
