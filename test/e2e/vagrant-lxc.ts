import { existsSync, readdirSync } from "node:fs";
import { mkdir, rm, rmdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { argv, quote } from "../../src/core/shell.ts";
import { type AptProxy, startAptProxy } from "../../src/lab/apt-proxy.ts";
import { aptProxyLine, secureHosts } from "../../src/lab/apt-sources.ts";
import { hierarchies } from "../../src/lab/cgroup.ts";
import { type CommandResult, must, run } from "../../src/lab/command.ts";
import { aptCache, imageLayers, readAptSetup } from "../../src/lab/image.ts";
import { labDown } from "../../src/lab/lab.ts";
import { gatewayAddress, hostNames, subnetPrefix } from "../../src/lab/names.ts";
import { networkUp } from "../../src/lab/network.ts";
import { reserveSubnet } from "../../src/lab/subnet.ts";
import { removeForsaken, SITE_PACKAGES, STATE_ROOT, testPlace } from "./lab-fixture.ts";
import { type VagrantDirectory, vagrantDirectory } from "./vagrant-directory.ts";

/** Machines in containers, from a box made of the lab's image, on a bridge and in a subnet that no lab has. */
export interface VagrantLxc {
  readonly directory: () => VagrantDirectory;
  /** Runs a command on a machine over Vagrant's own way in. */
  readonly ssh: (machine: string, command: string) => Promise<CommandResult>;
  /** What there is of the machines on this host: containers, process groups, ports of the bridge, processes. */
  readonly traces: () => Promise<readonly string[]>;
}

const BOX = "lab/debian12";

/** All that machines need, before the tests of a file, which bring them up; after them nothing is left, also when they fail. */
export const withVagrantLxc = (): VagrantLxc => {
  const place = testPlace("vagrant");
  let id = "";
  let proxy: AptProxy | null = null;
  let made: VagrantDirectory | null = null;
  const directory = (): VagrantDirectory => {
    if (made === null) throw new Error("the machines are not up");
    return made;
  };
  beforeAll(async () => {
    await removeForsaken(place);
    await removeContainers((pid) => !existsSync(`/proc/${pid}`));
    id = await reserveSubnet(STATE_ROOT, place.name, place.now());
    await networkUp(STATE_ROOT, id);
    const setup = await readAptSetup();
    proxy = await startAptProxy({
      address: gatewayAddress(id),
      port: 0,
      cache: aptCache(STATE_ROOT),
      secureHosts: secureHosts(setup.sources),
      now: place.now,
    });
    made = await vagrantDirectory(place.name, {
      VAGRANT_DEFAULT_PROVIDER: "lxc",
      LBPLAY_BOX: BOX,
      LBPLAY_NETWORK: subnetPrefix(id),
      LBPLAY_BRIDGE: hostNames(id).bridge,
    });
    const context = { ...place, hierarchies: await hierarchies() };
    const layers = await imageLayers(context, SITE_PACKAGES);
    const box = await packBox(made.path, layers, aptProxyLine(gatewayAddress(id), proxy.port));
    await made.done("box", "add", "--name", BOX, box);
  });
  afterAll(async () => {
    await removeContainers((pid) => Number(pid) === process.pid);
    await proxy?.close();
    await labDown(place);
  });
  return {
    directory,
    ssh: (machine, command) =>
      run([
        "ssh",
        "-F",
        join(directory().path, ".vagrant/lbplay/ssh_config"),
        "-o",
        "ConnectTimeout=5",
        machine,
        command,
      ]),
    traces: async () => {
      const { bridge } = hostNames(id);
      const ports = await must(["ip", "-o", "link", "show", "master", bridge]);
      const processes = (await must(["ps", "-eo", "args="])).split("\n");
      return [
        ...(await containers()),
        ...groups(place.name),
        ...ports.split("\n").filter((line) => line !== ""),
        ...processes.filter((line) => line.includes(place.name)),
      ];
    },
  };
};

const containers = async (): Promise<readonly string[]> =>
  (await must(["lxc-ls", "-1"])).split("\n").filter((name) => /^e2e-vagrant-\d+_/.test(name));

/** Where process groups are: one directory, or one for each controller. */
const hierarchyDirectories = (): readonly string[] =>
  ["/sys/fs/cgroup", ...readdirSync("/sys/fs/cgroup").map((part) => `/sys/fs/cgroup/${part}`)].filter(
    (directory) => existsSync(`${directory}/cgroup.procs`),
  );

/** LXC's process groups of a test run. */
const groups = (name: string): readonly string[] =>
  hierarchyDirectories().flatMap((hierarchy) =>
    readdirSync(hierarchy)
      .filter((entry) => entry.includes(`.${name}_`))
      .map((entry) => `${hierarchy}/${entry}`),
  );

/** Removes containers and directories of test runs by the number of their process. */
const removeContainers = async (of: (pid: string) => boolean): Promise<void> => {
  for (const name of await containers()) {
    if (of(/\d+/.exec(name.slice("e2e-vagrant-".length))?.[0] ?? ""))
      await must(["lxc-destroy", "-f", "-n", name]);
  }
  for (const name of readdirSync(tmpdir())) {
    const pid = /^e2e-vagrant-(\d+)$/.exec(name)?.[1];
    if (pid !== undefined && of(pid)) await rm(join(tmpdir(), name), { recursive: true, force: true });
  }
  // LXC leaves an empty lock file for each container, and an empty group for all.
  const locks = "/run/lxc/lock/var/lib/lxc";
  for (const name of existsSync(locks) ? readdirSync(locks) : []) {
    const pid = /^\.e2e-vagrant-(\d+)_/.exec(name)?.[1];
    if (pid !== undefined && of(pid)) await rm(join(locks, name));
  }
  if ((await must(["lxc-ls", "-1"])).trim() !== "") return;
  for (const hierarchy of hierarchyDirectories())
    await rmdir(`${hierarchy}/lxc.pivot`).catch(() => undefined);
};

/** Packs image layers as a box for vagrant-lxc; its path. */
const packBox = async (directory: string, layers: readonly string[], aptProxy: string): Promise<string> => {
  const work = join(directory, "box");
  await mkdir(work);
  const script = join(work, "pack.sh");
  await writeFile(script, packScript(layers, aptProxy));
  // The overlay is mounted in a namespace of its own, and so is gone with the script.
  await must(["unshare", "-m", "sh", "-eu", "-c", `${argv("cd", work)}\n. ${quote(script)}`]);
  return join(work, "lxc.box");
};

/** What Vagrant wants of a box: a user with its key and sudo. Host keys are each machine's own, the network is LXC's. */
const packScript = (layers: readonly string[], aptProxy: string): string => `
mkdir upper work rootfs
mount -t overlay overlay -o lowerdir=${quote(layers.join(":"))},upperdir=upper,workdir=work rootfs
chroot rootfs useradd -m -s /bin/bash vagrant
mkdir -m 700 rootfs/home/vagrant/.ssh
cp /usr/share/rubygems-integration/all/gems/vagrant-[0-9]*/keys/vagrant.pub rootfs/home/vagrant/.ssh/authorized_keys
chroot rootfs chown -R vagrant: /home/vagrant/.ssh
echo 'vagrant ALL=(ALL) NOPASSWD: ALL' > rootfs/etc/sudoers.d/vagrant
mkdir -p rootfs/etc/systemd/system/ssh.service.d
printf '[Service]\\nExecStartPre=\\nExecStartPre=/usr/bin/ssh-keygen -A\\n' > rootfs/etc/systemd/system/ssh.service.d/keys.conf
printf %s ${quote(aptProxy)} > rootfs/etc/apt/apt.conf.d/91lab-proxy
rm -f rootfs/etc/hostname
tar --numeric-owner --xattrs --xattrs-include='*' --exclude='./rootfs/usr/share/doc/*' --exclude='./rootfs/usr/share/man/*' \\
  --exclude='./rootfs/usr/share/locale/*' -c ./rootfs | gzip -1 > rootfs.tar.gz
umount rootfs
echo '{"provider": "lxc", "version": "1.0.0"}' > metadata.json
printf 'lxc.include = /usr/share/lxc/config/common.conf\\nlxc.arch = amd64\\n' > lxc-config
tar -cf lxc.box metadata.json lxc-config rootfs.tar.gz
`;
