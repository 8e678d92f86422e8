import { access, readFile, stat } from "node:fs/promises";
import { LbplayError, LbplayErrors } from "../core/error.ts";
import { KEYRING } from "./apt-sources.ts";
import { run } from "./command.ts";

/** Commands that the lab needs, and Debian's package of each. */
const COMMANDS: readonly (readonly [command: string, packageName: string])[] = [
  ["systemd-nspawn", "systemd-container"],
  ["debootstrap", "debootstrap"],
  ["ip", "iproute2"],
  ["nft", "nftables"],
  ["ssh", "openssh-client"],
  ["ssh-keygen", "openssh-client"],
  ["unshare", "util-linux"],
  ["nsenter", "util-linux"],
];

/** What is known of a host before anything is made on it. */
export interface HostFacts {
  readonly platform: string;
  readonly root: boolean;
  readonly missingCommands: readonly string[];
  readonly keyring: boolean;
  readonly apt: boolean;
  /** null: the host is no Linux. */
  readonly filesystems: string | null;
  readonly cgroup2: boolean;
}

/** Why a host cannot have a lab: each with one line and the command that mends it. */
export const preconditionFaults = (facts: HostFacts): readonly LbplayError[] => {
  if (facts.filesystems === null) {
    return [
      new LbplayError({
        code: "E_LAB_NOT_LINUX",
        message: `the embedded lab needs Linux; this is ${facts.platform}`,
        hint: "use the Vagrantfile (docs/vagrant.md), or run this inside a Linux machine",
      }),
    ];
  }
  const faults: LbplayError[] = [];
  const fault = (code: string, message: string, hint: string): void => {
    faults.push(new LbplayError({ code, message, hint }));
  };
  if (!facts.root) fault("E_LAB_NOT_ROOT", "the embedded lab needs root", "run it again with sudo");
  if (!facts.apt) {
    fault(
      "E_LAB_HOST",
      "the embedded lab gets its packages with the host's apt, and there is none",
      "use a Debian or Ubuntu host, or the Vagrantfile (docs/vagrant.md)",
    );
  }
  const packages = new Set(
    COMMANDS.filter(([command]) => facts.missingCommands.includes(command)).map(([, name]) => name),
  );
  if (!facts.keyring) packages.add("debian-archive-keyring");
  if (packages.size > 0) {
    const missing = [...facts.missingCommands, ...(facts.keyring ? [] : [KEYRING])].join(", ");
    fault("E_LAB_PACKAGES", `not installed: ${missing}`, `apt-get install -y ${[...packages].join(" ")}`);
  }
  if (!/\boverlay\b/.test(facts.filesystems)) {
    fault("E_LAB_OVERLAY", "the kernel has no overlay file system", "modprobe overlay");
  }
  if (!facts.cgroup2) {
    fault(
      "E_LAB_CGROUP",
      "no cgroup2 hierarchy is mounted for writing",
      "mkdir -p /sys/fs/cgroup/unified && mount -t cgroup2 cgroup2 /sys/fs/cgroup/unified",
    );
  }
  return faults;
};

/** Refuses a host that cannot have a lab, with all its faults at once. */
export const checkHost = async (platform: string): Promise<void> => {
  const faults = preconditionFaults(await hostFacts(platform));
  const [only, ...others] = faults;
  if (only === undefined) return;
  throw others.length === 0 ? only : new LbplayErrors(faults);
};

const hostFacts = async (platform: string): Promise<HostFacts> => {
  const filesystems =
    platform === "linux" ? await readFile("/proc/filesystems", "utf8").catch(() => "") : null;
  const mounts = await readFile("/proc/self/mounts", "utf8").catch(() => "");
  const asked = await run([
    "sh",
    "-c",
    'for name; do command -v "$name" >/dev/null || echo "$name"; done',
    "sh",
    ...COMMANDS.map(([command]) => command),
  ]);
  return {
    platform,
    root: platform === "linux" && (await stat("/proc/self")).uid === 0,
    missingCommands: asked.stdout.split("\n").filter((name) => name !== ""),
    keyring: await exists(KEYRING),
    apt: await exists("/usr/lib/apt/apt-helper"),
    filesystems,
    cgroup2: /^\S+ \S+ cgroup2 (?:\S+,)?rw\b/m.test(mounts),
  };
};

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
