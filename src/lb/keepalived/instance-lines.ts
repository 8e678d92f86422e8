import type { Fault } from "../fault.ts";
import { atLeast, type Version } from "../version.ts";
import { block, type Lines, line, word } from "./block.ts";
import type { Instance, KeepalivedModel, Notify, SyncGroup, VirtualIp } from "./model.ts";
import { failureWeight, type Trackers } from "./trackers.ts";

/** A vrrp_instance of the model's node. */
export const instanceBlock = (
  instance: Instance,
  model: KeepalivedModel,
  target: { readonly interface: string; readonly version: Version },
  tracked: Trackers,
  path: Fault["path"],
): Lines => {
  const own = model.nodes.find(({ name }) => name === model.node);
  const dev = instance.interface ?? own?.interface ?? target.interface;
  const grouped = model.sync_groups.some((group) => group.instances.includes(instance.name));
  return block(`vrrp_instance ${instance.name}`, path, [
    line(1, "state BACKUP", path),
    ...(model.profile === "sticky" ? [line(1, "nopreempt", ["profile"])] : []),
    ...(model.preempt_delay > 0 ? [line(1, `preempt_delay ${model.preempt_delay}`, ["preempt_delay"])] : []),
    line(1, `interface ${dev}`, [...path, "interface"]),
    line(1, `virtual_router_id ${instance.virtual_router_id}`, [...path, "virtual_router_id"]),
    line(1, `priority ${priorityOf(model, model.node, instance)}`, ["nodes"]),
    line(1, `advert_int ${advertInterval(model)}`, ["advert_int"]),
    ...peerLines(model),
    ...authenticationLines(model),
    ...addressBlock("virtual_ipaddress", instance.virtual_ips, dev, [...path, "virtual_ips"]),
    ...addressBlock("virtual_ipaddress_excluded", instance.excluded_ips, dev, [...path, "excluded_ips"]),
    ...listBlock(
      "track_interface",
      // Its own is watched anyway; keepalived complains of being told so.
      instance.track_interfaces.filter((entry) => entry.split(" ")[0] !== dev),
      [...path, "track_interfaces"],
    ),
    ...listBlock("track_file", tracked.files, ["tracking"]),
    ...listBlock("track_process", tracked.processes, ["tracking"]),
    ...listBlock("track_script", [...tracked.scripts, ...model.scripts.map(({ name }) => name)], ["scripts"]),
    ...(grouped ? [] : [...notifyLines(model.notify), ...alertLines(model, target.version)]),
    ...instance.raw.map((text, index) => line(1, text, [...path, "raw", index])),
  ]);
};

/**
 * 254 for the first node, 253 for the second …: high, because what a standby waits before it takes over is
 * (256 - priority) / 256 adverts. An instance that prefers another node gives that one the highest and moves the rest down.
 */
export const priorityOf = (
  model: KeepalivedModel,
  name: string,
  instance: Pick<Instance, "prefers"> = { prefers: null },
): number => {
  const { nodes } = model;
  const own = nodes.map(({ priority }, index) => priority ?? 254 - index);
  if (instance.prefers === null) return own[nodes.findIndex((node) => node.name === name)] ?? 254;
  const ranked = nodes.toSorted((a, b) => (own[nodes.indexOf(b)] ?? 0) - (own[nodes.indexOf(a)] ?? 0));
  const order = [
    ...ranked.filter((node) => node.name === instance.prefers),
    ...ranked.filter((node) => node.name !== instance.prefers),
  ];
  return own.toSorted((a, b) => b - a)[order.findIndex((node) => node.name === name)] ?? 254;
};

/** Seconds between adverts. */
export const advertInterval = (model: KeepalivedModel): number =>
  model.advert_int ?? (model.vrrp_version === 3 ? 0.2 : 1);

const peerLines = (model: KeepalivedModel): Lines => {
  if (model.transport === "multicast") return [];
  const own = model.nodes.find((node) => node.name === model.node);
  const peers = model.nodes.filter((node) => node.name !== model.node);
  return [
    line(1, `unicast_src_ip ${own?.address}`, ["nodes"]),
    ...block(
      "unicast_peer",
      ["nodes"],
      peers.map(({ address }) => line(2, address, ["nodes"])),
      1,
    ),
  ];
};

const authenticationLines = ({ authentication }: KeepalivedModel): Lines => {
  if (authentication === null) return [];
  const path: Fault["path"] = ["authentication"];
  const body = [
    line(2, `auth_type ${authentication.kind.toUpperCase()}`, path),
    line(2, `auth_pass ${authentication.password}`, path),
  ];
  return block("authentication", path, body, 1);
};

const addressBlock = (heading: string, ips: readonly VirtualIp[], dev: string, path: Fault["path"]): Lines =>
  ips.length === 0
    ? []
    : block(
        heading,
        path,
        ips.map((ip, index) => line(2, addressText(ip, dev), [...path, index])),
        1,
      );

const addressText = ({ address, prefix, interface: own, label }: VirtualIp, dev: string): string => {
  const mask = prefix ?? (address.includes(":") ? 128 : 32);
  return `${address}/${mask} dev ${own ?? dev}${label === null ? "" : ` label ${label}`}`;
};

const listBlock = (heading: string, names: readonly string[], path: Fault["path"]): Lines =>
  names.length === 0
    ? []
    : block(
        heading,
        path,
        names.map((name) => line(2, name, path)),
        1,
      );

const notifyLines = (notify: Notify | null): Lines => {
  if (notify === null) return [];
  const path: Fault["path"] = ["notify"];
  const { master, backup, fault, stop, any } = notify;
  const entries = [
    ["notify_master", master],
    ["notify_backup", backup],
    ["notify_fault", fault],
    ["notify_stop", stop],
    ["notify", any],
  ] as const;
  return entries.flatMap(([keyword, script]) =>
    script === null ? [] : [line(1, `${keyword} ${word(script)}`, path)],
  );
};

const alertLines = ({ mail }: KeepalivedModel, version: Version): Lines =>
  mail === null || atLeast(version, [2, 0, 0]) ? [] : [line(1, "smtp_alert", ["mail"])];

/** A vrrp_sync_group: its members fail and move together. */
export const syncGroupBlock = (
  group: SyncGroup,
  model: KeepalivedModel,
  { version }: { readonly version: Version },
  path: Fault["path"],
): Lines =>
  block(`vrrp_sync_group ${group.name}`, path, [
    ...block(
      "group",
      path,
      group.instances.map((name, index) => line(2, name, [...path, "instances", index])),
      1,
    ),
    ...(failureWeight(model) === 0 ? [] : [line(1, "sync_group_tracking_weight", ["profile"])]),
    ...notifyLines(model.notify),
    ...alertLines(model, version),
  ]);
