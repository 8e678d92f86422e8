import { expect, test } from "vitest";
import { toJson, type Value } from "../../../../src/core/value.ts";
import { dnsFacts, networkFacts } from "../../../../src/tasks/setup/network.ts";

const plain = (facts: Readonly<Record<string, Value>>) =>
  Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, toJson(value)]));

const OWNER = new Map([
  [
    "links",
    "ens160|02:fc:00:00:00:01|1500|up|1|0x1003|10000|||||||\nlo|00:00:00:00:00:00|65536|unknown|772|0x9|||||||||\nbr-lan|2a:00:00:00:00:01|1500|down|1|0x1103||8000.2a0000000001|1||||  veth1 veth2|\n",
  ],
  [
    "addresses",
    [
      "1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever preferred_lft forever",
      "1: lo    inet6 ::1/128 scope host \\       valid_lft forever preferred_lft forever",
      "2: ens160    inet 10.77.0.11/24 brd 10.77.0.255 scope global dynamic noprefixroute ens160\\       valid_lft 3000sec preferred_lft 3000sec",
      "2: ens160    inet 10.77.0.100/32 scope global ens160\\       valid_lft forever preferred_lft forever",
      "2: ens160    inet 10.77.0.101/24 scope global secondary ens160:1\\       valid_lft forever preferred_lft forever",
      "2: ens160    inet6 fe80::fc:ff:fe00:1/64 scope link \\       valid_lft forever preferred_lft forever",
      "",
    ].join("\n"),
  ],
  ["route4", "8.8.8.8 via 10.77.0.1 dev ens160 src 10.77.0.11 uid 0 \n    cache \n"],
  ["route6", "unreachable 2404:6800:400a:800::1012 dev lo metric 4294967295 error -101\n"],
]);

test("The owner of a virtual address has it as a secondary one, and its own as the default.", () => {
  const four = { broadcast: "10.77.0.255", netmask: "255.255.255.0", network: "10.77.0.0", prefix: "24" };
  const labelled = {
    address: "10.77.0.101",
    broadcast: "",
    netmask: "255.255.255.0",
    network: "10.77.0.0",
    prefix: "24",
  };
  expect(plain(networkFacts(OWNER))).toEqual({
    interfaces: ["ens160", "lo", "br-lan", "ens160:1"],
    all_ipv4_addresses: ["10.77.0.11", "10.77.0.100", "10.77.0.101"],
    all_ipv6_addresses: ["fe80::fc:ff:fe00:1"],
    default_ipv4: {
      address: "10.77.0.11",
      gateway: "10.77.0.1",
      interface: "ens160",
      macaddress: "02:fc:00:00:00:01",
      mtu: 1500,
      type: "ether",
      alias: "ens160",
      ...four,
    },
    default_ipv6: {},
    ens160: {
      device: "ens160",
      active: true,
      macaddress: "02:fc:00:00:00:01",
      mtu: 1500,
      promisc: false,
      speed: 10000,
      type: "ether",
      ipv4: { address: "10.77.0.11", ...four },
      ipv4_secondaries: [
        {
          address: "10.77.0.100",
          broadcast: "",
          netmask: "255.255.255.255",
          network: "10.77.0.100",
          prefix: "32",
        },
        labelled,
      ],
      ipv6: [{ address: "fe80::fc:ff:fe00:1", prefix: "64", scope: "link" }],
    },
    ens160_1: { ipv4_secondaries: [labelled] },
    lo: {
      device: "lo",
      active: true,
      mtu: 65536,
      promisc: false,
      type: "loopback",
      ipv4: {
        address: "127.0.0.1",
        broadcast: "",
        netmask: "255.0.0.0",
        network: "127.0.0.0",
        prefix: "8",
      },
      ipv6: [{ address: "::1", prefix: "128", scope: "host" }],
    },
    br_lan: {
      device: "br-lan",
      active: false,
      macaddress: "2a:00:00:00:00:01",
      mtu: 1500,
      promisc: true,
      type: "bridge",
      id: "8000.2a0000000001",
      stp: true,
      interfaces: ["veth1", "veth2"],
    },
  });
});

test("A node without any network has empty facts rather than none.", () => {
  expect(plain(networkFacts(new Map()))).toEqual({
    interfaces: [],
    all_ipv4_addresses: [],
    all_ipv6_addresses: [],
    default_ipv4: {},
    default_ipv6: {},
  });
});

test("resolv.conf gives its name servers, search domains and options.", () => {
  const text =
    "# comment\nnameserver 10.0.0.53\nnameserver fd00::53 ; second\nsearch a.example b.example\noptions ndots:2 rotate\n";
  expect(plain(dnsFacts(new Map([["/etc/resolv.conf", text]])))).toEqual({
    dns: {
      nameservers: ["10.0.0.53", "fd00::53"],
      search: ["a.example", "b.example"],
      options: { ndots: "2", rotate: true },
    },
  });
});
