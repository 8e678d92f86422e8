import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { keepalivedConfig } from "../../../../src/lb/keepalived/read-config.ts";
import type { Pair } from "../../../../src/lb/pair/pair.ts";
import { NO_SETTINGS } from "../../../../src/lb/pair/settings.ts";
import { healthyPriority, type Member, memberOf, standing } from "../../../../src/lb/vrrp/member.ts";
import { predict } from "../../../../src/lb/vrrp/predict.ts";
import { byPreference, virtualRouters } from "../../../../src/lb/vrrp/router.ts";
import { advertMs, masterDownMs, skewMs } from "../../../../src/lb/vrrp/timers.ts";
import { files, script, vrrpPair } from "./vrrp-pair.ts";

const memberIn = (text: string, name = "VI_1"): Member => {
  const config = keepalivedConfig([{ path: "keepalived.conf", text }]);
  const node = { name: "lb1", haproxy: null, keepalived: config, facts: null };
  const instance = config.instances.find((entry) => entry.name === name);
  if (instance === undefined) throw new Error(`no instance ${name}`);
  return memberOf(node, config, instance);
};

const instance = (lines: string, name = "VI_1"): string => `
  vrrp_instance ${name} {
    interface eth0
    virtual_router_id 77
    priority 100
    virtual_ipaddress {
      192.0.2.100
    }
    ${lines}
  }`;

describe("timers, by the tables of keepalived's formula", () => {
  test.each([
    [50, 805, 80.5, 3805, 380, 38],
    [100, 609, 60.9, 3609, 361, 36],
    [102, 602, 60.2, 3602, 360, 36],
    [150, 414, 41.4, 3414, 341, 34],
    [200, 219, 21.9, 3219, 322, 32],
    [253, 11.7, 1.2, 3012, 301, 30],
  ])("priority %d", (priority, skew2, skew3, down2, down3, downQuick) => {
    const input = (version: 2 | 3, interval: number) => ({
      version,
      priority,
      advertMs: interval,
      downTimerAdverts: 3,
    });
    const near = (value: number, wanted: number) => expect(Math.abs(value - wanted)).toBeLessThan(0.8);
    near(skewMs(input(2, 1000)), skew2);
    near(skewMs(input(3, 100)), skew3);
    near(masterDownMs(input(2, 1000)), down2);
    near(masterDownMs(input(3, 100)), down3);
    near(masterDownMs(input(3, 10)), downQuick);
  });

  test.each([
    [2, "0.1", 1000],
    [2, "1.4", 1000],
    [2, "1.5", 2000],
    [2, "255", 255_000],
    [2, "300", 1000],
    [3, "0.1", 100],
    [3, "0.014", 10],
    [3, "0.004", 1000],
    [3, "50", 40_950],
  ] as const)("VRRP %d takes advert_int %s for %d ms", (version, written, ms) => {
    expect(advertMs(memberIn(instance(`version ${version}\nadvert_int ${written}`)).instance)).toBe(ms);
  });
});

describe("effective priority", () => {
  const tracked = (definition: string, use: string): Member =>
    memberIn(
      `vrrp_script c {\nscript "/bin/check"\n${definition}\n}${instance(`track_script {\n${use}\n}`)}`,
    );

  test.each([
    ["weight 20", "c", 120, 100],
    ["weight -20", "c", 100, 80],
    ["weight 20", "c weight -30", 100, 70],
    ["weight 200", "c", 254, 100],
    ["weight -200", "c", 100, 1],
    // With reverse the script is there to fail: then nothing is taken.
    ["weight 20 reverse", "c", 100, 80],
    ["weight -20", "c weight -20 reverse", 120, 100],
  ])("%s, used as %s: %d, and %d when it fails", (definition, use, healthy, failed) => {
    const member = tracked(definition, use);
    expect(healthyPriority(member)).toBe(healthy);
    expect(standing(member, new Set(["script c"]))).toEqual({ kind: "running", priority: failed });
  });

  test("weight 0 is a FAULT", () => {
    expect(standing(tracked("weight 0", "c"), new Set(["script c"]))).toEqual({ kind: "fault" });
    expect(standing(tracked("", "c"), new Set(["script c"]))).toEqual({ kind: "fault" });
  });

  test("priority 255 keeps it, whatever fails with a weight", () => {
    const text = `vrrp_script c {\nscript /bin/check\nweight -50\n}${instance("priority 255\ntrack_script {\nc\n}")}`;
    expect(standing(memberIn(text), new Set(["script c"]))).toEqual({ kind: "running", priority: 255 });
  });

  test("what is no priority becomes 100", () => {
    expect(healthyPriority(memberIn(instance("priority 256")))).toBe(100);
  });

  test("a tracked file without a weight adds its number", () => {
    const text = `track_file f {\nfile /run/f\n}${instance("track_file {\nf\n}")}`;
    expect(standing(memberIn(text), new Set(["file f"]))).toEqual({ kind: "running", priority: 101 });
  });
});

describe("sync groups", () => {
  const grouped = (option: string, definition: string): Member =>
    memberIn(`
      vrrp_script c {
        script /bin/check
        ${definition}
      }
      vrrp_sync_group g {
        group {
          VI_1
          VI_2
        }
        ${option}
      }
      ${instance("")}
      ${instance("interface eth1\nvirtual_router_id 78\ntrack_script {\nc\n}", "VI_2")}`);

  test("a FAULT of one member is a FAULT of all", () => {
    expect(standing(grouped("", "weight 0"), new Set(["script c"]))).toEqual({ kind: "fault" });
  });

  test("the interface of one member is everybody's", () => {
    expect(standing(grouped("", "weight 0"), new Set(["interface eth1"]))).toEqual({ kind: "fault" });
  });

  test("a weighted script of a member counts only with sync_group_tracking_weight, and for itself", () => {
    const failed = new Set(["script c"]);
    expect(standing(grouped("", "weight -50"), failed)).toEqual({ kind: "running", priority: 100 });
    const of = (option: string) =>
      memberIn(
        `vrrp_script c {\nscript /bin/check\nweight -50\n}\nvrrp_sync_group g {\ngroup {\nVI_1\n}\n${option}\n}${instance("track_script {\nc\n}")}`,
      );
    expect(standing(of(""), failed)).toEqual({ kind: "running", priority: 100 });
    expect(standing(of("sync_group_tracking_weight"), failed)).toEqual({ kind: "running", priority: 50 });
  });

  test("a tracker of the group counts for each member, with its weight", () => {
    const text = `vrrp_script c {\nscript /bin/check\nweight -50\n}\nvrrp_sync_group g {\ngroup {\nVI_1\n}\ntrack_script {\nc\n}\n}${instance("")}`;
    expect(standing(memberIn(text), new Set(["script c"]))).toEqual({ kind: "running", priority: 50 });
  });
});

describe("more than two nodes, IPv6, old versions", () => {
  test("the next best takes over, and the one after it when that is in the way", () => {
    const rows = predict(vrrpPair({ priorities: [100, 254, 200], ...files(0) }));
    expect(rows.map(({ owner }) => owner)).toEqual(rows.map(() => "lb2"));
    expect(rows.find(({ event }) => event === "power")?.owners).toEqual(["lb3"]);
  });

  test("a demoted owner of three loses to the first that is above it", () => {
    const rows = predict(vrrpPair({ priorities: [254, 200, 150], ...script(-80, 2, 2) }));
    expect(rows.find(({ event }) => event === "haproxy")).toMatchObject({
      outcome: "moves",
      owners: ["lb2"],
    });
    expect(
      predict(vrrpPair({ priorities: [254, 200, 150], ...script(-30, 2, 2) })).find(
        ({ event }) => event === "haproxy",
      ),
    ).toMatchObject({
      outcome: "never",
    });
  });

  test("IPv6 speaks VRRP 3 whatever is written", () => {
    const rows = predict(
      vrrpPair({ priorities: [254, 253], version: 2, advert: 0.1, address: "2001:db8::100/128" }),
    );
    const outage = rows.find(({ event }) => event === "power")?.outage;
    expect(outage?.max).toBeLessThan(400);
  });

  test("before 2.0 a lower priority is answered at once, and the timers know the configured one", () => {
    const pair = { priorities: [101, 100], version: 2, advert: 1, ...script(2, 2, 1) } as const;
    const row = (version: readonly [number, number, number], event: string) =>
      predict(vrrpPair({ ...pair, keepalived: version })).find((entry) => entry.event === event);
    expect(row([1, 3, 5], "haproxy")?.outage?.max).toBeLessThan(4500);
    expect(row([2, 2, 7], "haproxy")?.outage?.max).toBeGreaterThan(5500);
    expect(row([1, 3, 5], "stop")?.formula).toContain("256 − 100");
    expect(row([2, 2, 7], "stop")?.formula).toContain("256 − 102");
  });

  test("with nobody else nothing is predicted", () => {
    expect(predict(vrrpPair({ priorities: [100] }))).toEqual([]);
  });
});

test("instances belong together by address, else by id, else by name", () => {
  const node = (name: string, text: string) => ({
    name,
    haproxy: null,
    keepalived: keepalivedConfig([{ path: name, text }]),
    facts: null,
  });
  const one = (name: string, id: number, address: string): string =>
    `vrrp_instance ${name} {\nvirtual_router_id ${id}\nvirtual_ipaddress {\n${address}\n}\n}\n`;
  const pair: Pair = {
    name: "pair",
    settings: NO_SETTINGS,
    nodes: [
      node("lb1", one("WEB", 1, "2001:db8::1") + one("MAIL", 2, "192.0.2.2") + one("DNS", 3, "192.0.2.3")),
      node("lb2", one("DNS", 5, "192.0.2.9") + one("X", 2, "192.0.2.8") + one("Y", 9, "2001:DB8:0::1/128")),
    ],
  };
  expect(virtualRouters(pair).map(({ members }) => members.map((member) => member.instance.name))).toEqual([
    ["WEB", "Y"],
    ["MAIL", "X"],
    ["DNS", "DNS"],
  ]);
});

test("whatever the numbers: an address moves to a stronger node or not at all, within what is said", () => {
  const priority = fc.integer({ min: 1, max: 254 });
  fc.assert(
    fc.property(
      fc.uniqueArray(priority, { minLength: 2, maxLength: 4 }),
      fc.integer({ min: -253, max: 253 }),
      fc.constantFrom<2 | 3>(2, 3),
      fc.constantFrom("", "nopreempt", "preempt_delay 7"),
      (priorities, weight, version, mode) => {
        const tracker = script(weight, 2, 2);
        const pair = vrrpPair({
          priorities,
          version,
          advert: 1,
          before: tracker.before ?? "",
          lines: [mode, ...(tracker.lines ?? [])],
        });
        const [router] = virtualRouters(pair);
        if (router === undefined) throw new Error("no router");
        const [owner] = byPreference(router);
        if (owner === undefined) throw new Error("no owner");
        const after = standing(owner, new Set(["script chk_haproxy"]));
        for (const row of predict(pair)) {
          if (row.outage !== null) expect(row.outage.max).toBeGreaterThanOrEqual(row.outage.min);
          if (row.outcome === "moves" && row.event !== "return") expect(row.owners).not.toContain(row.owner);
        }
        const row = predict(pair).find(({ what }) => what === `haproxy dies on ${owner.node.name}`);
        const rivals = router.members.filter((member) => member !== owner).map(healthyPriority);
        const beaten =
          after.kind === "fault" || (mode !== "nopreempt" && Math.max(...rivals) > after.priority);
        expect(row?.outcome).toBe(beaten ? "moves" : "never");
      },
    ),
    { numRuns: 200 },
  );
});
