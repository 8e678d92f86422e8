import { createHash } from "node:crypto";
import { access, mkdir, readdir, readFile, rename, rm, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { LbplayError } from "../core/error.ts";
import { quote } from "../core/shell.ts";
import { startAptProxy } from "./apt-proxy.ts";
import {
  type AptSetup,
  aptConfiguration,
  aptProxyLine,
  hostSettings,
  hostSources,
  KEYRING,
  mainMirror,
  SUITE,
  secureHosts,
  sourcesList,
} from "./apt-sources.ts";
import { type Hierarchies, killGroup, launch } from "./cgroup.ts";
import { poll, run } from "./command.ts";
import { ifUnlocked, withLock } from "./lock.ts";

/** Counts the changes of the recipes below: an image of another version is not used. */
const RECIPE = 2;

/** What every node has; no Python. */
const BASE_PACKAGES = [
  "systemd",
  "systemd-sysv",
  "dbus",
  "openssh-server",
  "iproute2",
  "iputils-ping",
  "ca-certificates",
  "sudo",
  "procps",
  "psmisc",
  "curl",
];

/** The password of the user `operator`, whose sudo asks for it; the sudo of `admin` asks for nothing. */
export const OPERATOR_PASSWORD = "lab-operator";

/** Longest time that a build may take. */
const BUILD_MS = 20 * 60_000;

/** What images are made with. */
export interface ImageContext {
  readonly stateRoot: string;
  readonly hierarchies: Hierarchies;
  readonly onProgress: (line: string) => void;
  readonly now: () => number;
}

/** Where images are kept. */
export const imagesDirectory = (stateRoot: string): string => join(stateRoot, "images");

/** Where packages that labs have downloaded are kept. */
export const aptCache = (stateRoot: string): string => join(stateRoot, "apt-cache");

/** The host's way to its packages, for nodes. */
export const readAptSetup = async (): Promise<AptSetup> => {
  const files = new Map<string, string>();
  const add = async (path: string): Promise<void> => {
    const text = await readFile(path, "utf8").catch(() => null);
    if (text !== null) files.set(path, text);
  };
  await add("/etc/apt/sources.list");
  for (const name of (await readdir("/etc/apt/sources.list.d").catch(() => [])).toSorted()) {
    if (/\.(list|sources)$/.test(name)) await add(`/etc/apt/sources.list.d/${name}`);
  }
  const { stdout } = await run(["apt-config", "dump"]);
  return { sources: hostSources(files), settings: hostSettings(stdout) };
};

/** The read-only layers of a node with these packages, the topmost first; built when they are not there yet. */
export const imageLayers = async (
  context: ImageContext,
  packages: readonly string[],
): Promise<readonly string[]> => {
  const setup = await readAptSetup();
  const base = await ensureImage(context, {
    recipe: ["base", SUITE, ...BASE_PACKAGES, sourcesList(setup), aptConfiguration(setup)],
    describe: `base image (Debian ${SUITE}, about a minute, once)`,
    script: (directory, proxy) => baseScript(setup, directory, proxy),
    setup,
  });
  const wanted = [...new Set(packages)].toSorted();
  if (wanted.length === 0) return [base];
  const layer = await ensureImage(context, {
    recipe: ["layer", base, ...wanted],
    describe: `image layer with ${wanted.join(" ")}`,
    script: (directory, proxy) => layerScript(base, wanted, directory, proxy),
    setup,
  });
  return [layer, base];
};

interface Recipe {
  /** Everything that decides the content. */
  readonly recipe: readonly string[];
  readonly describe: string;
  /** A script that fills `directory/root`. */
  readonly script: (directory: string, proxyPort: number) => string;
  readonly setup: AptSetup;
}

const ensureImage = async (context: ImageContext, recipe: Recipe): Promise<string> => {
  const key = createHash("sha256")
    .update([RECIPE, ...recipe.recipe].join("\n"))
    .digest("hex")
    .slice(0, 16);
  const directory = join(imagesDirectory(context.stateRoot), key);
  const root = join(directory, "root");
  if (await exists(directory)) {
    await utimes(directory, context.now() / 1000, context.now() / 1000);
    return root;
  }
  const onWait = (): void =>
    context.onProgress(`another process builds the ${recipe.describe}: waiting for it`);
  await withLock({ stateRoot: context.stateRoot, name: `image-${key}`, onWait }, async () => {
    if (await exists(directory)) return;
    context.onProgress(`building the ${recipe.describe}`);
    await build(context, recipe, key, directory);
  });
  return root;
};

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

const buildGroup = (key: string): string => `lbplay/build-${key}`;

/** A build in a directory that gets its real name at the end: an image is there as a whole or not at all. */
const build = async (
  context: ImageContext,
  recipe: Recipe,
  key: string,
  directory: string,
): Promise<void> => {
  const { stateRoot, hierarchies: at, now } = context;
  const unfinished = `${directory}.unfinished`;
  await killGroup(at, buildGroup(key));
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { recursive: true });
  const proxy = await startAptProxy({
    address: "127.0.0.1",
    port: 0,
    cache: aptCache(stateRoot),
    secureHosts: secureHosts(recipe.setup.sources),
    now,
  });
  try {
    await runScript(context, {
      group: buildGroup(key),
      directory: unfinished,
      script: recipe.script(unfinished, proxy.port),
    });
    await rename(unfinished, directory);
  } finally {
    await proxy.close();
    await killGroup(at, buildGroup(key));
  }
};

/** In a group of its own, so that what is left of a build that was cut off can be found and ended. */
const runScript = async (
  { hierarchies: at }: ImageContext,
  {
    group,
    directory,
    script,
  }: { readonly group: string; readonly directory: string; readonly script: string },
): Promise<void> => {
  const file = join(directory, "build.sh");
  const log = join(directory, "build.log");
  const code = join(directory, "exit-code");
  await writeFile(file, script);
  // Mounts of the build end with it: they are made in a mount namespace of its own.
  const words = ["unshare", "-m", "sh", "-c", `sh -eu ${quote(file)}; echo $? >${quote(code)}`];
  await launch(at, { group, words, input: "/dev/null", log });
  const ended = await poll(
    async () => {
      const text = await readFile(code, "utf8").catch(() => "");
      return text.endsWith("\n") ? text.trim() : null;
    },
    { everyMs: 100, forMs: BUILD_MS },
  );
  if (ended === "0") return;
  const tail = (await readFile(log, "utf8").catch(() => "")).trim().split("\n").slice(-8).join("\n");
  throw new LbplayError({
    code: "E_LAB_IMAGE",
    message: `building the lab's image ${ended === null ? "took too long" : "failed"}:\n${tail}`,
    hint: `the whole log is ${log}; try 'apt-get update' on this host first`,
  });
};

const write = (path: string, text: string): string => `printf %s ${quote(text)} > ${path}\n`;

const baseScript = (setup: AptSetup, directory: string, port: number): string => `
root=${quote(join(directory, "root"))}
export DEBIAN_FRONTEND=noninteractive LC_ALL=C http_proxy=http://127.0.0.1:${port}
debootstrap --variant=minbase --keyring=${KEYRING} --include=${BASE_PACKAGES.join(",")} ${SUITE} "$root" ${quote(mainMirror(setup))}
unset http_proxy
mkdir -p "$root/usr/share/keyrings"
[ -e "$root${KEYRING}" ] || cp ${KEYRING} "$root${KEYRING}"
${write('"$root/etc/apt/sources.list"', sourcesList(setup))}
${write('"$root/etc/apt/apt.conf.d/90lab"', aptConfiguration(setup))}
${write('"$root/etc/apt/apt.conf.d/91lab-proxy"', aptProxyLine("127.0.0.1", port))}
${write('"$root/usr/sbin/policy-rc.d"', "#!/bin/sh\nexit 101\n")}
chmod 755 "$root/usr/sbin/policy-rc.d"
mount -t proc proc "$root/proc"
chroot "$root" apt-get -q update
chroot "$root" apt-get -qy dist-upgrade
chroot "$root" apt-get clean
rm -f "$root/usr/sbin/policy-rc.d" "$root/etc/apt/apt.conf.d/91lab-proxy" "$root"/etc/ssh/ssh_host_*
chroot "$root" useradd -m -s /bin/bash admin
chroot "$root" useradd -m -g users -s /bin/bash operator
echo operator:${OPERATOR_PASSWORD} | chroot "$root" chpasswd
printf 'admin ALL=(ALL:ALL) NOPASSWD: ALL\\noperator ALL=(ALL:ALL) ALL\\n' > "$root/etc/sudoers.d/lab"
chmod 440 "$root/etc/sudoers.d/lab"
printf '127.0.0.1 localhost\\n' > "$root/etc/hosts"
: > "$root/etc/machine-id"
rm -f "$root/var/lib/dbus/machine-id"
cat > "$root/etc/systemd/networkd.conf" <<'EOF'
[Network]
ManageForeignRoutes=no
ManageForeignRoutingPolicyRules=no
EOF
chroot "$root" systemctl -q enable systemd-networkd.service
chroot "$root" systemctl -q set-default multi-user.target
chroot "$root" systemctl -q mask systemd-networkd-wait-online.service console-getty.service getty@.service \\
  apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer fstrim.timer \\
  sys-kernel-debug.mount sys-kernel-tracing.mount dev-hugepages.mount systemd-modules-load.service modprobe@.service
umount "$root/proc"
! chroot "$root" sh -c 'command -v python3'
`;

const layerScript = (base: string, packages: readonly string[], directory: string, port: number): string => `
cd ${quote(directory)}
export DEBIAN_FRONTEND=noninteractive LC_ALL=C
mkdir root work merged
mount -t overlay overlay -o lowerdir=${quote(base)},upperdir=root,workdir=work merged
mount -t proc proc merged/proc
${write("merged/etc/apt/apt.conf.d/91lab-proxy", aptProxyLine("127.0.0.1", port))}
${write("merged/usr/sbin/policy-rc.d", "#!/bin/sh\nexit 101\n")}
chmod 755 merged/usr/sbin/policy-rc.d
chroot merged apt-get -q update
chroot merged apt-get -qy install ${packages.map(quote).join(" ")}
chroot merged apt-get clean
rm -f merged/usr/sbin/policy-rc.d merged/etc/apt/apt.conf.d/91lab-proxy merged/etc/ssh/ssh_host_*
umount merged/proc
umount merged
rm -rf work merged
`;

/** Ends and removes builds that nobody waits for any more. */
export const removeUnfinishedBuilds = async (stateRoot: string, at: Hierarchies): Promise<void> => {
  for (const name of await readdir(imagesDirectory(stateRoot)).catch(() => [])) {
    const key = /^(.*)\.unfinished$/.exec(name)?.[1];
    if (key === undefined) continue;
    await ifUnlocked(stateRoot, `image-${key}`, async () => {
      await killGroup(at, buildGroup(key));
      await rm(join(imagesDirectory(stateRoot), name), { recursive: true, force: true });
    });
  }
};
