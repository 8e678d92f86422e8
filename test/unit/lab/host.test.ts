import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseHierarchies } from "../../../src/lab/cgroup.ts";
import { forsakenImages, pruneImages } from "../../../src/lab/image-pruning.ts";
import { inventoryText } from "../../../src/lab/inventory.ts";
import { nftTable } from "../../../src/lab/network.ts";
import { resolvConf } from "../../../src/lab/node.ts";
import { checkHost, type HostFacts, preconditionFaults } from "../../../src/lab/preconditions.ts";
import { labPaths, writeRecord } from "../../../src/lab/state.ts";
import { statusLines } from "../../../src/lab/status.ts";

describe("a host's process groups", () => {
  test("are found on a machine with both hierarchies", () => {
    const mounts = `cgroup /sys/fs/cgroup/cpu cgroup rw,relatime,cpu 0 0
cgroup /sys/fs/cgroup/systemd cgroup rw,relatime,name=systemd 0 0
cgroup2 /sys/fs/cgroup/unified cgroup2 rw,relatime 0 0
`;
    expect(parseHierarchies(mounts)).toEqual({
      unified: "/sys/fs/cgroup/unified",
      all: ["/sys/fs/cgroup/systemd", "/sys/fs/cgroup/unified"],
    });
  });

  test("are one on a machine of today, and missing on one without cgroup2", () => {
    const mounts = "cgroup2 /sys/fs/cgroup cgroup2 rw,nosuid,nodev,noexec,relatime,nsdelegate 0 0\n";
    expect(parseHierarchies(mounts)).toEqual({ unified: "/sys/fs/cgroup", all: ["/sys/fs/cgroup"] });
    expect(parseHierarchies("cgroup /c cgroup rw,name=systemd 0 0\n")).toBe(null);
  });
});

describe("preconditions", () => {
  const good: HostFacts = {
    platform: "linux",
    root: true,
    missingCommands: [],
    keyring: true,
    apt: true,
    filesystems: "nodev\toverlay\n\text4\n",
    cgroup2: true,
  };
  const faults = (facts: Partial<HostFacts>): readonly (readonly [string, string | null])[] =>
    preconditionFaults({ ...good, ...facts }).map(({ code, hint }) => [code, hint]);

  test("are met by a good host", () => {
    expect(faults({})).toEqual([]);
  });

  test("name all missing packages in one command", () => {
    expect(faults({ missingCommands: ["ssh", "systemd-nspawn", "ssh-keygen"], keyring: false })).toEqual([
      ["E_LAB_PACKAGES", "apt-get install -y systemd-container openssh-client debian-archive-keyring"],
    ]);
  });

  test("name everything that is wrong at once, each with what mends it", () => {
    expect(faults({ root: false, filesystems: "\text4\n", cgroup2: false, apt: false })).toEqual([
      ["E_LAB_NOT_ROOT", "run it again with sudo"],
      ["E_LAB_HOST", "use a Debian or Ubuntu host, or the Vagrantfile (docs/vagrant.md)"],
      ["E_LAB_OVERLAY", "modprobe overlay"],
      ["E_LAB_CGROUP", "mkdir -p /sys/fs/cgroup/unified && mount -t cgroup2 cgroup2 /sys/fs/cgroup/unified"],
    ]);
  });

  test("speak of nothing else where there is no Linux", async () => {
    expect(faults({ filesystems: null, platform: "darwin", root: false, missingCommands: ["ip"] })).toEqual([
      ["E_LAB_NOT_LINUX", "use the Vagrantfile (docs/vagrant.md), or run this inside a Linux machine"],
    ]);
    await expect(checkHost("darwin")).rejects.toMatchObject({ code: "E_LAB_NOT_LINUX" });
  });
});

const DAY = 24 * 3_600_000;

test("Images are kept while a lab has them, and for a month after somebody asked for them", async () => {
  const images = [
    { directory: "/i/old", usedAt: 0 },
    { directory: "/i/old-but-in-use", usedAt: 0 },
    { directory: "/i/recent", usedAt: 20 * DAY },
  ];
  expect(forsakenImages(images, new Set(["/i/old-but-in-use"]), 40 * DAY)).toEqual(["/i/old"]);

  const stateRoot = await mkdtemp(join(tmpdir(), "lbplay-images-"));
  const [used, unused, unfinished] = [
    "0123456789abcdef",
    "fedcba9876543210",
    "00000000000000ff.unfinished",
  ] as const;
  for (const name of [used, unused, unfinished])
    await mkdir(join(stateRoot, "images", name), { recursive: true });
  const layers = [join(stateRoot, "images", used, "root")];
  const node = { name: "lb1", role: "lb", address: "10.95.7.11", layers } as const;
  await writeRecord(stateRoot, { name: "demo", id: "5f07", packages: [], nodes: [node] });
  await pruneImages(stateRoot, join(stateRoot, "images"), Date.now() + 10 * DAY);
  expect(await readdir(join(stateRoot, "images"))).toHaveLength(3);
  await pruneImages(stateRoot, join(stateRoot, "images"), Date.now() + 40 * DAY);
  expect((await readdir(join(stateRoot, "images"))).toSorted()).toEqual([unfinished, used].toSorted());
  await rm(stateRoot, { recursive: true });
});

test("A node's resolver has the host's servers, not one on the host's loopback, and gives up quickly", () => {
  const host = "# made by x\nnameserver 127.0.0.53\nnameserver 192.0.2.53\nsearch example\noptions edns0\n";
  expect(resolvConf(host)).toBe("nameserver 192.0.2.53\nsearch example\noptions timeout:1 attempts:1\n");
});

test("A lab's nft rules change the sender only of what leaves the lab", () => {
  expect(nftTable("5f07")).toContain('    oifname != "lbp5f07" ip saddr 10.95.7.0/24 masquerade\n');
});

test("A status is aligned, and says nothing of a cable that is not there", () => {
  expect(
    statusLines([
      { name: "lb1", role: "lb", address: "10.95.7.11", state: "running", cable: "plugged" },
      { name: "client", role: "client", address: "10.95.7.71", state: "off", cable: "none" },
    ]),
  ).toEqual(["lb1     lb      10.95.7.11  running  cable plugged", "client  client  10.95.7.71  off"]);
});

test("An inventory has the lab's nodes in groups, its ssh files and its addresses", () => {
  const node = { layers: [] };
  const record = {
    name: "demo",
    id: "5f07",
    packages: [],
    nodes: [
      { ...node, name: "lb1", role: "lb", address: "10.95.7.11" },
      { ...node, name: "client", role: "client", address: "10.95.7.71" },
    ],
  } as const;
  const vars = { lb: { ports: [80, 443] }, all: { lab_vip: "10.95.7.200" } };
  expect(inventoryText(labPaths("/s", "demo"), record, vars)).toBe(`all:
  vars:
    ansible_user: "admin"
    ansible_ssh_private_key_file: "/s/labs/demo/id_ed25519"
    ansible_ssh_common_args: "-o UserKnownHostsFile=/s/labs/demo/known_hosts -o StrictHostKeyChecking=yes"
    lab_name: "demo"
    lab_vip: "10.95.7.200"
    lab_prefix_length: 24
    lab_subnet: "10.95.7.0/24"
    lab_gateway: "10.95.7.1"
    lab_interface: "host0"
  children:
    lb:
      hosts:
        lb1:
          ansible_host: "10.95.7.11"
      vars:
        ports: [80,443]
    web:
      hosts: {}
    clients:
      hosts:
        client:
          ansible_host: "10.95.7.71"
`);
});
