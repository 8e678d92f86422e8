import { access } from "node:fs/promises";
import { bundle } from "./bundle.ts";
import { step } from "./step.ts";
import { NO_TESTS, runTests, type Totals } from "./vitest.ts";

/** Commands that the labs and the oracles need, and Debian's package of each. */
const PACKAGES: readonly (readonly [path: string, packageName: string])[] = [
  ["/usr/bin/systemd-nspawn", "systemd-container"],
  ["/usr/sbin/debootstrap", "debootstrap"],
  ["/usr/share/keyrings/debian-archive-keyring.gpg", "debian-archive-keyring"],
  ["/usr/sbin/ip", "iproute2"],
  ["/usr/sbin/nft", "nftables"],
  ["/usr/bin/ssh", "openssh-client"],
  ["/usr/sbin/sshd", "openssh-server"],
  ["/usr/bin/openssl", "openssl"],
  ["/bin/busybox", "busybox"],
  // Archives of all kinds, made and unpacked.
  ["/usr/bin/bzip2", "bzip2"],
  ["/usr/bin/unzip", "unzip"],
  ["/usr/bin/xz", "xz-utils"],
  ["/usr/bin/zip", "zip"],
  ["/usr/bin/zstd", "zstd"],
  ["/usr/bin/ansible-playbook", "ansible"],
  ["/usr/lib/python3/dist-packages/jinja2", "python3-jinja2"],
  // What Ansible hashes passwords with where it is there, as its packages recommend: without it the defaults are others.
  ["/usr/lib/python3/dist-packages/passlib", "python3-passlib"],
  // What Ansible asks of apt on the machine that is its own node.
  ["/usr/lib/python3/dist-packages/apt", "python3-apt"],
  ["/usr/sbin/haproxy", "haproxy"],
  ["/usr/sbin/keepalived", "keepalived"],
  ["/usr/bin/vagrant", "vagrant"],
  ["/var/lib/dpkg/info/vagrant-libvirt.list", "vagrant-libvirt"],
  ["/var/lib/dpkg/info/vagrant-lxc.list", "vagrant-lxc"],
  ["/usr/bin/lxc-start", "lxc"],
  ["/usr/bin/chromium", "chromium"],
];

/** What the host is, as far as e2e tests care. */
export interface HostFacts {
  readonly linux: boolean;
  readonly root: boolean;
  readonly apt: boolean;
  readonly missing: readonly string[];
}

/** Why e2e tests cannot run here, in one line; null where they can. */
export const lackOf = ({ linux, root, apt, missing }: HostFacts): string | null => {
  if (!linux) return "the e2e tests need Linux";
  if (!root) return "the e2e tests need root: sudo npm run e2e";
  if (missing.length > 0 && !apt)
    return `the e2e tests need ${missing.join(", ")}, and there is no apt to install them`;
  return null;
};

/** Installs what all tests need, where that is possible here; false where it failed. */
export const prepareHost = async (): Promise<boolean> => {
  const facts = await hostFacts();
  return lackOf(facts) !== null || (await install(facts.missing));
};

/** Runs the e2e tests, installing what they need. Where they cannot run that is one skipped test, in CI a failed one. */
export const runE2e = async (
  write: (text: string) => void,
  words: readonly string[] = [],
): Promise<Totals> => {
  const facts = await hostFacts();
  const lack = lackOf(facts);
  if (lack !== null) {
    const inCi = process.env.CI !== undefined && process.env.CI !== "" && process.env.CI !== "false";
    write(`${inCi ? "FAILED" : "skipped"}: ${lack}\n`);
    return inCi ? { ...NO_TESTS, failed: 1 } : { ...NO_TESTS, skipped: 1 };
  }
  if (!(await install(facts.missing))) return { ...NO_TESTS, failed: 1 };
  await bundle();
  return runTests("e2e", words);
};

const hostFacts = async (): Promise<HostFacts> => {
  const missing: string[] = [];
  for (const [path, packageName] of PACKAGES) if (!(await exists(path))) missing.push(packageName);
  return {
    linux: process.platform === "linux",
    root: process.getuid?.() === 0,
    apt: await exists("/usr/bin/apt-get"),
    missing,
  };
};

/** Debian's packages; services that come with them are not started: the oracles only need the programs. */
const install = async (missing: readonly string[]): Promise<boolean> => {
  if (missing.length === 0) return true;
  const env = { DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" };
  const update = await step(["apt-get", "-q", "update"], { output: "show", env });
  const installed = await step(["apt-get", "-q", "install", "-y", "--no-install-recommends", ...missing], {
    output: "show",
    env,
  });
  return update.code === 0 && installed.code === 0;
};

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
