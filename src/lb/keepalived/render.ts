import { type Line, markerLine, type Rendered, renderDocument } from "../document.ts";
import type { Fault } from "../fault.ts";
import { atLeast, type Version } from "../version.ts";
import { block, type Lines, line, word } from "./block.ts";
import { instanceBlock, syncGroupBlock } from "./instance-lines.ts";
import type { KeepalivedModel, TrackScript } from "./model.ts";
import { keepalivedRules } from "./rules.ts";
import { keepalivedSpans } from "./spans.ts";
import { failureWeight, type Trackers, trackers } from "./trackers.ts";

/** What a node's file depends on besides the model. */
export interface KeepalivedTarget {
  readonly version: Version;
  /** The interface that has the node's own address. */
  readonly interface: string;
  /** Where the node has the program that its tracking needs; null: where it is as a rule. */
  readonly tool: string | null;
}

/** The text of keepalived.conf of the model's node, or every reason why there is none. */
export const renderKeepalived = (model: KeepalivedModel, target: KeepalivedTarget): Rendered => {
  const faults = keepalivedRules(model);
  if (faults.length > 0) return { kind: "refused", faults };
  return renderDocument(
    documentLines(model, target),
    { name: "keepalived", version: target.version },
    keepalivedSpans,
  );
};

const documentLines = (model: KeepalivedModel, target: KeepalivedTarget): readonly Line[] => {
  const tracked = trackers(model, target.version, target.tool);
  const gap: Lines = [{ depth: 0, text: "", path: [], origin: "wanted" }];
  const blocks: readonly Lines[] = [
    globalBlock(model, tracked, target.version),
    ...tracked.definitions,
    ...model.scripts.map((script, index) => scriptBlock(script, model, ["scripts", index])),
    ...model.instances.map((instance, index) =>
      instanceBlock(instance, model, target, tracked, ["instances", index]),
    ),
    ...model.sync_groups.map((group, index) => syncGroupBlock(group, model, target, ["sync_groups", index])),
    ...(model.raw.length === 0 ? [] : [model.raw.map((text, index) => line(0, text, ["raw", index]))]),
  ];
  return [
    markerLine("keepalived_config", "keepalived", target.version.join(".")),
    ...blocks.flatMap((part) => [...gap, ...part]),
  ];
};

/**
 * Measured on keepalived 2.2.7: a node that waits, and hears its peer advertise a lower priority meanwhile, discards
 * those adverts for ever after. In `sticky` that is wanted; in `preferred` it would never take its address back.
 */
const waitsAtStart = (model: KeepalivedModel): boolean =>
  model.startup_delay > 0 && model.profile !== "preferred";

const globalBlock = (model: KeepalivedModel, tracked: Trackers, version: Version): Lines => {
  const path: Fault["path"] = [];
  const runsScripts = tracked.runsScripts || model.scripts.length > 0 || model.notify !== null;
  const delay = `vrrp_startup_delay ${model.startup_delay}`;
  return block("global_defs", path, [
    ...mailLines(model, version),
    line(1, `router_id ${model.node}`, ["node"]),
    ...(atLeast(version, [1, 3, 0]) && runsScripts
      ? [
          line(1, "enable_script_security", path),
          line(1, `script_user ${model.script_user}`, ["script_user"]),
        ]
      : []),
    line(1, `vrrp_version ${model.vrrp_version}`, ["vrrp_version"]),
    ...(model.garp_master_refresh === 0
      ? []
      : [line(1, `vrrp_garp_master_refresh ${model.garp_master_refresh}`, ["garp_master_refresh"])]),
    ...garpLines(model),
    ...(waitsAtStart(model) ? [line(1, delay, ["startup_delay"], "offered")] : []),
    line(1, "log_unknown_vrids", path, "offered"),
    ...urgencyLines(model, version),
    ...model.global_raw.map((text, index) => line(1, text, ["global_raw", index])),
  ]);
};

/** Before 2.0 keepalived cannot be real-time: then the most that an ordinary process gets. */
const urgencyLines = ({ realtime_priority }: KeepalivedModel, version: Version): Lines => {
  if (realtime_priority === null) return [];
  const urgency = atLeast(version, [2, 0, 0]) ? `vrrp_rt_priority ${realtime_priority}` : "vrrp_priority -20";
  return [urgency, "vrrp_no_swap"].map((text) => line(1, text, ["realtime_priority"]));
};

const garpLines = ({ garp }: KeepalivedModel): Lines => {
  if (garp === null) return [];
  const entries = [
    ["vrrp_garp_master_delay", garp.master_delay],
    ["vrrp_garp_master_repeat", garp.master_repeat],
    ["vrrp_garp_master_refresh_repeat", garp.refresh_repeat],
    ["vrrp_garp_lower_prio_delay", garp.lower_prio_delay],
    ["vrrp_garp_lower_prio_repeat", garp.lower_prio_repeat],
    ["vrrp_garp_interval", garp.interval],
    ["vrrp_gna_interval", garp.gna_interval],
  ] as const;
  return entries.flatMap(([keyword, value]) =>
    value === null ? [] : [line(1, `${keyword} ${value}`, ["garp"])],
  );
};

const mailLines = ({ mail }: KeepalivedModel, version: Version): Lines => {
  if (mail === null) return [];
  const path: Fault["path"] = ["mail"];
  return [
    line(1, "notification_email {", path),
    ...mail.to.map((to, index) => line(2, to, ["mail", "to", index])),
    line(1, "}", path),
    line(1, `notification_email_from ${mail.from}`, path),
    line(1, `smtp_server ${mail.smtp_server}`, path),
    line(1, `smtp_connect_timeout ${mail.smtp_connect_timeout}`, path),
    ...(mail.helo_name === null ? [] : [line(1, `smtp_helo_name ${mail.helo_name}`, path)]),
    // Off by default: without it the addresses above are never used. Before 2.0 it stands in each instance.
    ...(atLeast(version, [2, 0, 0]) ? [line(1, "smtp_alert", path)] : []),
  ];
};

const scriptBlock = (script: TrackScript, model: KeepalivedModel, path: Fault["path"]): Lines =>
  block(`vrrp_script ${script.name}`, path, [
    line(1, `script ${word(script.script)}`, [...path, "script"]),
    line(1, `interval ${script.interval}`, [...path, "interval"]),
    ...(script.timeout === null ? [] : [line(1, `timeout ${script.timeout}`, [...path, "timeout"])]),
    line(1, `fall ${script.fall}`, path),
    line(1, `rise ${script.rise}`, path),
    line(1, `weight ${script.weight ?? failureWeight(model)}`, [...path, "weight"]),
    ...(script.user === null ? [] : [line(1, `user ${script.user}`, [...path, "user"])]),
  ]);
