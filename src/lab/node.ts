import { createHash } from "node:crypto";
import { chmod, chown, mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { LbplayError } from "../core/error.ts";
import { argv } from "../core/shell.ts";
import { aptProxyLine } from "./apt-sources.ts";
import { entering, groupProcesses, type Hierarchies, isFrozen, killGroup, launch } from "./cgroup.ts";
import { must, poll, run } from "./command.ts";
import { hostKeyPath, sshOptions } from "./keys.ts";
import { gatewayAddress, hostNames, machineName, vethName } from "./names.ts";
import type { LabPaths, LabRecord, NodeRecord } from "./state.ts";

/** A lab whose host parts are known: what every step on a node needs. */
export interface LabSite {
  readonly record: LabRecord;
  readonly paths: LabPaths;
  readonly hierarchies: Hierarchies;
}

/** The group of all processes of a node. */
export const nodeGroup = ({ record }: LabSite, node: string): string =>
  `${hostNames(record.id).cgroup}/${node}`;

/** Whether a node runs, stands still, or is off. */
export type NodeState = "running" | "frozen" | "off";

/** A node's state. */
export const nodeState = async (site: LabSite, node: string): Promise<NodeState> => {
  if ((await nodeLeader(site, node)) === null) return "off";
  return (await isFrozen(site.hierarchies, nodeGroup(site, node))) === true ? "frozen" : "running";
};

/** The host's number of a node's first process, through which its namespaces are reached; null when it is off. */
export const nodeLeader = async (site: LabSite, node: string): Promise<number | null> => {
  for (const pid of await groupProcesses(site.hierarchies, nodeGroup(site, node))) {
    const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
    if (/^NSpid:\t\d+\t1$/m.test(status) && !/^State:\tZ/m.test(status)) return pid;
  }
  return null;
};

/** Boots a node on the disk that it has, or on a new one. */
export const startNode = async (site: LabSite, node: NodeRecord, proxyPort: number): Promise<void> => {
  await seed(site, node, proxyPort);
  const { record, paths, hierarchies } = site;
  await run(["ip", "link", "delete", vethName(node.name, record.id)]);
  const directory = paths.node(node.name);
  const overlay = `lowerdir=${node.layers.join(":")},upperdir=${directory}/upper,workdir=${directory}/work`;
  // The overlay is mounted in a mount namespace of the node's own: when the node is gone, so is the mount.
  const script = [
    argv("mount", "-t", "overlay", "overlay", "-o", overlay, `${directory}/root`),
    `exec ${argv(...nspawnWords(site, node))}`,
  ].join(" && ");
  await launch(hierarchies, {
    group: nodeGroup(site, node.name),
    words: ["unshare", "-m", "sh", "-c", script],
    input: "/dev/null",
    log: join(directory, "console.log"),
  });
};

const nspawnWords = ({ record, paths }: LabSite, { name }: NodeRecord): readonly string[] => [
  // Its lock files would stay behind when it is killed; nobody else runs these disks.
  "env",
  "SYSTEMD_NSPAWN_LOCK=0",
  "systemd-nspawn",
  "--quiet",
  "--register=no",
  "--keep-unit",
  "--settings=no",
  `--machine=${machineName(name, record.id)}`,
  `--directory=${paths.node(name)}/root`,
  `--hostname=${name}`,
  `--network-bridge=${hostNames(record.id).bridge}`,
  "--resolv-conf=off",
  "--timezone=off",
  "--boot",
  "--capability=all",
  "--console=pipe",
  // nspawn hides /sys/module; scripts that ask whether IPv6 is disabled look there.
  `--bind-ro=${paths.node(name)}/ipv6-disable:/sys/module/ipv6/parameters/disable`,
];

/** Files of this very node, laid over the image; what the node has changed itself is kept. */
const seed = async (site: LabSite, node: NodeRecord, proxyPort: number): Promise<void> => {
  const { record, paths } = site;
  const directory = paths.node(node.name);
  for (const part of ["upper", "work", "root"])
    await mkdir(join(directory, part), { recursive: true, mode: 0o755 });
  await writeFile(
    join(directory, "ipv6-disable"),
    await readFile("/sys/module/ipv6/parameters/disable").catch(() => "0\n"),
  );
  const gateway = gatewayAddress(record.id);
  await put(node, directory, "etc/apt/apt.conf.d/91lab-proxy", aptProxyLine(gateway, proxyPort));
  if (await stat(join(directory, "seeded")).catch(() => null)) return;
  const machineId = createHash("sha256")
    .update(`${record.name} ${node.name} ${record.id}`)
    .digest("hex")
    .slice(0, 32);
  await put(node, directory, "etc/machine-id", `${machineId}\n`);
  await put(node, directory, "etc/hostname", `${node.name}\n`);
  await put(node, directory, "etc/resolv.conf", resolvConf(await hostResolvConf()));
  await put(node, directory, "etc/systemd/network/10-host0.network", networkFile(node.address, gateway));
  const hostKey = hostKeyPath(paths, node.name);
  for (const [suffix, mode] of [
    ["", 0o600],
    [".pub", 0o644],
  ] as const) {
    await put(
      node,
      directory,
      `etc/ssh/ssh_host_ed25519_key${suffix}`,
      await readFile(hostKey + suffix, "utf8"),
      mode,
    );
  }
  const publicKey = await readFile(`${paths.key}.pub`, "utf8");
  for (const home of ["root", "home/admin", "home/operator"]) {
    await put(node, directory, `${home}/.ssh/authorized_keys`, publicKey, 0o600);
    const { uid, gid } = await stat(join(directory, "upper", home));
    await chown(join(directory, "upper", home, ".ssh"), uid, gid);
    await chmod(join(directory, "upper", home, ".ssh"), 0o700);
    await chown(join(directory, "upper", home, ".ssh/authorized_keys"), uid, gid);
  }
  await writeFile(join(directory, "seeded"), "");
};

/** Writes a file into the node's own layer; directories above it are as in the image. */
const put = async (
  node: NodeRecord,
  directory: string,
  path: string,
  text: string,
  mode = 0o644,
): Promise<void> => {
  await likeInImage(node, join(directory, "upper"), dirname(path));
  const target = join(directory, "upper", path);
  await rm(target, { force: true });
  await writeFile(target, text, { mode });
};

const likeInImage = async (node: NodeRecord, upper: string, path: string): Promise<void> => {
  if (path === "." || (await stat(join(upper, path)).catch(() => null)) !== null) return;
  await likeInImage(node, upper, dirname(path));
  await mkdir(join(upper, path));
  for (const layer of node.layers) {
    const original = await stat(join(layer, path)).catch(() => null);
    if (original === null) continue;
    await chown(join(upper, path), original.uid, original.gid);
    await chmod(join(upper, path), original.mode & 0o7777);
    return;
  }
};

const hostResolvConf = async (): Promise<string> => {
  const own = await readFile("/etc/resolv.conf", "utf8").catch(() => "");
  // A host with a resolver of its own on loopback tells the real servers here.
  if (/^nameserver\s+(?!127\.|::1)/m.test(own)) return own;
  return readFile("/run/systemd/resolve/resolv.conf", "utf8").catch(() => own);
};

/** A host's resolv.conf for its nodes; without a network a look-up gives up quickly. */
export const resolvConf = (host: string): string =>
  [
    ...host.split("\n").filter((line) => /^(nameserver\s+(?!127\.|::1)|search\s|domain\s)/.test(line)),
    "options timeout:1 attempts:1",
    "",
  ].join("\n");

/** networkd leaves alone what others add to the interface (a virtual IP), also when its cable is pulled. */
const networkFile = (address: string, gateway: string): string => `[Match]
Name=host0

[Link]
RequiredForOnline=no

[Network]
Address=${address}/24
Gateway=${gateway}
IPv6AcceptRA=no
LLMNR=no
KeepConfiguration=yes
ConfigureWithoutCarrier=yes
IgnoreCarrierLoss=yes
`;

/** Turns a node's power off: all its processes at once. Its disk stays. */
export const powerOff = async (site: LabSite, node: string): Promise<void> => {
  await killGroup(site.hierarchies, nodeGroup(site, node));
  await removeRemains(site.record.id, node);
};

/** What systemd-nspawn leaves when it is killed. */
const removeRemains = async (id: string, node: string): Promise<void> => {
  const machine = machineName(node, id);
  await run(["ip", "link", "delete", vethName(node, id)]);
  for (const place of ["propagate", "unix-export"]) {
    await rm(`/run/systemd/nspawn/${place}/${machine}`, { recursive: true, force: true });
  }
};

/** Removes a node's disk; the node is off. */
export const removeDisk = async ({ paths }: LabSite, node: string): Promise<void> => {
  const directory = paths.node(node);
  for (const part of ["upper", "work", "root", "seeded", "console.log"]) {
    await rm(join(directory, part), { recursive: true, force: true });
  }
};

/** The words that run a command on a node by the system's ssh. */
export const sshWords = (
  { paths }: LabSite,
  { address }: NodeRecord,
  user: string,
  options: readonly string[] = [],
): readonly string[] => ["ssh", ...sshOptions(paths), ...options, `${user}@${address}`];

/** Waits until one can really log in; E_LAB_BOOT with the console's last lines otherwise. */
export const waitForLogin = async (site: LabSite, node: NodeRecord): Promise<void> => {
  const ssh = sshWords(site, node, "root", ["-o", "BatchMode=yes", "-o", "ConnectTimeout=2"]);
  // In a group of the lab: `down` ends an attempt whose `up` was killed.
  const enter = await entering(site.hierarchies, `${hostNames(site.record.id).cgroup}/login`);
  const words = ["sh", "-c", `${enter} && exec ${argv(...ssh, "true")}`];
  const attempt = async (): Promise<true | null> => ((await run(words)).code === 0 ? true : null);
  if ((await poll(attempt, { everyMs: 100, forMs: 60_000 })) !== null) return;
  const console = await readFile(join(site.paths.node(node.name), "console.log"), "utf8").catch(() => "");
  throw new LbplayError({
    code: "E_LAB_BOOT",
    message: `${node.name} does not answer to a login:\n${console.trim().split("\n").slice(-8).join("\n")}`,
    hint: `lbplay lab down --name ${site.record.name}, and up again`,
  });
};

/** Whether a node's cable is plugged in; null when it has none because it is off. */
export const isPlugged = async ({ record }: LabSite, node: string): Promise<boolean | null> => {
  const flags = await readFile(`/sys/class/net/${vethName(node, record.id)}/flags`, "utf8").catch(() => null);
  return flags === null ? null : (Number(flags) & 1) === 1;
};

/** Pulls a node's cable or puts it back. */
export const setPlugged = async ({ record }: LabSite, node: string, plugged: boolean): Promise<void> => {
  await must(["ip", "link", "set", vethName(node, record.id), plugged ? "up" : "down"]);
};
