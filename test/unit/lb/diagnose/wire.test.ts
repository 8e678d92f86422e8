import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { lookOf } from "../../../../src/lb/diagnose/look.ts";
import { symptomsProbe } from "../../../../src/lb/diagnose/symptoms.ts";
import { wireOf } from "../../../../src/lb/diagnose/wire.ts";
import { haproxyConfig } from "../../../../src/lb/haproxy/read-config.ts";
import { keepalivedConfig } from "../../../../src/lb/keepalived/read-config.ts";
import { answer } from "../live/recorded.ts";

const LINKS = "1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536\n2: host0@if470: <BROADCAST,UP> mtu 1500";

test("An advert of VRRP 3 is read from its bytes.", () => {
  const line = "24 2 0 5eb5723d2575 0a68380b 0a68380c 314dfe01000a08770a683864";
  expect(wireOf(`perl\n${line}`, LINKS)).toEqual({
    by: "perl",
    adverts: [
      {
        source: "10.104.56.11",
        destination: "10.104.56.12",
        dev: "host0",
        mac: "5e:b5:72:3d:25:75",
        sent: false,
        version: 3,
        virtualRouterId: 77,
        priority: 254,
        authentication: null,
        advertMs: 100,
        addresses: ["10.104.56.100"],
        count: 24,
      },
    ],
  });
});

test("An advert of VRRP 2 says how it is authenticated; what the node itself sent is told apart.", () => {
  const line = "4 2 4 5eb5723d2575 0a68380b e0000012 2133650101011234c0000264";
  expect(wireOf(`python\n${line}`, LINKS).adverts).toMatchObject([
    {
      destination: "224.0.0.18",
      sent: true,
      version: 2,
      authentication: "PASS",
      advertMs: 1000,
      addresses: ["192.0.2.100"],
    },
  ]);
});

test("An advert over IPv6 has its addresses written short.", () => {
  const source = "fe80000000000000000000000000000b";
  const group = "ff020000000000000000000000000012";
  const line = `3 2 0 5eb5723d2575 ${source} ${group} 313364010064123420010db8000000000000000000000100`;
  expect(wireOf(`perl\n${line}`, LINKS).adverts).toMatchObject([
    { source: "fe80::b", destination: "ff02::12", addresses: ["2001:db8::100"], advertMs: 1000 },
  ]);
});

test("What tcpdump says is counted by sender and kind.", () => {
  const line =
    "12:00:01.000000 host0 In  IP 192.0.2.11 > 224.0.0.18: VRRPv2, Advertisement, vrid 51, prio 101, authtype simple, intvl 1s, length 20";
  expect(wireOf(`tcpdump\n${line}\n${line.replace("01.0", "02.0")}`, LINKS)).toEqual({
    by: "tcpdump",
    adverts: [
      expect.objectContaining({
        source: "192.0.2.11",
        dev: "host0",
        sent: false,
        version: 2,
        virtualRouterId: 51,
        priority: 101,
        authentication: "PASS",
        advertMs: 1000,
        count: 2,
      }),
    ],
  });
});

test("A node that has nothing to listen with says so.", () => {
  expect(wireOf("nothing", LINKS)).toEqual({ by: null, adverts: [] });
});

test("What a real node answered is understood.", () => {
  const haproxy = haproxyConfig([
    {
      path: "haproxy.cfg",
      text: "global\n    chroot /var/lib/haproxy\n    log 127.0.0.1:514 local2\n    log /dev/log local0 notice\n    log stdout format raw daemon\n",
    },
  ]);
  const keepalived = keepalivedConfig([
    {
      path: "keepalived.conf",
      text: "vrrp_instance VI_1 {\n    interface host0\n    virtual_router_id 78\n    advert_int 2\n}\n",
    },
  ]);
  const look = lookOf(haproxy, keepalived);
  expect(look).toMatchObject({
    interfaces: ["host0"],
    seconds: 7,
    logs: [{ name: "127.0.0.1:514" }, { name: "/dev/log" }],
  });
  const text = readFileSync(fileURLToPath(new URL("./recorded/symptoms.txt", import.meta.url)));
  const symptoms = symptomsProbe(look).parse([answer(text)]);
  expect(symptoms).toMatchObject({
    wire: {
      by: "perl",
      adverts: [{ source: "10.98.226.11", virtualRouterId: 78, priority: 254, count: 35 }],
    },
    logs: [{ target: "127.0.0.1:514", facility: "local2", arrived: ["/var/log/haproxy.log"] }],
  });
  expect(symptoms.groups.get("host0")).toContain("224.0.0.1");
  expect(symptoms.macs.get("host0")).toBe("3a:ff:7b:11:6c:e0");
  expect(symptoms.disks).toContainEqual({ mount: "/", used: 30, what: "blocks" });
});
