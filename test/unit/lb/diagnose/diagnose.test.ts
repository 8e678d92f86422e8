import { describe, expect, test } from "vitest";
import type { Examined, FromHere } from "../../../../src/lb/diagnose/cause.ts";
import { diagnose } from "../../../../src/lb/diagnose/diagnose.ts";
import { stateOf } from "../../../../src/lb/live/node.ts";
import { NO_SETTINGS } from "../../../../src/lb/pair/settings.ts";
import { dead, VIP } from "../live/nodes.ts";
import { recorded } from "../live/recorded.ts";
import { advert, examined } from "./examined.ts";

const judge = (nodes: readonly Examined[], here: readonly FromHere[] = []) =>
  diagnose(nodes, here, { name: "lb", settings: NO_SETTINGS, now: recorded("owner").now });

const first = (nodes: readonly Examined[], here: readonly FromHere[] = []) => {
  const { causes, symptoms } = judge(nodes, here);
  const [cause] = causes;
  return {
    kind: cause?.kind,
    nodes: cause?.nodes,
    confidence: cause?.confidence,
    symptoms: symptoms.map(({ kind }) => kind),
  };
};

const owner = examined("lb1", { sent: 40, adverts: [advert("lb1", { sent: true })] });
const standby = examined("lb2", { received: 40, adverts: [advert("lb1")] });

test("A pair that is well has no cause that is more than possible.", () => {
  const { well, symptoms, causes } = judge([owner, standby]);
  expect(causes.filter(({ confidence }) => confidence !== "possible")).toEqual([]);
  expect({ well, symptoms }).toEqual({ well: true, symptoms: [] });
});

describe("Two owners", () => {
  test("are a firewall's work where adverts arrive and keepalived gets none.", () => {
    const blocked = examined("lb2", { vrrp: "MASTER", sent: 40, received: 0, adverts: [advert("lb1")] });
    const other = examined("lb1", {
      sent: 40,
      received: 40,
      adverts: [advert("lb2"), advert("lb1", { sent: true })],
    });
    expect(first([other, blocked])).toEqual({
      kind: "firewall-blocks-vrrp",
      nodes: ["lb2"],
      confidence: "certain",
      symptoms: ["split-brain"],
    });
  });

  test("do not share a password where keepalived counts failures of it.", () => {
    const errors = { authentication: 4 };
    expect(
      first([
        examined("lb1", { sent: 4, errors, adverts: [advert("lb2")] }),
        examined("lb2", { vrrp: "MASTER", sent: 4, errors, adverts: [advert("lb1")] }),
      ]),
    ).toEqual({
      kind: "authentication-mismatch",
      nodes: ["lb1", "lb2"],
      confidence: "certain",
      symptoms: ["split-brain"],
    });
  });

  test("speak for two virtual routers where the ids on the wire differ.", () => {
    expect(
      first([
        examined("lb1", { sent: 40, adverts: [advert("lb2", { virtualRouterId: 78 })] }),
        examined("lb2", { vrrp: "MASTER", sent: 40, received: 40, adverts: [advert("lb1")] }),
      ]),
    ).toMatchObject({ kind: "virtual-router-id-mismatch", confidence: "certain" });
  });

  test("are on two interfaces where adverts arrive on another one than keepalived's.", () => {
    expect(
      first([
        owner,
        examined("lb2", { vrrp: "MASTER", sent: 40, adverts: [advert("lb1", { dev: "eth1" })] }),
      ]),
    ).toMatchObject({ kind: "wrong-interface", nodes: ["lb2"], confidence: "certain" });
  });

  test("are parted by the network where adverts leave the one and do not arrive at the other.", () => {
    const sent = (name: "lb1" | "lb2") => [advert(name, { sent: true })];
    expect(
      first([
        examined("lb1", { sent: 40, adverts: sent("lb1") }),
        examined("lb2", { vrrp: "MASTER", sent: 40, adverts: sent("lb2") }),
      ]),
    ).toMatchObject({ kind: "adverts-lost", confidence: "certain" });
  });

  test("are a firewall's work also where adverts are sent and pass no interface.", () => {
    expect(
      first([
        examined("lb1", { sent: 40, received: 40, adverts: [advert("lb2")] }),
        examined("lb2", { vrrp: "MASTER", sent: 0, received: 0, adverts: [] }),
      ]),
    ).toMatchObject({ kind: "firewall-blocks-output", nodes: ["lb1"] });
  });
});

test("FAULT on both nodes is explained by the check that fails when it is run by hand.", () => {
  const config = `vrrp_script chk { script "/bin/false" }
vrrp_instance VI_1 { interface host0 virtual_router_id 77 virtual_ipaddress { ${VIP} } track_script { chk } }`.replace(
    / (?=[{}])|(?<=[{}]) | (?=interface|virtual_|script)/g,
    "\n",
  );
  const broken = (name: "lb1" | "lb2") =>
    examined(name, {
      vrrp: "FAULT",
      config,
      symptoms: { checks: [{ name: "chk", code: 1, said: "no", user: "keepalived_script" }] },
    });
  const { causes, symptoms } = judge([broken("lb1"), broken("lb2")]);
  expect(symptoms.map(({ kind }) => kind)).toEqual(["no-owner", "fault", "fault"]);
  expect(causes.slice(0, 2).map(({ kind, nodes, confidence }) => ({ kind, nodes, confidence }))).toEqual([
    { kind: "check-fails", nodes: ["lb1"], confidence: "certain" },
    { kind: "check-fails", nodes: ["lb2"], confidence: "certain" },
  ]);
  expect(causes[0]?.evidence).toEqual([
    "run by hand as keepalived_script: /bin/false ends with exit code 1: no",
  ]);
});

test("FAULT is explained by an interface that is down.", () => {
  const down = examined("lb2", {
    vrrp: "FAULT",
    facts: { links: [{ name: "host0", flags: ["NO-CARRIER", "UP"], mtu: 1500 }] },
  });
  expect(first([owner, down])).toMatchObject({ kind: "interface-down", nodes: ["lb2"], symptoms: ["fault"] });
});

test("A reload that did not bind names the place and who has it.", () => {
  const unbound = examined("lb2", {
    received: 40,
    adverts: [advert("lb1")],
    haproxy: { failedReloads: 1, changedSince: ["/etc/haproxy/haproxy.cfg"] },
    symptoms: {
      complaints: new Map([
        [
          "haproxy",
          [
            "[ALERT]    (4711) : Starting frontend web: cannot bind socket (Address already in use) [0.0.0.0:22]",
          ],
        ],
      ]),
    },
  });
  const { causes } = judge([owner, unbound]);
  expect(causes.filter(({ confidence }) => confidence === "certain")).toEqual([
    expect.objectContaining({
      kind: "reload-failed",
      message: expect.stringContaining("could not bind 0.0.0.0:22"),
      evidence: expect.arrayContaining(["sshd listens on 0.0.0.0:22"]),
    }),
  ]);
});

test("A log that arrives nowhere is dead, and says whether rsyslog is.", () => {
  const logs = [{ target: "127.0.0.1:514", facility: "local2", arrived: [] }];
  const units = new Map([
    [
      "rsyslog.service",
      new Map([
        ["LoadState", "loaded"],
        ["ActiveState", "inactive"],
      ]),
    ],
  ]);
  const dark = examined("lb2", {
    received: 40,
    adverts: [advert("lb1")],
    symptoms: { logs },
    facts: { units },
  });
  const { causes } = judge([owner, dark]);
  expect(causes[0]).toMatchObject({ kind: "log-dead", nodes: ["lb2"], confidence: "certain" });
  expect(causes[0]?.message).toContain("rsyslog is inactive");
});

test("An address that another machine answers for is told with both hardware addresses.", () => {
  const here = [{ address: VIP, ports: [{ port: 80, error: null }], mac: "aa:bb:cc:dd:ee:ff" }];
  const { causes } = judge([owner, standby], here);
  expect(causes[0]).toMatchObject({ kind: "foreign-address", confidence: "certain" });
  expect(causes[0]?.evidence).toEqual([
    "this machine reaches it at aa:bb:cc:dd:ee:ff",
    "lb1 has it, at 52:54:00:00:00:01",
  ]);
});

test("A virtual address in the system's network configuration is told with its file.", () => {
  const staticAddresses = new Map([["/etc/network/interfaces", [VIP]]]);
  const aliased = examined("lb2", { received: 40, adverts: [advert("lb1")], facts: { staticAddresses } });
  expect(judge([owner, aliased]).causes[0]).toMatchObject({
    kind: "static-virtual-address",
    nodes: ["lb2"],
    confidence: "likely",
    evidence: ["/etc/network/interfaces names it"],
  });
});

test("What only follows from a HAProxy that is down is not told beside it.", () => {
  const down = examined("lb2", {
    received: 40,
    adverts: [advert("lb1")],
    haproxy: { mainPid: null, unit: "failed" },
    facts: { listeners: [] },
  });
  const kinds = judge([owner, down]).causes.map(({ kind }) => kind);
  expect(kinds).toContain("haproxy-down");
  expect(kinds).not.toContain("not-listening");
});

test("A node that was not reached is a symptom, and what the other one tells is told.", () => {
  const gone: Examined = { live: dead("lb2"), node: null, symptoms: null, after: null };
  const { symptoms, unseen, well } = judge([owner, gone]);
  expect(symptoms).toEqual([expect.objectContaining({ kind: "unreachable", node: "lb2" })]);
  expect(unseen).toEqual([expect.stringMatching(/^lb2: nothing, as it was not reached/)]);
  expect(well).toBe(false);
  expect(stateOf(gone.live)).toBeNull();
});
