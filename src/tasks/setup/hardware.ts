import { dict, PyFloat, type Value } from "../../core/value.ts";
import { dmi, type Gathered, sectionLines, sectionText } from "./gather.ts";
import type { Facts } from "./platform.ts";

/** Processors, memory, file systems, disks and firmware. */
export const hardwareFacts = (gathered: Gathered): Facts => ({
  ...processorFacts(gathered),
  ...memoryFacts(gathered),
  ...firmwareFacts(gathered),
  mounts: mounts(gathered),
  devices: devices(gathered),
  ...timeFacts(gathered),
});

/** Blocks of /proc/cpuinfo, one per processor; a virtual machine may say nothing of sockets and cores. */
const processorFacts = (gathered: Gathered): Facts => {
  const processors = sectionText(gathered, "/proc/cpuinfo")
    .split(/\n\s*\n/)
    .map(fieldsOf)
    .filter((fields) => fields.has("processor"));
  const field = (name: string): readonly string[] => processors.flatMap((fields) => fields.get(name) ?? []);
  const sockets = new Set(field("physical id")).size || processors.length;
  const cores = Number(field("cpu cores")[0] ?? 1);
  const siblings = Number(field("siblings")[0] ?? cores);
  const threads = Math.max(1, Math.floor(siblings / cores));
  const online = Number(sectionText(gathered, "processors"));
  return {
    processor: processors.flatMap((fields) =>
      ["processor", "vendor_id", "model name", "Processor"].flatMap((name) => fields.get(name) ?? []),
    ),
    processor_count: sockets,
    processor_cores: cores,
    processor_threads_per_core: threads,
    processor_vcpus: sockets * cores * threads,
    processor_nproc: online > 0 ? online : processors.length,
  };
};

const fieldsOf = (block: string): ReadonlyMap<string, string> =>
  new Map(
    block.split("\n").flatMap((line) => {
      const [key = "", ...value] = line.split(":");
      return value.length === 0 ? [] : [[key.trim(), value.join(":").trim()] as const];
    }),
  );

/** The kernel counts in KiB, facts in MiB. */
const memoryFacts = (gathered: Gathered): Facts => {
  const fields = fieldsOf(sectionText(gathered, "/proc/meminfo"));
  const mb = (...names: readonly string[]): number =>
    Math.floor(names.reduce((sum, name) => sum + Number.parseInt(fields.get(name) ?? "0", 10), 0) / 1024);
  const [total, free, swapTotal, swapFree] = [mb("MemTotal"), mb("MemFree"), mb("SwapTotal"), mb("SwapFree")];
  const nocache = mb("MemFree", "Cached", "Buffers");
  return {
    memtotal_mb: total,
    memfree_mb: free,
    swaptotal_mb: swapTotal,
    swapfree_mb: swapFree,
    memory_mb: dict({
      real: dict({ total, used: total - free, free }),
      nocache: dict({ free: nocache, used: total - nocache }),
      swap: dict({ total: swapTotal, free: swapFree, used: swapTotal - swapFree, cached: mb("SwapCached") }),
    }),
  };
};

const FIRMWARE = [
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
  "product_name",
  "product_serial",
  "product_uuid",
  "product_version",
];

const firmwareFacts = (gathered: Gathered): Facts => ({
  ...Object.fromEntries(FIRMWARE.map((name) => [name, dmi(gathered, name) ?? "NA"])),
  system_vendor: dmi(gathered, "sys_vendor") ?? "NA",
});

/** The sizes stand in the order of /proc/mounts, two lines for each file system on a device. */
const mounts = (gathered: Gathered): Value => {
  const sizes = (gathered.get("filesystems") ?? "").split("\n");
  const ids = uuids(gathered);
  return sectionLines(gathered, "/proc/mounts")
    .map((line) => line.split(" "))
    .filter(([device = "", , type]) => /^\/|:\//.test(device) && type !== "none")
    .map(([device = "", path = "", fstype = "", options = ""]) => {
      const at = sizes.indexOf(path);
      const numbers = at === -1 ? [] : (sizes[at + 1] ?? "").split(" ").map(Number);
      return dict({
        mount: unescaped(path),
        device: unescaped(device),
        fstype,
        options,
        ...sizeFacts(numbers),
        uuid: ids.get(device.replace(/^.*\//, "")) ?? "N/A",
      });
    });
};

const sizeFacts = (numbers: readonly number[]): Readonly<Record<string, Value>> => {
  const [size, blocks, free, available, inodes, inodesFree] = numbers;
  if (size === undefined || blocks === undefined || free === undefined) return {};
  if (available === undefined || inodes === undefined || inodesFree === undefined) return {};
  return {
    size_total: size * blocks,
    size_available: size * available,
    block_size: size,
    block_total: blocks,
    block_available: available,
    block_used: blocks - available,
    inode_total: inodes,
    inode_available: inodesFree,
    inode_used: inodes - inodesFree,
  };
};

/** The kernel writes spaces in paths as \040. */
const unescaped = (path: string): string =>
  path.replace(/\\([0-7]{3})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 8)));

/** `... 0b1c -> ../../sda1`, as ls prints it: device name → UUID. */
const uuids = (gathered: Gathered): ReadonlyMap<string, string> =>
  new Map(
    sectionLines(gathered, "uuids").flatMap((line) => {
      const [, uuid, device] = /(\S+) -> \S*?([^/\s]+)$/.exec(line) ?? [];
      return uuid === undefined || device === undefined ? [] : [[device, uuid] as const];
    }),
  );

/** Lines of disks, each followed by its partitions with a plus in front. Sizes are in sectors of 512 bytes. */
const devices = (gathered: Gathered): Value => {
  const found = new Map<
    string,
    { readonly facts: Readonly<Record<string, Value>>; readonly parts: Map<Value, Value> }
  >();
  let last: Map<Value, Value> | null = null;
  for (const line of sectionLines(gathered, "blocks")) {
    if (line.startsWith("+")) {
      const [name = "", sectors = "0", start = "0"] = line.slice(1).split("|");
      last?.set(name, dict({ start, sectors, sectorsize: 512, size: humanSize(Number(sectors) * 512) }));
      continue;
    }
    const [
      name = "",
      sectors = "0",
      removable = "",
      rotational = "",
      sectorsize = "512",
      vendor = "",
      model = "",
      virtual,
    ] = line.split("|");
    last = new Map();
    found.set(name, {
      facts: {
        vendor: vendor === "" ? null : vendor.trim(),
        model: model === "" ? null : model.trim(),
        removable,
        rotational,
        sectors,
        sectorsize: sectorsize === "" ? "512" : sectorsize,
        size: humanSize(Number(sectors) * 512),
        virtual: virtual === "1" ? 1 : 0,
      },
      parts: last,
    });
  }
  return new Map<Value, Value>(
    [...found].map(([name, { facts, parts }]) => [name, dict({ ...facts, partitions: parts })]),
  );
};

const humanSize = (bytes: number): string => {
  const units = ["Bytes", "KB", "MB", "GB", "TB", "PB"];
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  return `${(bytes / 1024 ** power).toFixed(2)} ${units[power]}`;
};

const timeFacts = (gathered: Gathered): Facts => {
  const [one, five, fifteen] = sectionText(gathered, "/proc/loadavg")
    .split(" ")
    .map((text) => float(Number(text)));
  return {
    uptime_seconds: Math.floor(Number(sectionText(gathered, "/proc/uptime").split(" ")[0])),
    loadavg: dict({ "1m": one ?? null, "5m": five ?? null, "15m": fifteen ?? null }),
  };
};

const float = (value: number): Value => (Number.isInteger(value) ? new PyFloat(value) : value);
