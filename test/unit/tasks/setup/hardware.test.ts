import { expect, test } from "vitest";
import { PyFloat, toJson } from "../../../../src/core/value.ts";
import { hardwareFacts } from "../../../../src/tasks/setup/hardware.ts";

const NODE = new Map([
  [
    "/proc/cpuinfo",
    "processor\t: 0\nvendor_id\t: GenuineIntel\nmodel name\t: Xeon\nphysical id\t: 0\nsiblings\t: 4\ncpu cores\t: 2\n\nprocessor\t: 1\nvendor_id\t: GenuineIntel\nmodel name\t: Xeon\nphysical id\t: 1\nsiblings\t: 4\ncpu cores\t: 2\n\n",
  ],
  ["processors", "2\n"],
  [
    "/proc/meminfo",
    "MemTotal:        2048000 kB\nMemFree:          512000 kB\nBuffers:          102400 kB\nCached:           204800 kB\nSwapCached:            0 kB\nSwapTotal:       1048576 kB\nSwapFree:        1048576 kB\n",
  ],
  ["/proc/uptime", "3037.55 6000.10\n"],
  ["/proc/loadavg", "0.50 1.00 0.08 1/100 4242\n"],
  [
    "/proc/mounts",
    "proc /proc proc rw 0 0\n/dev/sda1 / ext4 rw,relatime 0 0\nnas:/x /mnt/a\\040b nfs4 rw 0 0\n",
  ],
  ["filesystems", "/\n4096 1000 600 500 100 40\n/mnt/a\\040b\n\n"],
  ["uuids", "total 0\nlrwxrwxrwx 1 root root 10 Jan  1 00:00 0b1c-22 -> ../../sda1\n"],
  ["blocks", "sda|41943040|0|1|512|QEMU    |HARDDISK|0\n+sda1|41940992|2048\nsr0|2|1|1|2048|||0\n"],
  ["/sys/devices/virtual/dmi/id/sys_vendor", "QEMU\n"],
  ["/sys/devices/virtual/dmi/id/product_name", "Standard PC\n"],
]);

test("Sockets, cores and threads multiply to virtual processors, and sizes are in MiB and bytes.", () => {
  const facts = hardwareFacts(NODE);
  const shown = Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, toJson(value)]));
  expect(shown).toEqual({
    processor: ["0", "GenuineIntel", "Xeon", "1", "GenuineIntel", "Xeon"],
    processor_count: 2,
    processor_cores: 2,
    processor_threads_per_core: 2,
    processor_vcpus: 8,
    processor_nproc: 2,
    memtotal_mb: 2000,
    memfree_mb: 500,
    swaptotal_mb: 1024,
    swapfree_mb: 1024,
    memory_mb: {
      real: { total: 2000, used: 1500, free: 500 },
      nocache: { free: 800, used: 1200 },
      swap: { total: 1024, free: 1024, used: 0, cached: 0 },
    },
    ...Object.fromEntries(
      [
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
        "product_serial",
        "product_uuid",
        "product_version",
      ].map((name) => [name, "NA"]),
    ),
    product_name: "Standard PC",
    system_vendor: "QEMU",
    mounts: [
      {
        mount: "/",
        device: "/dev/sda1",
        fstype: "ext4",
        options: "rw,relatime",
        size_total: 4096000,
        size_available: 2048000,
        block_size: 4096,
        block_total: 1000,
        block_available: 500,
        block_used: 500,
        inode_total: 100,
        inode_available: 40,
        inode_used: 60,
        uuid: "0b1c-22",
      },
      { mount: "/mnt/a b", device: "nas:/x", fstype: "nfs4", options: "rw", uuid: "N/A" },
    ],
    devices: {
      sda: {
        vendor: "QEMU",
        model: "HARDDISK",
        removable: "0",
        rotational: "1",
        sectors: "41943040",
        sectorsize: "512",
        size: "20.00 GB",
        virtual: 0,
        partitions: {
          sda1: { start: "2048", sectors: "41940992", sectorsize: 512, size: "20.00 GB" },
        },
      },
      sr0: {
        vendor: null,
        model: null,
        removable: "1",
        rotational: "1",
        sectors: "2",
        sectorsize: "2048",
        size: "1.00 KB",
        virtual: 0,
        partitions: {},
      },
    },
    uptime_seconds: 3037,
    loadavg: { "1m": 0.5, "5m": 1, "15m": 0.08 },
  });
  expect(facts.loadavg).toEqual(
    new Map<string, unknown>([
      ["1m", 0.5],
      ["5m", new PyFloat(1)],
      ["15m", 0.08],
    ]),
  );
});
