import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runEvents } from "./lbplay.ts";
import { publishNewer } from "./newer-packages.ts";
import { type Rolled, storyOf, withRollLab } from "./roll-fixture.ts";

const { lab, words, roll, settled, state } = withRollLab("roll");

beforeAll(async () => {
  const first = await runEvents(words({}));
  expect(first.code, storyOf(first)).toBe(0);
}, 300_000);

const web = (name: string) => ({ name, address: lab.address(name), port: 80 });

const check = { uri: "/healthz", interval: "1s", fall: 2, rise: 2 };

const backends = (...more: readonly object[]) => [
  { name: "app", balance: "roundrobin", check, servers: [web("web1"), web("web2")] },
  ...more,
];

const orderOf = ({ said }: Rolled): unknown => {
  const plan = said.find(({ step }) => step === "plan");
  return (plan?.data as { readonly order?: unknown } | undefined)?.order;
};

describe("a change that needs no handover costs no request", () => {
  it.each([
    [
      "a backend",
      () => ({ haproxy_backends: backends({ name: "second", check, servers: [web("web2")] }) }),
      "in place",
    ],
    ["a certificate", () => ({ tls_common_name: "other.example" }), "in place"],
    [
      "a bind address",
      () => ({
        haproxy_frontends: [
          {
            name: "web",
            binds: [
              { address: lab.vip(), port: 80 },
              { address: lab.vip(), port: 8080 },
            ],
            http_response: ["set-header X-Served-By %H"],
            default_backend: "app",
          },
        ],
      }),
      "in place",
    ],
    [
      "the set of virtual addresses",
      () => ({ keepalived_virtual_ips: [lab.vip(), second()].map((address) => ({ address })) }),
      "stop standby",
    ],
    ["the VRRP version", () => ({ keepalived_vrrp_version: 2, keepalived_advert_int: 1 }), "stop standby"],
    [
      "the authentication",
      () => ({
        keepalived_vrrp_version: 2,
        keepalived_advert_int: 1,
        keepalived_authentication: { password: "s3cret" },
      }),
      "stop standby",
    ],
    [
      "the interval between adverts",
      () => ({
        keepalived_vrrp_version: 2,
        keepalived_advert_int: 2,
        keepalived_authentication: { password: "s3cret" },
      }),
      "stop standby",
    ],
    ["everything back", () => ({}), "stop standby"],
  ] as const)(
    "%s",
    async (_, vars, order) => {
      const owner = await settled();
      const rolled = await roll(vars());
      expect(rolled.code, storyOf(rolled)).toBe(0);
      expect(orderOf(rolled), storyOf(rolled)).toBe(order);
      console.info(
        `${rolled.outage.failed} of ${rolled.outage.requests} failed, longest gap ${Math.round(rolled.outage.longestGapMs)} ms`,
      );
      expect({ failed: rolled.outage.failed, errors: rolled.outage.errors }, storyOf(rolled)).toEqual({
        failed: 0,
        errors: {},
      });
      expect(rolled.owned.several).toBe(0);
      expect(await settled()).toBe(owner);
    },
    120_000,
  );
});

/** What the pair is from the last change on that follows. */
const NOW = { keepalived_virtual_router_id: 78, keepalived_transport: "multicast" };

/** The newest version of a package that a node knows of. */
const newest = async (name: string): Promise<string> =>
  (await lab.output("lb1", `apt-cache show --no-all-versions ${name} | sed -n 's/^Version: //p'`)).trim();

/** Another address of the lab's network. */
const second = (): string => lab.vip().replace(/\d+$/, (last) => String(Number(last) + 1));

describe("a change that begins keepalived anew", () => {
  it.each([
    ["the virtual router id", () => ({ keepalived_virtual_router_id: 78 })],
    ["multicast instead of unicast", () => NOW],
  ] as const)(
    "%s is rolled with both serving for a moment, and costs no request",
    async (_, vars) => {
      const owner = await settled();
      const rolled = await roll(vars());
      expect(rolled.code, storyOf(rolled)).toBe(0);
      expect(orderOf(rolled)).toBe("overlap");
      console.info(
        `${rolled.outage.failed} of ${rolled.outage.requests} failed, longest gap ${Math.round(rolled.outage.longestGapMs)} ms, both ${Math.round(rolled.owned.several)} ms`,
      );
      expect(rolled.owned.none).toBeLessThan(100);
      expect(rolled.outage.failed, storyOf(rolled)).toBeLessThanOrEqual(3);
      expect(await settled()).not.toBe(owner);
    },
    120_000,
  );
});

describe("another version of a daemon", () => {
  beforeAll(async () => {
    await publishNewer(lab);
    await Promise.all(["lb1", "lb2"].map((node) => lab.output(node, "apt-get update -q")));
  }, 120_000);

  it("of HAProxy is rolled in place and costs no request", async () => {
    const owner = await settled();
    const rolled = await roll({ ...NOW, haproxy_package_version: await newest("haproxy") });
    expect(rolled.code, storyOf(rolled)).toBe(0);
    expect(orderOf(rolled), storyOf(rolled)).toBe("in place");
    expect({ failed: rolled.outage.failed, several: rolled.owned.several }, storyOf(rolled)).toEqual({
      failed: 0,
      several: 0,
    });
    const running =
      "for p in $(pidof haproxy); do readlink /proc/$p/exe; done | sort -u; dpkg-query -W haproxy";
    for (const node of ["lb1", "lb2"])
      expect(await lab.output(node, running)).toMatch(/^\/usr\/sbin\/haproxy\nhaproxy\t\S+\+next1\n$/);
    expect(await settled()).toBe(owner);
  }, 180_000);

  it("of keepalived moves the addresses once, to a node that has it already", async () => {
    const owner = await settled();
    const rolled = await roll({ ...NOW, keepalived_package_version: await newest("keepalived") });
    expect(rolled.code, storyOf(rolled)).toBe(0);
    expect(orderOf(rolled), storyOf(rolled)).toBe("handover");
    console.info(
      `${rolled.outage.failed} of ${rolled.outage.requests} failed, longest gap ${Math.round(rolled.outage.longestGapMs)} ms`,
    );
    // The new owner has the address before the old one hears of it: now and then a look falls between the two.
    expect(rolled.owned.several, storyOf(rolled)).toBeLessThan(200);
    expect(rolled.outage.longestGapMs, storyOf(rolled)).toBeLessThan(1000);
    expect(await settled()).not.toBe(owner);
  }, 180_000);
});

describe("a failover that is proven", () => {
  const inventory = mkdtempSync(join(tmpdir(), "lbplay-roll-"));
  afterAll(() => rmSync(inventory, { recursive: true }));

  it("moves the addresses to the other node and back, although nothing was to be changed, and a node counts", async () => {
    // What inventory/lab says of the pair in its group_vars is before what an inventory says itself.
    mkdirSync(join(inventory, "group_vars"));
    writeFileSync(join(inventory, "hosts.yaml"), "lb: {}\n");
    writeFileSync(join(inventory, "group_vars/lb.yaml"), "lbplay_pair: { probe_from: client }\n");
    const owner = await settled();
    const watch = await lab.watchOwner();
    const rolled = await roll(NOW, "--prove-failover", "-i", inventory);
    const { changes } = watch.stop();
    expect(rolled.code, storyOf(rolled)).toBe(0);
    const standby = owner === "lb1" ? "lb2" : "lb1";
    expect(storyOf(rolled)).toContain(`the addresses went from ${owner} to ${standby} and back`);
    expect(storyOf(rolled)).toMatch(
      /pair continuity ok: http:\S+, \d+ times a second from client: \d+ requests/,
    );
    expect(changes.map(({ owners }) => owners.join()).filter((held) => held !== "")).toEqual([
      owner,
      standby,
      owner,
    ]);
    expect(await settled()).toBe(owner);
  }, 180_000);
});

/** What lint would find is left to the gates here. */
const GATES_ALONE = ["--no-lint", "the gates are what is tried"];

describe("a gate that is not passed", () => {
  it("leaves the owner alone and puts the standby back byte for byte: a port that another program has", async () => {
    const owner = await settled();
    const standby = owner === "lb1" ? "lb2" : "lb1";
    const before = await Promise.all([state(standby), state(owner)]);
    await lab.output(
      standby,
      "systemd-run --unit=squatter --collect socat TCP-LISTEN:8443,bind=0.0.0.0,fork /dev/null",
    );
    try {
      const vars = {
        ...NOW,
        haproxy_listens: [
          { name: "other", mode: "tcp", binds: [{ address: "0.0.0.0", port: 8443 }], servers: [web("web1")] },
        ],
      };
      const rolled = await roll(vars, ...GATES_ALONE);
      expect(rolled.code, storyOf(rolled)).toBe(1);
      expect(rolled.said.map(({ step }) => step)).toContain("restore");
      expect(await Promise.all([state(standby), state(owner)])).toEqual(before);
      expect(rolled.outage.failed, storyOf(rolled)).toBe(0);
      expect(await settled()).toBe(owner);
    } finally {
      await lab.output(standby, "systemctl stop squatter");
    }
  }, 120_000);

  it("a set of servers that is down", async () => {
    const owner = await settled();
    const standby = owner === "lb1" ? "lb2" : "lb1";
    const before = await Promise.all([state(standby), state(owner)]);
    const dead = { name: "web1", address: lab.address("web1"), port: 81 };
    const rolled = await roll(
      {
        ...NOW,
        haproxy_backends: [{ name: "app", balance: "roundrobin", check, servers: [dead] }],
      },
      ...GATES_ALONE,
    );
    expect(rolled.code, storyOf(rolled)).toBe(1);
    expect(storyOf(rolled)).toContain("backend app has 0 of 1 servers up");
    expect(await Promise.all([state(standby), state(owner)])).toEqual(before);
    expect(rolled.outage.failed, storyOf(rolled)).toBe(0);
    expect(await settled()).toBe(owner);
  }, 180_000);

  it("a node that turns FAULT", async () => {
    const owner = await settled();
    const standby = owner === "lb1" ? "lb2" : "lb1";
    const before = await Promise.all([state(standby), state(owner)]);
    await lab.output(standby, "echo 1 > /run/broken");
    const rolled = await roll(
      {
        ...NOW,
        keepalived_track_files: [{ name: "broken", file: "/run/broken" }],
      },
      ...GATES_ALONE,
    );
    expect(rolled.code, storyOf(rolled)).toBe(1);
    expect(storyOf(rolled)).toContain("FAULT");
    expect(await Promise.all([state(standby), state(owner)])).toEqual(before);
    expect(rolled.outage.failed, storyOf(rolled)).toBe(0);
    expect(await settled()).toBe(owner);
  }, 180_000);

  it("a file that no daemon would take is found before any file lands", async () => {
    const before = await Promise.all([state("lb1"), state("lb2")]);
    const rolled = await roll({
      ...NOW,
      haproxy_raw: ["backend b", "    bogus keyword"],
    });
    expect(rolled.code, storyOf(rolled)).toBe(1);
    expect(storyOf(rolled)).toContain("bogus");
    expect(await Promise.all([state("lb1"), state("lb2")])).toEqual(before);
  }, 120_000);
});

describe("a pair that lint finds wrong", () => {
  it("is not touched: two proxies on one address and port, between which the kernel would choose", async () => {
    const before = await Promise.all([state("lb1"), state("lb2")]);
    const rolled = await roll({
      ...NOW,
      haproxy_raw: [
        "listen twin",
        "    mode http",
        `    bind ${lab.vip()}:80`,
        `    server one ${lab.address("web1")}:80 check`,
      ],
    });
    expect(rolled.code, storyOf(rolled)).toBe(2);
    expect(rolled.stderr).toContain("H04");
    expect(rolled.stderr).toMatch(/[^.]\. lbplay lint --explain H04 says more/);
    expect(await Promise.all([state("lb1"), state("lb2")])).toEqual(before);
  }, 120_000);
});

describe("a pair that is not fit", () => {
  it("is not rolled while nobody could take over, unless it is asked for", async () => {
    const owner = await settled();
    const standby = owner === "lb1" ? "lb2" : "lb1";
    await lab.output(standby, "systemctl stop keepalived");
    try {
      const only = ["--limit", owner];
      const refused = await runEvents([
        ...words({
          ...NOW,
          tls_common_name: "third.example",
        }),
        ...only,
      ]);
      expect(refused.code).toBe(1);
      expect(JSON.stringify(refused.events)).toContain("could not take over");
    } finally {
      await lab.output(standby, "systemctl start keepalived");
    }
  }, 120_000);
});

describe("a pair that prefers a node", () => {
  it("proves its failover too: the node takes the addresses back by itself, and is waited for", async () => {
    const owner = await settled();
    const preferring = { ...NOW, keepalived_profile: "preferred" };
    const changed = await roll(preferring);
    expect(changed.code, storyOf(changed)).toBe(0);
    expect(storyOf(changed).includes("lb1 takes virtual addresses by itself")).toBe(owner !== "lb1");
    await expect.poll(settled, { timeout: 60_000 }).toBe("lb1");
    const rolled = await roll(preferring, "--prove-failover");
    expect(rolled.code, storyOf(rolled)).toBe(0);
    expect(storyOf(rolled)).toContain("the addresses went from lb1 to lb2 and back");
    expect(await settled()).toBe("lb1");
  }, 240_000);
});
