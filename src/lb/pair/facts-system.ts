import { map, type Probe, read } from "../../core/probe.ts";
import { argv } from "../../core/shell.ts";
import { type Frame, frames, named, PUT, textOf } from "../live/frames.ts";
import { PROCESSES } from "../live/processes.ts";
import { parseVersion } from "../version.ts";
import type { Listener, NodeAddress, NodeFacts, NodeLink, ProcessFact } from "./facts.ts";
import type { FactsWanted } from "./facts-wanted.ts";

const UNITS = [
  "haproxy",
  "keepalived",
  "rsyslog",
  "syslog-ng",
  "firewalld",
  "tuned",
  "NetworkManager",
  "systemd-networkd",
  "chronyd",
  "systemd-timesyncd",
].map((name) => `${name}.service`);

const PROPERTIES =
  "Id,LoadState,ActiveState,SubState,UnitFileState,ExecStart,LimitNOFILE,Restart,User,BindReadOnlyPaths,BindPaths,BindsTo,Requires,PartOf,Wants,After,FragmentPath,DropInPaths";

const KEYS = [
  "net.ipv4.ip_nonlocal_bind",
  "net.ipv6.ip_nonlocal_bind",
  "net.ipv4.ip_forward",
  "net.core.somaxconn",
  "net.ipv4.tcp_max_syn_backlog",
  "net.ipv4.tcp_tw_reuse",
  "net.ipv4.ip_local_port_range",
  "net.ipv4.ip_local_reserved_ports",
  "net.netfilter.nf_conntrack_max",
  "net.netfilter.nf_conntrack_count",
  "fs.nr_open",
];

/** Of these every interface has its own. */
const INTERFACE_KEYS = ["rp_filter", "arp_ignore", "arp_announce", "promote_secondaries"];

const script = ({ users, groups }: FactsWanted): string => `
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
command -v timeout >/dev/null || timeout() { shift; "$@"; }
${PUT}
${PROCESSES}
main=$(main_of haproxy)
program=haproxy
[ -z "$main" ] || program=$(readlink "/proc/$main/exe")
program=\${program% (deleted)}
said=$(timeout 5 "\${program%-systemd-wrapper}" -vv 2>&1 </dev/null); put haproxy $? "$said"
said=$(timeout 5 keepalived -v 2>&1 </dev/null); put keepalived $? "$said"
said=$(cat /etc/os-release 2>/dev/null); put os $? "$said"
said=$(ip -o addr show 2>/dev/null); put addresses $? "$said"
said=$(ip -o link show 2>/dev/null); put links $? "$said"
put sysctl 0 "$(cd /proc/sys && grep -sH '' ${KEYS.map((key) => key.replaceAll(".", "/")).join(" ")} ${INTERFACE_KEYS.map((key) => `net/ipv4/conf/*/${key}`).join(" ")})"
said=$(timeout 10 systemctl show -p ${PROPERTIES} ${UNITS.join(" ")} 2>/dev/null); put units $? "$said"
said=$(cut -d: -f1 /etc/passwd; timeout 5 getent ${argv("passwd", ...users)} | cut -d: -f1); put users 0 "$said"
said=$(cut -d: -f1 /etc/group; timeout 5 getent ${argv("group", ...groups)} | cut -d: -f1); put groups 0 "$said"
said=$(timeout 5 ss -ltnup 2>/dev/null); put listeners $? "$said"
name=$(uname -n); put hostname 0 "\${name%%.*}"
said=$(getconf _NPROCESSORS_ONLN 2>/dev/null); put cpus $? "$said"
put memory 0 "$(sed -n 's/^MemTotal: *\\([0-9]*\\) kB/\\1/p' /proc/meminfo)"
! command -v systemd-detect-virt >/dev/null || put virtualization 0 "$(systemd-detect-virt -c) $(systemd-detect-virt)"
put machine 0 "$(for name in sys_vendor product_name chassis_asset_tag bios_version; do cat "/sys/class/dmi/id/$name" 2>/dev/null; done)"
own=$(readlink /proc/self/ns/net)
for directory in /proc/[0-9]*; do
  name=; read -r name 2>/dev/null <"$directory/comm" || continue
  case "$name" in haproxy*|keepalived*) ;; *) continue ;; esac
  [ "$(readlink "$directory/ns/net")" = "$own" ] || continue
  put "process:\${directory##*/} $(sed -n 's/^PPid:[[:space:]]*//p' "$directory/status" 2>/dev/null) $name" 0 "$(cat "$directory/cgroup" 2>/dev/null; echo argv; tr '\\0' '\\n' <"$directory/cmdline" 2>/dev/null)"
done
put done 0 ""`;

type SystemFacts = Pick<
  NodeFacts,
  | "haproxy"
  | "keepalived"
  | "os"
  | "addresses"
  | "links"
  | "sysctl"
  | "units"
  | "users"
  | "groups"
  | "listeners"
  | "hostname"
  | "cpus"
  | "memory"
  | "virtualization"
  | "cloud"
  | "processes"
>;

/** What a node is: its programs, addresses, kernel, services, processes. */
export const systemFacts = (wanted: FactsWanted): Probe<SystemFacts> =>
  map(read(script(wanted), frames), (all): SystemFacts => {
    const virtualization = virtualizationOf(textOf(all, "virtualization"));
    return {
      haproxy: haproxyOf(textOf(all, "haproxy")),
      keepalived: keepalivedOf(all),
      os: osOf(textOf(all, "os")),
      addresses: addressesOf(textOf(all, "addresses")),
      links: linksOf(textOf(all, "links")),
      sysctl: settingsOf(textOf(all, "sysctl")),
      units: unitsOf(textOf(all, "units")),
      users: namesOf(textOf(all, "users")),
      groups: namesOf(textOf(all, "groups")),
      listeners: listenersOf(textOf(all, "listeners")),
      hostname: textOf(all, "hostname") || null,
      cpus: Number(textOf(all, "cpus") ?? "") || null,
      memory: Number(textOf(all, "memory") ?? "") * 1024 || null,
      virtualization,
      // A container sees the machine that it runs on.
      cloud: virtualization?.kind === "container" ? null : cloudOf(textOf(all, "machine")),
      processes: textOf(all, "done") === null ? null : named(all, "process").flatMap(processOf),
    };
  });

const haproxyOf = (text: string | null): NodeFacts["haproxy"] => {
  const version = text === null ? null : parseVersion(text);
  return text === null || version === null
    ? null
    : { version, text, openssl: /^Built with OpenSSL version/m.test(text) };
};

/** Some versions exit with an error beside what they say. */
const keepalivedOf = (all: readonly Frame[]): NodeFacts["keepalived"] => {
  const text = all.find(({ name }) => name === "keepalived")?.text ?? "";
  const version = /^Keepalived v/m.test(text) ? parseVersion(text) : null;
  return version === null ? null : { version, text };
};

const osOf = (text: string | null): NodeFacts["os"] => {
  const values = new Map(
    [...(text ?? "").matchAll(/^(\w+)="?([^"\n]*)"?$/gm)].map(([, key = "", value = ""]) => [key, value]),
  );
  const id = values.get("ID");
  if (id === undefined) return null;
  const like = `${id} ${values.get("ID_LIKE") ?? ""}`;
  const family = /\b(debian|ubuntu)\b/.test(like)
    ? "debian"
    : /\b(rhel|fedora|centos)\b/.test(like)
      ? "redhat"
      : "other";
  return { id, version: values.get("VERSION_ID") ?? "", family };
};

const addressesOf = (text: string | null): readonly NodeAddress[] | null =>
  text === null
    ? null
    : [...text.matchAll(/^\d+: +(\S+) +(inet6?) ([^ /]+)(?:\/(\d+))?(?: peer [^ /]+\/(\d+))?/gm)].map(
        ([, dev = "", kind, address = "", prefix, peer]) => ({
          address,
          prefix: Number(prefix ?? peer ?? (kind === "inet" ? 32 : 128)),
          dev,
          family: kind === "inet" ? "ipv4" : "ipv6",
        }),
      );

const linksOf = (text: string | null): readonly NodeLink[] | null =>
  text === null
    ? null
    : [...text.matchAll(/^\d+: +([^:@\s]+)(?:@\S+)?: <([^>]*)> mtu (\d+)/gm)].map(
        ([, name = "", flags = "", mtu]) => ({
          name,
          flags: flags.split(",").filter((flag) => flag !== ""),
          mtu: Number(mtu),
        }),
      );

/** `net/ipv4/ip_forward:0`, as grep prints it. */
const settingsOf = (text: string | null): ReadonlyMap<string, string> | null =>
  text === null || text === ""
    ? null
    : new Map(
        [...text.matchAll(/^([^:\n]+):(.*)$/gm)].map(([, path = "", value = ""]) => [
          path.replaceAll("/", "."),
          value,
        ]),
      );

/** Blocks of `Key=value`, by their Id; of ExecStart only the command line is kept. */
const unitsOf = (text: string | null): NodeFacts["units"] =>
  text === null || text === ""
    ? null
    : new Map(
        text.split(/\n\n+/).flatMap((block) => {
          const values = new Map(
            [...block.matchAll(/^(\w+)=(.*)$/gm)].map(([, key = "", value = ""]) => [
              key,
              key === "ExecStart" ? (/argv\[\]=(.*?) ; /.exec(value)?.[1] ?? value) : value,
            ]),
          );
          const id = values.get("Id");
          return id === undefined ? [] : [[id, values] as const];
        }),
      );

const namesOf = (text: string | null): ReadonlySet<string> | null =>
  text === null || text === "" ? null : new Set(text.split("\n"));

const listenersOf = (text: string | null): readonly Listener[] | null =>
  text === null
    ? null
    : text.split("\n").flatMap((line) => {
        const [protocol, , , , local = ""] = line.split(/\s+/);
        const [, host, port] = /^(.*):(\d+)$/.exec(local) ?? [];
        if ((protocol !== "tcp" && protocol !== "udp") || host === undefined) return [];
        const address = host.replace(/%[^\]]*/, "").replace(/^\[(.*)\]$/, "$1");
        return [
          { protocol, address, port: Number(port), process: /users:\(\("([^"]+)"/.exec(line)?.[1] ?? null },
        ];
      });

const virtualizationOf = (text: string | null): NodeFacts["virtualization"] => {
  const [container = "", all = ""] = (text ?? "").split(" ");
  if (text === null || all === "") return null;
  if (container !== "none") return { kind: "container", name: container };
  return { kind: all === "none" ? "none" : "vm", name: all };
};

const cloudOf = (machine: string | null): NodeFacts["cloud"] => {
  if (machine === null || machine === "") return null;
  if (/amazon/i.test(machine)) return "aws";
  if (/Google Compute Engine/.test(machine)) return "google";
  // Hyper-V's vendor is the same everywhere; this tag is Azure's.
  return machine.includes("7783-7084-3265-9085-8269-3286-77") ? "azure" : "none";
};

const processOf = ({
  name,
  text,
}: {
  readonly name: string;
  readonly text: string;
}): readonly ProcessFact[] => {
  const [, pid, parent, command = ""] = /^(\d+) (\d+) (.*)$/.exec(name) ?? [];
  const [groups = "", words = ""] = text.split(/^argv\n?/m);
  if (pid === undefined) return [];
  return [
    {
      pid: Number(pid),
      parent: Number(parent),
      name: command,
      argv: words.split("\n").filter((word) => word !== ""),
      unit: /\/([^/\n]+\.(?:service|scope))(?=\/|$)/m.exec(groups)?.[1] ?? null,
    },
  ];
};
