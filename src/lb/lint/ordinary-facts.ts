import type { FileFact, NodeFacts, ProcessFact } from "../pair/facts.ts";

/**
 * What an ordinary Debian 12 node answers: one interface `eth0` at 192.0.2.10 + `number`, both daemons of the
 * distribution at work, rsyslog listening on the loopback. What examples of rules say of a node is on top of this.
 */
export const ordinaryFacts = (number: number): NodeFacts => ({
  haproxy: {
    version: [2, 6, 12],
    text: "HAProxy version 2.6.12-1+deb12u2 2024/05/28 - https://haproxy.org/\nBuilt with OpenSSL version : OpenSSL 3.0.13 30 Jan 2024\n",
    openssl: true,
  },
  keepalived: { version: [2, 2, 7], text: "Keepalived v2.2.7 (01/16,2022)\n" },
  os: { id: "debian", version: "12", family: "debian" },
  addresses: [
    { address: "127.0.0.1", prefix: 8, dev: "lo", family: "ipv4" },
    { address: "::1", prefix: 128, dev: "lo", family: "ipv6" },
    { address: `192.0.2.${10 + number}`, prefix: 24, dev: "eth0", family: "ipv4" },
    { address: `2001:db8::${10 + number}`, prefix: 64, dev: "eth0", family: "ipv6" },
    { address: `fe80::${10 + number}`, prefix: 64, dev: "eth0", family: "ipv6" },
  ],
  links: [
    { name: "lo", flags: ["LOOPBACK", "UP", "LOWER_UP"], mtu: 65_536 },
    { name: "eth0", flags: ["BROADCAST", "MULTICAST", "UP", "LOWER_UP"], mtu: 1500 },
  ],
  sysctl: new Map([
    ["net.ipv4.ip_nonlocal_bind", "1"],
    ["net.ipv6.ip_nonlocal_bind", "1"],
    ["net.ipv4.ip_forward", "0"],
    ["net.ipv4.conf.all.rp_filter", "2"],
    ["net.ipv4.conf.eth0.rp_filter", "2"],
    ["net.ipv4.ip_local_port_range", "32768\t60999"],
    ["net.core.somaxconn", "4096"],
    ["net.ipv4.tcp_max_syn_backlog", "4096"],
    ["fs.nr_open", "1048576"],
  ]),
  units: new Map([
    ["haproxy.service", service("/usr/sbin/haproxy", "-Ws -f $CONFIG -p $PIDFILE $EXTRAOPTS", "524288")],
    ["keepalived.service", service("/usr/sbin/keepalived", "--dont-fork $DAEMON_ARGS", "1024")],
    ["rsyslog.service", service("/usr/sbin/rsyslogd", "-n -iNONE", "1024")],
  ]),
  files: new Map([
    ["/etc/haproxy", directory(0o755, "root", "root")],
    ["/etc/haproxy/haproxy.cfg", file(0o644, "root", "root")],
    ["/etc/keepalived", directory(0o755, "root", "root")],
    ["/etc/keepalived/keepalived.conf", file(0o640, "root", "root")],
    ["/run/haproxy", directory(0o2775, "haproxy", "haproxy")],
    ["/var/lib/haproxy", directory(0o755, "root", "root")],
  ]),
  users: new Set(["root", "daemon", "nobody", "syslog", "haproxy", "keepalived_script"]),
  groups: new Set(["root", "daemon", "nogroup", "adm", "haproxy", "keepalived_script"]),
  listeners: [
    { protocol: "tcp", address: "0.0.0.0", port: 22, process: "sshd" },
    { protocol: "udp", address: "127.0.0.1", port: 514, process: "rsyslogd" },
  ],
  virtualization: { kind: "vm", name: "kvm" },
  certificates: new Map(),
  keys: new Map(),
  directories: new Map(),
  hostname: `lb${number}`,
  cpus: 2,
  memory: 4 * 1024 ** 3,
  processes: [
    ordinaryProcess(601, 1, "haproxy", HAPROXY, "haproxy.service"),
    ordinaryProcess(603, 601, "haproxy", HAPROXY, "haproxy.service"),
    ordinaryProcess(611, 1, "keepalived", KEEPALIVED, "keepalived.service"),
    ordinaryProcess(612, 611, "keepalived", KEEPALIVED, "keepalived.service"),
  ],
  staticAddresses: new Map([["/etc/network/interfaces", [`192.0.2.${10 + number}`]]]),
  reachable: new Map(),
  firewall: { kind: "none" },
  selinux: null,
  cloud: "none",
  clockOffset: 0,
  vrrp: { heard: [], answers: new Map() },
});

const HAPROXY =
  "/usr/sbin/haproxy -Ws -f /etc/haproxy/haproxy.cfg -p /run/haproxy.pid -S /run/haproxy-master.sock";
const KEEPALIVED = "/usr/sbin/keepalived --dont-fork";

const ordinaryProcess = (
  pid: number,
  parent: number,
  name: string,
  command: string,
  unit: string,
): ProcessFact => ({ pid, parent, name, argv: command.split(" "), unit });

const service = (program: string, args: string, openFiles: string): ReadonlyMap<string, string> =>
  new Map([
    ["LoadState", "loaded"],
    ["ActiveState", "active"],
    ["SubState", "running"],
    ["UnitFileState", "enabled"],
    ["ExecStart", `${program} ${args}`],
    ["LimitNOFILE", openFiles],
    ["Restart", "always"],
  ]);

const directory = (mode: number, owner: string, group: string): FileFact => ({
  kind: "directory",
  mode,
  owner,
  group,
  digest: null,
  text: null,
});

const file = (mode: number, owner: string, group: string): FileFact => ({
  kind: "file",
  mode,
  owner,
  group,
  digest: "0".repeat(64),
  text: null,
});
