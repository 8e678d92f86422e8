import { type Probe, type ReadResult, read } from "../../core/probe.ts";
import { quote } from "../../core/shell.ts";
import { labelled } from "../shared-probes/label.ts";

/** What a node answered, by section: the path of a file, or the name of a question. */
export type Gathered = ReadonlyMap<string, string>;

/** The groups of facts that can be left out; the rest is always gathered. */
export interface Subsets {
  readonly hardware: boolean;
  readonly network: boolean;
  readonly virtual: boolean;
}

/** Everything that facts are made of. One read; files are read by one process. */
export const gather = (subsets: Subsets, factPath: string): Probe<Gathered> =>
  read(gatherScript(subsets, factPath), sectionsOf);

const FILES = [
  "/proc/sys/kernel/ostype",
  "/proc/sys/kernel/hostname",
  "/proc/sys/kernel/osrelease",
  "/proc/sys/kernel/version",
  "/proc/sys/crypto/fips_enabled",
  "/proc/cmdline",
  "/proc/1/comm",
  "/proc/self/status",
  "/etc/os-release",
  "/etc/debian_version",
  "/etc/redhat-release",
  "/etc/lsb-release",
  "/etc/alpine-release",
  "/etc/machine-id",
  "/etc/resolv.conf",
  "/etc/selinux/config",
  "/sys/fs/selinux/enforce",
  "/sys/fs/selinux/policyvers",
  "/etc/ssh/ssh_host_rsa_key.pub",
  "/etc/ssh/ssh_host_ecdsa_key.pub",
  "/etc/ssh/ssh_host_ed25519_key.pub",
];

const HARDWARE_FILES = ["/proc/cpuinfo", "/proc/meminfo", "/proc/uptime", "/proc/loadavg", "/proc/mounts"];

const VIRTUAL_FILES = ["/proc/cpuinfo", "/proc/1/cgroup", "/run/systemd/container", "/proc/modules"];

const DMI = "/sys/devices/virtual/dmi/id";

const DMI_FILES = [
  "bios_date",
  "bios_vendor",
  "bios_version",
  "board_asset_tag",
  "board_name",
  "board_serial",
  "board_vendor",
  "board_version",
  "chassis_asset_tag",
  "chassis_serial",
  "chassis_vendor",
  "chassis_version",
  "product_family",
  "product_name",
  "product_serial",
  "product_uuid",
  "product_version",
  "sys_vendor",
].map((name) => `${DMI}/${name}`);

const EXISTING = [
  "/run/systemd/system",
  "/sbin/openrc",
  "/etc/init.d",
  "/usr/bin/apt-get",
  "/usr/bin/dnf",
  "/usr/bin/dnf-3",
  "/usr/bin/microdnf",
  "/usr/bin/yum",
  "/usr/bin/zypper",
  "/usr/bin/pacman",
  "/sbin/apk",
  "/usr/bin/lsb_release",
  "/sys/kernel/security/apparmor",
  "/.dockerenv",
  "/proc/vz",
  "/proc/lve",
  "/proc/bc",
  "/proc/xen",
  "/dev/kvm",
];

/** `read` is a builtin: the small files of /sys cost no process each. */
const gatherScript = ({ hardware, network, virtual }: Subsets, factPath: string): string => {
  const files = [
    ...FILES,
    ...(hardware ? HARDWARE_FILES : []),
    ...(virtual ? VIRTUAL_FILES : []),
    ...(hardware || virtual ? DMI_FILES : []),
  ];
  const groups = Object.entries({ hardware, network, virtual }).flatMap(([name, on]) => (on ? [name] : []));
  return labelled(`facts ${["min", ...groups].join(" ")}, local ones of ${factPath}`, [
    'm() { echo "--lbplay $1"; }',
    'v() { v=; read -r v <"$1"; } 2>/dev/null',
    "set --",
    `for f in ${[...new Set(files)].map((file) => quote(file)).join(" ")}; do`,
    '[ -f "$f" ] && [ -r "$f" ] && set -- "$@" "$f"; done',
    `awk 'FNR == 1 { print "--lbplay " FILENAME } { print }' "$@" 2>/dev/null`,
    ...LOCAL_FACTS(factPath),
    "m machine; uname -m",
    "m exists",
    `for f in ${EXISTING.join(" ")}; do [ ! -e "$f" ] || echo "$f"; done`,
    "m date; date '+%Y %m %d %H %M %S %s %N %Z %z %A %w %W'; date -u '+%Y %m %d %H %M %S'",
    'm passwd; getent passwd "$(id -u)"',
    "m fqdn; if command -v timeout >/dev/null 2>&1; then timeout 5 hostname -f; else hostname -f; fi 2>/dev/null",
    ...(hardware ? HARDWARE : []),
    ...(network ? NETWORK : []),
    ...(virtual ? ["m environ-1; tr '\\0' '\\n' </proc/1/environ 2>/dev/null | grep ^container="] : []),
    "m environ; cat /proc/self/environ",
    "exit 0",
  ]);
};

/** Facts in files that are programs are not run: reads change nothing. */
const LOCAL_FACTS = (factPath: string): readonly string[] => [
  `for f in ${quote(factPath)}/*.fact; do`,
  'if [ -x "$f" ] && [ -f "$f" ]; then m "program:$f"',
  'elif [ -r "$f" ]; then m "fact:$f"; cat "$f"; echo; fi; done',
];

const HARDWARE = [
  "m processors; getconf _NPROCESSORS_ONLN 2>/dev/null",
  "m filesystems; while read -r d p t o; do case $d in /*|*:/*) case $t in none) ;; *)",
  "printf '%s\\n' \"$p\"; t=; command -v timeout >/dev/null 2>&1 && t='timeout 5'",
  '$t stat -f -c \'%S %b %f %a %c %d\' "$(printf %b "$p")" 2>/dev/null || echo; esac ;; esac; done </proc/mounts',
  "m uuids; ls -l /dev/disk/by-uuid 2>/dev/null",
  'm blocks; for d in /sys/block/*; do [ -e "$d" ] || continue; l=${d##*/}',
  'for k in size removable queue/rotational queue/logical_block_size device/vendor device/model; do v "$d/$k"; l="$l|$v"; done',
  'case $(readlink "$d") in */virtual/*) l="$l|1" ;; *) l="$l|0" ;; esac; echo "$l"',
  'for q in "$d"/"${d##*/}"*; do [ -e "$q/size" ] || continue; v "$q/size"; s=$v; v "$q/start"; echo "+${q##*/}|$s|$v"; done; done',
];

const NETWORK = [
  'm links; for d in /sys/class/net/*; do [ -e "$d/mtu" ] || continue; l=${d##*/}',
  'for k in address mtu operstate type flags speed bridge/bridge_id bridge/stp_state bonding/mode bonding/miimon bonding/lacp_rate; do v "$d/$k"; l="$l|$v"; done',
  'n=; for q in "$d"/brif/*; do [ ! -e "$q" ] || n="$n ${q##*/}"; done',
  'v "$d/bonding/slaves"; echo "$l|$n|$v"; done',
  "m addresses; ip -o addr show 2>/dev/null",
  "m route4; ip -4 route get 8.8.8.8 2>/dev/null",
  "m route6; ip -6 route get 2404:6800:400a:800::1012 2>/dev/null",
];

const sectionsOf = (answer: ReadResult): Gathered => {
  const sections = new Map<string, string>();
  for (const block of answer.stdout
    .toString("utf8")
    .split(/^--lbplay /m)
    .slice(1)) {
    const end = block.indexOf("\n");
    sections.set(block.slice(0, end), block.slice(end + 1));
  }
  return sections;
};

/** A section's text without the last line feed; empty where the node has none. */
export const sectionText = (gathered: Gathered, name: string): string =>
  (gathered.get(name) ?? "").replace(/\n$/, "");

/** A section's lines that are not empty. */
export const sectionLines = (gathered: Gathered, name: string): readonly string[] =>
  (gathered.get(name) ?? "").split("\n").filter((line) => line !== "");

/** The content of a file of the node's firmware tables; null where it has none or they may not be read. */
export const dmi = (gathered: Gathered, name: string): string | null =>
  gathered.get(`${DMI}/${name}`)?.trim() ?? null;
