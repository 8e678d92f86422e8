import type { Value } from "../../core/value.ts";
import { type Gathered, sectionLines, sectionText } from "./gather.ts";

/** Facts by their names without `ansible_`. */
export type Facts = Readonly<Record<string, Value>>;

/** Kernel, names and machine. */
export const platformFacts = (gathered: Gathered): Facts => {
  const nodename = sectionText(gathered, "/proc/sys/kernel/hostname");
  const resolved = sectionText(gathered, "fqdn");
  const fqdn = resolved === "" ? nodename : resolved;
  const machine = sectionText(gathered, "machine");
  const id = sectionText(gathered, "/etc/machine-id");
  return {
    system: sectionText(gathered, "/proc/sys/kernel/ostype"),
    kernel: sectionText(gathered, "/proc/sys/kernel/osrelease"),
    kernel_version: sectionText(gathered, "/proc/sys/kernel/version"),
    machine,
    architecture: /^i[3456]86$/.test(machine) ? "i386" : machine,
    userspace_architecture: /^i[3456]86$/.test(machine) ? "i386" : machine,
    userspace_bits: /64|s390x|alpha/.test(machine) ? "64" : "32",
    nodename,
    hostname: nodename.split(".")[0] ?? "",
    fqdn,
    domain: fqdn.split(".").slice(1).join("."),
    ...(id === "" ? {} : { machine_id: id }),
  };
};

/** Distribution, its family, and what manages packages and services there. */
export const distributionFacts = (gathered: Gathered): Facts => {
  const release = keyValues(sectionText(gathered, "/etc/os-release"));
  const found = identify(gathered, release);
  const [major = "", minor] = found.version.split(".");
  const family = FAMILIES[found.name] ?? found.name;
  return {
    distribution: found.name,
    distribution_version: found.version,
    distribution_major_version: major,
    ...(minor === undefined ? {} : { distribution_minor_version: minor }),
    distribution_release: found.release,
    distribution_file_path: found.file,
    distribution_file_variety: found.variety,
    distribution_file_parsed: true,
    os_family: family,
    lsb: lsbFacts(gathered, release),
    pkg_mgr: packageManager(gathered, family, major),
    service_mgr: serviceManager(gathered),
  };
};

interface Distribution {
  readonly name: string;
  readonly version: string;
  readonly release: string;
  readonly file: string;
  readonly variety: string;
}

/** The files of the Red Hat family say more than their os-release: minor version and code name. */
const identify = (gathered: Gathered, release: ReadonlyMap<string, string>): Distribution => {
  const id = release.get("ID") ?? "";
  const version = release.get("VERSION_ID") ?? "";
  const codename = release.get("VERSION_CODENAME") ?? "";
  const redhat = sectionText(gathered, "/etc/redhat-release");
  if (redhat !== "") {
    const full = / release (\S+)/.exec(redhat)?.[1] ?? version;
    return {
      name: NAMES[id] ?? (redhat.split(" release")[0]?.replace(/ Linux.*/, "") || "RedHat"),
      version: full.split(".").slice(0, 2).join("."),
      release: /\(([^)]*)\)/.exec(redhat)?.[1] ?? "",
      file: "/etc/redhat-release",
      variety: "RedHat",
    };
  }
  const name = NAMES[id] ?? release.get("NAME") ?? "Linux";
  const file = "/etc/os-release";
  if (id === "debian") {
    const point = sectionText(gathered, "/etc/debian_version");
    const numbered = /^\d+(\.\d+)*$/.test(point) && (version === "" || point.split(".")[0] === version);
    const sid = point.split("/")[0] ?? "";
    return {
      name,
      version: numbered ? point : version === "" ? point : version,
      release: codename === "" ? sid : codename,
      file,
      variety: "Debian",
    };
  }
  if (id === "alpine")
    return {
      name,
      version: sectionText(gathered, "/etc/alpine-release") || version,
      release: "NA",
      file: "/etc/alpine-release",
      variety: "Alpine",
    };
  const variety = FAMILIES[name] === "Debian" ? "Debian" : FAMILIES[name] === "Suse" ? "SUSE" : "NA";
  return { name, version, release: codename === "" ? "NA" : codename, file, variety };
};

/** Ansible's names for what os-release calls `ID`. */
const NAMES: Readonly<Record<string, string>> = {
  debian: "Debian",
  ubuntu: "Ubuntu",
  raspbian: "Raspbian",
  linuxmint: "Linux Mint",
  devuan: "Devuan",
  kali: "Kali",
  centos: "CentOS",
  rhel: "RedHat",
  rocky: "Rocky",
  almalinux: "AlmaLinux",
  fedora: "Fedora",
  ol: "OracleLinux",
  amzn: "Amazon",
  scientific: "Scientific",
  sles: "SLES",
  "opensuse-leap": "openSUSE Leap",
  "opensuse-tumbleweed": "openSUSE Tumbleweed",
  arch: "Archlinux",
  alpine: "Alpine",
};

const FAMILIES: Readonly<Record<string, string>> = {
  Debian: "Debian",
  Ubuntu: "Debian",
  Raspbian: "Debian",
  "Linux Mint": "Debian",
  Devuan: "Debian",
  Kali: "Debian",
  RedHat: "RedHat",
  CentOS: "RedHat",
  Rocky: "RedHat",
  AlmaLinux: "RedHat",
  Fedora: "RedHat",
  OracleLinux: "RedHat",
  Amazon: "RedHat",
  Scientific: "RedHat",
  SLES: "Suse",
  "openSUSE Leap": "Suse",
  "openSUSE Tumbleweed": "Suse",
};

/** Lines such as `ID="rocky"`, as shell assignments. */
export const keyValues = (text: string): ReadonlyMap<string, string> =>
  new Map(
    text.split("\n").flatMap((line) => {
      const [, key, value] = /^\s*([A-Za-z_]\w*)=(.*?)\s*$/.exec(line) ?? [];
      return key === undefined || value === undefined
        ? []
        : [[key, value.replace(/^(["'])(.*)\1$/, "$2")] as const];
    }),
  );

/** lsb_release itself is a slow program on old nodes; it says what os-release says. */
const lsbFacts = (gathered: Gathered, release: ReadonlyMap<string, string>): Value => {
  const file = keyValues(sectionText(gathered, "/etc/lsb-release"));
  const tool = sectionLines(gathered, "exists").includes("/usr/bin/lsb_release");
  if (!tool && !file.has("DISTRIB_ID")) return new Map();
  const id = release.get("ID") ?? "";
  const version = file.get("DISTRIB_RELEASE") ?? release.get("VERSION_ID") ?? "";
  return new Map<Value, Value>([
    ["id", file.get("DISTRIB_ID") ?? NAMES[id] ?? id],
    ["description", file.get("DISTRIB_DESCRIPTION") ?? release.get("PRETTY_NAME") ?? ""],
    ["release", version],
    ["codename", file.get("DISTRIB_CODENAME") ?? release.get("VERSION_CODENAME") ?? ""],
    ["major_release", version.split(".")[0] ?? ""],
  ]);
};

const packageManager = (gathered: Gathered, family: string, major: string): string => {
  const exists = new Set(sectionLines(gathered, "exists"));
  if (family === "Debian" && exists.has("/usr/bin/apt-get")) return "apt";
  if (family === "RedHat") {
    const dnf = ["/usr/bin/dnf", "/usr/bin/dnf-3", "/usr/bin/microdnf"].some((path) => exists.has(path));
    return dnf && Number(major) >= 8 ? "dnf" : exists.has("/usr/bin/yum") ? "yum" : dnf ? "dnf" : "unknown";
  }
  const [, other] = OTHER_MANAGERS.find(([path]) => exists.has(path)) ?? [];
  return other ?? "unknown";
};

const OTHER_MANAGERS = [
  ["/usr/bin/zypper", "zypper"],
  ["/sbin/apk", "apk"],
  ["/usr/bin/pacman", "pacman"],
  ["/usr/bin/apt-get", "apt"],
  ["/usr/bin/dnf", "dnf"],
  ["/usr/bin/yum", "yum"],
] as const;

/** `init`, or a shell as in a container, does not say which init it is. */
const serviceManager = (gathered: Gathered): string => {
  const first = sectionText(gathered, "/proc/1/comm");
  if (first !== "" && first !== "init" && !first.endsWith("sh")) return INITS[first] ?? first;
  const exists = new Set(sectionLines(gathered, "exists"));
  if (exists.has("/run/systemd/system")) return "systemd";
  if (exists.has("/sbin/openrc")) return "openrc";
  return exists.has("/etc/init.d") ? "sysvinit" : "service";
};

const INITS: Readonly<Record<string, string>> = {
  procd: "openwrt_init",
  "runit-init": "runit",
  svscan: "svc",
  "openrc-init": "openrc",
};
