import { describe, expect, test } from "vitest";
import type { Probe } from "../../../../src/core/probe.ts";
import { firewallFacts } from "../../../../src/lb/pair/facts-firewall.ts";
import { networkFacts } from "../../../../src/lb/pair/facts-network.ts";
import { selinuxFacts } from "../../../../src/lb/pair/facts-selinux.ts";
import { systemFacts } from "../../../../src/lb/pair/facts-system.ts";
import type { FactsWanted } from "../../../../src/lb/pair/facts-wanted.ts";

// What nodes say, in the form that their tools give it, and what is understood of it.

const NOTHING: FactsWanted = {
  files: [],
  bundles: [],
  crtLists: [],
  crtBase: "/",
  users: [],
  groups: [],
  servers: [],
  interfaces: [],
  virtualAddresses: [{ address: "192.0.2.100", dev: "eth0" }],
};

/** An answer with these frames, as the shell function `put` writes them. */
const parsed = <T>(probe: Probe<T>, frames: Readonly<Record<string, string>>): T => {
  const stdout = Object.entries(frames)
    .map(([name, text]) => `${text.length} 0 ${name}\n${text}\n`)
    .join("");
  return probe.parse([{ code: 0, stdout: Buffer.from(stdout), stderr: Buffer.alloc(0) }]);
};

const system = (frames: Readonly<Record<string, string>>) => parsed(systemFacts(NOTHING), frames);

describe("a system", () => {
  test("that says nothing is unknown in everything", () => {
    expect(new Set(Object.values(system({})))).toEqual(new Set([null]));
  });

  test("tells its distribution", () => {
    expect(
      system({ os: 'NAME="CentOS Linux"\nID="centos"\nID_LIKE="rhel fedora"\nVERSION_ID="7"' }).os,
    ).toEqual({
      id: "centos",
      version: "7",
      family: "redhat",
    });
    expect(system({ os: 'ID=ubuntu\nID_LIKE=debian\nVERSION_ID="22.04"' }).os).toEqual({
      id: "ubuntu",
      version: "22.04",
      family: "debian",
    });
  });

  test("tells its addresses, also those of tunnels and with labels", () => {
    const text = [
      "1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever preferred_lft forever",
      "2: eth0    inet 192.0.2.11/24 brd 192.0.2.255 scope global eth0\\       valid_lft forever preferred_lft forever",
      "2: eth0    inet 192.0.2.100/32 scope global eth0:1\\       valid_lft forever preferred_lft forever",
      "2: eth0    inet6 fe80::1/64 scope link \\       valid_lft forever preferred_lft forever",
      "5: tun0    inet 10.8.0.1 peer 10.8.0.2/32 scope global tun0\\       valid_lft forever preferred_lft forever",
    ].join("\n");
    expect(system({ addresses: text }).addresses).toEqual([
      { address: "127.0.0.1", prefix: 8, dev: "lo", family: "ipv4" },
      { address: "192.0.2.11", prefix: 24, dev: "eth0", family: "ipv4" },
      { address: "192.0.2.100", prefix: 32, dev: "eth0", family: "ipv4" },
      { address: "fe80::1", prefix: 64, dev: "eth0", family: "ipv6" },
      { address: "10.8.0.1", prefix: 32, dev: "tun0", family: "ipv4" },
    ]);
  });

  test("tells its interfaces, also that of a container and a VLAN", () => {
    const text =
      "2: host0@if9: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP mode DEFAULT group default qlen 1000\\    link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff link-netnsid 0\n3: eth0.100@eth0: <NO-CARRIER,BROADCAST,MULTICAST,UP> mtu 9000 qdisc noqueue state LOWERLAYERDOWN";
    expect(system({ links: text }).links).toEqual([
      { name: "host0", flags: ["BROADCAST", "MULTICAST", "UP", "LOWER_UP"], mtu: 1500 },
      { name: "eth0.100", flags: ["NO-CARRIER", "BROADCAST", "MULTICAST", "UP"], mtu: 9000 },
    ]);
  });

  test("tells the settings of its kernel", () => {
    const text =
      "net/ipv4/ip_nonlocal_bind:1\nnet/ipv4/ip_local_port_range:32768\t60999\nnet/ipv4/conf/eth0.100/rp_filter:2\nnet/ipv4/ip_local_reserved_ports:";
    expect(system({ sysctl: text }).sysctl).toEqual(
      new Map([
        ["net.ipv4.ip_nonlocal_bind", "1"],
        ["net.ipv4.ip_local_port_range", "32768\t60999"],
        ["net.ipv4.conf.eth0.100.rp_filter", "2"],
        ["net.ipv4.ip_local_reserved_ports", ""],
      ]),
    );
  });

  test("tells its units, of ExecStart the command alone", () => {
    const text =
      "Id=haproxy.service\nLoadState=loaded\nExecStart={ path=/usr/sbin/haproxy ; argv[]=/usr/sbin/haproxy -Ws -f $CONFIG ; ignore_errors=no ; start_time=[n/a] ; stop_time=[n/a] ; pid=0 ; code=(null) ; status=0/0 }\n\nId=rsyslog.service\nLoadState=not-found";
    expect(system({ units: text }).units).toEqual(
      new Map([
        [
          "haproxy.service",
          new Map([
            ["Id", "haproxy.service"],
            ["LoadState", "loaded"],
            ["ExecStart", "/usr/sbin/haproxy -Ws -f $CONFIG"],
          ]),
        ],
        [
          "rsyslog.service",
          new Map([
            ["Id", "rsyslog.service"],
            ["LoadState", "not-found"],
          ]),
        ],
      ]),
    );
  });

  test("tells what listens, as new and old versions of ss print it", () => {
    const text = [
      "Netid State  Recv-Q Send-Q    Local Address:Port  Peer Address:PortProcess",
      'udp   UNCONN 0      0             127.0.0.1:514        0.0.0.0:*    users:(("rsyslogd",pid=12,fd=5))',
      'tcp   LISTEN 0      4096      192.0.2.100:443          0.0.0.0:*    users:(("haproxy",pid=20,fd=7))',
      "tcp   LISTEN 0      128                [::]:22            [::]:*",
      "udp   UNCONN 0      0         127.0.0.53%lo:53         0.0.0.0:*",
      'tcp   LISTEN 0      100            :::5000                 :::*    users:(("old",1,3))',
      "tcp   LISTEN 0      100            *:8404                  *:*",
    ].join("\n");
    expect(system({ listeners: text }).listeners).toEqual([
      { protocol: "udp", address: "127.0.0.1", port: 514, process: "rsyslogd" },
      { protocol: "tcp", address: "192.0.2.100", port: 443, process: "haproxy" },
      { protocol: "tcp", address: "::", port: 22, process: null },
      { protocol: "udp", address: "127.0.0.53", port: 53, process: null },
      { protocol: "tcp", address: "::", port: 5000, process: "old" },
      { protocol: "tcp", address: "*", port: 8404, process: null },
    ]);
  });

  test("tells what it is, and which cloud made it; a container sees another machine's marks", () => {
    expect(system({ virtualization: "none kvm", machine: "Amazon EC2\nm5.large" })).toMatchObject({
      virtualization: { kind: "vm", name: "kvm" },
      cloud: "aws",
    });
    expect(system({ virtualization: "none none", machine: "Dell Inc." })).toMatchObject({
      virtualization: { kind: "none", name: "none" },
      cloud: "none",
    });
    expect(system({ virtualization: "systemd-nspawn systemd-nspawn", machine: "Amazon EC2" })).toMatchObject({
      virtualization: { kind: "container", name: "systemd-nspawn" },
      cloud: null,
    });
    const azure = "Microsoft Corporation\nVirtual Machine\n7783-7084-3265-9085-8269-3286-77";
    expect(system({ virtualization: "none microsoft", machine: azure }).cloud).toBe("azure");
    expect(
      system({ virtualization: "none microsoft", machine: "Microsoft Corporation\nVirtual Machine" }).cloud,
    ).toBe("none");
  });

  test("tells its processes with the units that they are in", () => {
    const { processes } = system({
      "process:20 1 haproxy":
        "0::/system.slice/haproxy.service\nargv\n/usr/sbin/haproxy\n-Ws\n-f\n/etc/haproxy/haproxy.cfg",
      "process:30 1 haproxy":
        "11:cpu:/user.slice\n1:name=systemd:/user.slice/user-0.slice/session-3.scope\nargv\nhaproxy\n-D",
      "process:31 30 keepalived_vrrp": "0::/\nargv",
      done: "",
    });
    expect(processes).toEqual([
      {
        pid: 20,
        parent: 1,
        name: "haproxy",
        argv: ["/usr/sbin/haproxy", "-Ws", "-f", "/etc/haproxy/haproxy.cfg"],
        unit: "haproxy.service",
      },
      { pid: 30, parent: 1, name: "haproxy", argv: ["haproxy", "-D"], unit: "session-3.scope" },
      { pid: 31, parent: 30, name: "keepalived_vrrp", argv: [], unit: null },
    ]);
  });
});

describe("a firewall", () => {
  const ZONES = `public (active)
  target: default
  icmp-block-inversion: no
  interfaces: eth0 eth1
  sources: 
  services: dhcpv6-client ssh
  ports: 8443/tcp 9000-9010/tcp
  protocols: 
  forward: yes
  masquerade: no
  forward-ports: 
  source-ports: 
  icmp-blocks: 
  rich rules: 
	rule protocol value="vrrp" accept

trusted
  target: ACCEPT
  interfaces: 
  services: 
  ports: 
  protocols: 
  rich rules: `;

  test("of firewalld has zones", () => {
    const { firewall } = parsed(firewallFacts, {
      default: "public",
      runtime: ZONES,
      permanent: ZONES,
      direct: "ipv4 filter INPUT 0 -p vrrp -j ACCEPT\nipv4 filter INPUT 0 -p vrrp -j ACCEPT",
    });
    expect(firewall).toMatchObject({ kind: "firewalld", direct: ["ipv4 filter INPUT 0 -p vrrp -j ACCEPT"] });
    expect(firewall?.kind === "firewalld" ? firewall.runtime : null).toEqual([
      {
        name: "public",
        target: "default",
        isDefault: true,
        interfaces: ["eth0", "eth1"],
        services: ["dhcpv6-client", "ssh"],
        ports: ["8443/tcp", "9000-9010/tcp"],
        protocols: [],
        richRules: ['rule protocol value="vrrp" accept'],
      },
      {
        name: "trusted",
        target: "ACCEPT",
        isDefault: false,
        interfaces: [],
        services: [],
        ports: [],
        protocols: [],
        richRules: [],
      },
    ]);
  });

  test("is that of iptables or nftables where those filter what comes in", () => {
    const open = "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\nCOMMIT";
    const closed = open.replace("INPUT ACCEPT", "INPUT DROP");
    const nft =
      "table inet lbplay {\n\tchain input {\n\t\ttype filter hook input priority filter; policy drop;\n\t}\n}";
    expect(parsed(firewallFacts, { iptables: closed, nftables: "" }).firewall).toEqual({
      kind: "iptables",
      text: closed,
    });
    expect(parsed(firewallFacts, { iptables: open, nftables: nft }).firewall).toEqual({
      kind: "nftables",
      text: nft,
    });
    expect(parsed(firewallFacts, { iptables: open }).firewall).toEqual({ kind: "none" });
    expect(parsed(firewallFacts, {}).firewall).toBeNull();
  });
});

test("The surroundings of a node: its servers, other speakers of VRRP, who has the address.", () => {
  const facts = parsed(networkFacts(NOTHING), {
    "static:/etc/network/interfaces": "192.0.2.11\n2001:db8::11",
    "static:/etc/network/interfaces.d/setup": "",
    static: "",
    "reach:192.0.2.21 80": "0",
    "reach:2001:db8::21 80": "124",
    "heard:eth0": [
      "12:00:00.1 IP 192.0.2.12 > 224.0.0.18: VRRPv3, Advertisement, vrid 51, prio 253, intvl 20cs, length 12",
      "12:00:00.3 IP 192.0.2.12 > 224.0.0.18: VRRPv3, Advertisement, vrid 51, prio 253, intvl 20cs, length 12",
      "12:00:00.4 IP 192.0.2.77 > 192.0.2.11: VRRPv2, Advertisement, vrid 7, prio 100, authtype simple, intvl 1s, length 20",
    ].join("\n"),
    "neighbour:192.0.2.100": "192.0.2.100 dev eth0 lladdr 02:00:00:00:00:07 REACHABLE",
  });
  expect(facts).toEqual({
    staticAddresses: new Map([["/etc/network/interfaces", ["192.0.2.11", "2001:db8::11"]]]),
    reachable: new Map([
      ["192.0.2.21:80", true],
      ["2001:db8::21:80", false],
    ]),
    vrrp: {
      heard: [
        { source: "192.0.2.12", dev: "eth0", virtualRouterId: 51, destination: "224.0.0.18" },
        { source: "192.0.2.77", dev: "eth0", virtualRouterId: 7, destination: "192.0.2.11" },
      ],
      answers: new Map([["192.0.2.100", "02:00:00:00:00:07"]]),
    },
  });
});

test("SELinux: mode, booleans, ports, labels.", () => {
  const { selinux } = parsed(selinuxFacts(NOTHING), {
    mode: "Enforcing",
    booleans: "haproxy_connect_any --> off\nkeepalived_connect_any --> on",
    ports:
      "SELinux Port Type              Proto    Port Number\n\nhttp_port_t                    tcp      80, 81, 443, 8008-8010\nhttp_port_t                    udp      443",
    labels:
      "/etc/haproxy/haproxy.cfg verified.\n/etc/haproxy/site.pem has context unconfined_u:object_r:user_home_t:s0, should be system_u:object_r:etc_t:s0",
  });
  expect(selinux).toEqual({
    mode: "enforcing",
    booleans: new Map([
      ["haproxy_connect_any", false],
      ["keepalived_connect_any", true],
    ]),
    ports: new Map([["http_port_t", ["80", "81", "443", "8008-8010"]]]),
    mislabelled: new Map([
      [
        "/etc/haproxy/site.pem",
        { has: "unconfined_u:object_r:user_home_t:s0", should: "system_u:object_r:etc_t:s0" },
      ],
    ]),
  });
});
