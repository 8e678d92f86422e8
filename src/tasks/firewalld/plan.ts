import type { Action, Touched } from "../../core/action.ts";
import { type Plan, planOf } from "../../core/task.ts";
import type { PlannedChange } from "../planned-change.ts";
import type { FirewalldFacts, Zone } from "./facts.ts";
import { itemsOf, type ZoneItem } from "./item.ts";
import type { FirewalldParams } from "./schema.ts";

/** What has to be told to firewall-cmd, of the permanent settings first. */
export const planFirewall = (params: FirewalldParams, facts: FirewalldFacts): Plan<PlannedChange> => {
  const layers = layersOf(params, facts);
  const obstacle = obstacleFor(params, facts, layers);
  if (obstacle !== null)
    return {
      kind: "blocked",
      reason: obstacle,
      ...(isForeseen(params, facts) ? ({ foreseen: "converged" } as const) : {}),
    };
  if (isZoneTask(params)) return planOf(zoneChanges(params, facts));
  return planOf(layers.flatMap((layer) => layerChanges(params, layer)));
};

/** Once firewalld is there and runs, it has loaded what is permanent: what is there, both layers will have. */
const isForeseen = (params: FirewalldParams, { daemon, permanent, fault }: FirewalldFacts): boolean => {
  if (daemon === "running" || fault !== null) return false;
  const started: FirewalldFacts = { daemon: "running", permanent, runtime: permanent, fault };
  return planFirewall(params, started).kind === "converged";
};

/** One of firewalld's two sets of settings. */
interface Layer {
  readonly name: "permanent" | "running";
  readonly zone: Zone | null;
  readonly command: readonly string[];
}

const layersOf = (params: FirewalldParams, facts: FirewalldFacts): readonly Layer[] => {
  const zone = params.zone === null ? [] : [`--zone=${params.zone}`];
  const offline = facts.daemon === "offline";
  const permanent: Layer = {
    name: "permanent",
    zone: facts.permanent,
    command: offline ? ["firewall-offline-cmd", ...zone] : ["firewall-cmd", "--permanent", ...zone],
  };
  const running: Layer = { name: "running", zone: facts.runtime, command: ["firewall-cmd", ...zone] };
  const kept = params.permanent === true;
  const now = params.immediate || !kept;
  return [
    ...(kept ? [permanent] : []),
    ...(now && !(offline && kept && params.offline === true) ? [running] : []),
  ];
};

const obstacleFor = (
  params: FirewalldParams,
  facts: FirewalldFacts,
  layers: readonly Layer[],
): string | null => {
  if (facts.daemon === "none") return "firewall-cmd is not there: firewalld is not installed";
  if (facts.fault !== null) return `firewalld does not answer: ${facts.fault}`;
  if (facts.daemon === "offline") {
    if (params.offline !== true)
      return "firewalld is not running: start it first, or change its files with offline: true";
    if (layers.some(({ name }) => name === "running"))
      return "firewall is not currently running, unable to perform immediate actions without a running firewall daemon";
  }
  if (isZoneTask(params)) return null;
  const missing = layers.find(({ zone }) => zone === null);
  if (missing === undefined) return null;
  return `the ${missing.name} firewall has no zone ${params.zone ?? "by default"}`;
};

/** A task that names nothing in a zone is about the zone. */
export const isZoneTask = (params: FirewalldParams): boolean =>
  (params.state === "present" || params.state === "absent") && params.target === null;

const zoneChanges = (params: FirewalldParams, facts: FirewalldFacts): readonly PlannedChange[] => {
  const exists = facts.permanent !== null;
  const wanted = params.state === "present";
  if (exists === wanted) return [];
  const program = facts.daemon === "offline" ? ["firewall-offline-cmd"] : ["firewall-cmd", "--permanent"];
  return [
    {
      view: {
        field: `zone ${params.zone}`,
        before: exists ? "present" : null,
        after: wanted ? "present" : null,
      },
      actions: [run([...program, `--${wanted ? "new" : "delete"}-zone=${params.zone}`], [PERMANENT])],
    },
  ];
};

const run = (words: readonly string[], touches: readonly Touched[]): Action => ({
  kind: "run",
  argv: words,
  touches,
});

/** firewalld itself sees when its files change; what runs is another matter. */
const PERMANENT: Touched = { kind: "tree", path: "/etc/firewalld" };

/** A change of one layer: permanent settings are files, of running ones the opposite is known. */
const change = (
  { name, zone, command }: Pick<Layer, "name" | "zone" | "command">,
  label: string,
  words: readonly string[],
  opposite: string,
): Action =>
  run(
    [...command, ...words],
    [
      name === "permanent"
        ? PERMANENT
        : {
            kind: "inverse",
            what: `${label} in running zone ${zone?.name}`,
            argv: [...command, opposite],
          },
    ],
  );

const layerChanges = (params: FirewalldParams, { name, zone, command }: Layer): readonly PlannedChange[] => {
  if (zone === null) return [];
  const enabled = params.state === "enabled" || params.state === "present";
  const where = `in ${name} zone ${zone.name}`;
  return [
    ...itemsOf(params).flatMap((item) => itemChange(params, { item, enabled, where, name, zone, command })),
    ...switches(params, enabled).flatMap(({ field, flag, wanted }) => {
      const now = zone.fields.get(field)?.[0] === "yes";
      if (now === wanted) return [];
      return [
        {
          view: { field: `${field} ${where}`, before: now ? "yes" : "no", after: wanted ? "yes" : "no" },
          actions: [
            change(
              { name, zone, command },
              field,
              [`--${wanted ? "add" : "remove"}-${flag}`],
              `--${wanted ? "remove" : "add"}-${flag}`,
            ),
          ],
        },
      ];
    }),
    ...(name === "permanent" ? targetChange(params, { enabled, where, zone, command }) : []),
  ];
};

const itemChange = (
  params: FirewalldParams,
  at: {
    readonly item: ZoneItem;
    readonly enabled: boolean;
    readonly where: string;
    readonly name: Layer["name"];
    readonly zone: Zone;
    readonly command: readonly string[];
  },
): readonly PlannedChange[] => {
  const { item, enabled, where, name, zone, command } = at;
  const now = item.isIn(zone);
  if (now === enabled) return [];
  const expires = enabled && name === "running" && params.timeout > 0 && item.timed;
  const words = [enabled ? item.add : item.remove, ...(expires ? [`--timeout=${params.timeout}`] : [])];
  return [
    {
      view: {
        field: `${item.label} ${where}`,
        before: now ? "enabled" : null,
        after: enabled ? "enabled" : null,
      },
      actions: [
        item.exclusive && enabled
          ? run(
              [...command, ...words],
              [
                ...(name === "permanent" ? [PERMANENT] : []),
                { kind: "lasting", what: `${item.label} was put ${where}` },
              ],
            )
          : change(at, item.label, words, enabled ? item.remove : item.add),
      ],
    },
  ];
};

/** `masquerade: false` with state enabled turns it off. */
const switches = (
  { masquerade, icmp_block_inversion }: FirewalldParams,
  enabled: boolean,
): readonly { readonly field: string; readonly flag: string; readonly wanted: boolean }[] => [
  ...(masquerade === null
    ? []
    : [{ field: "masquerade", flag: "masquerade", wanted: masquerade === enabled }]),
  ...(icmp_block_inversion === null
    ? []
    : [
        {
          field: "icmp-block-inversion",
          flag: "icmp-block-inversion",
          wanted: icmp_block_inversion === enabled,
        },
      ]),
];

const targetChange = (
  { target }: FirewalldParams,
  {
    enabled,
    where,
    zone,
    command,
  }: { enabled: boolean; where: string; zone: Zone; command: readonly string[] },
): readonly PlannedChange[] => {
  if (target === null) return [];
  const wanted = enabled ? target : "default";
  const now = zone.fields.get("target")?.[0] ?? "default";
  if (now === wanted) return [];
  return [
    {
      view: { field: `target ${where}`, before: now, after: wanted },
      actions: [run([...command, `--set-target=${wanted}`], [PERMANENT])],
    },
  ];
};
