import { suggest } from "../../../core/suggest.ts";
import type { KeepalivedConfig, SyncGroup, Tracker, TrackerUse } from "../../keepalived/config.ts";
import { findStatement, settingOf } from "../../keepalived/statements.ts";
import { atLeast } from "../../version.ts";
import { looksAtFile } from "../../vrrp/command.ts";
import { healthTrackers } from "../../vrrp/events.ts";
import { memberOf } from "../../vrrp/member.ts";
import { keepsWeights } from "../../vrrp/trackers.ts";
import type { Finding, Rule } from "../rule.ts";
import { exampleBlock, exampleConf, exampleScript } from "./keepalived-example.ts";
import {
  eachInstance,
  eachKeepalived,
  includesOthers,
  type KeepalivedNode,
  type NodeInstance,
  onNode,
} from "./keepalived-parts.ts";

const pairOf = (conf: string) => ({ keepalived: { lb1: conf } });

const script = (lines: readonly string[] = ["fall 2", "rise 2"], name = "chk_haproxy"): string =>
  exampleScript(['script "/usr/bin/curl -fsS http://127.0.0.1:8404/healthz"', "interval 2", ...lines], name);

const uses = (name = "chk_haproxy"): readonly string[] => exampleBlock("track_script", [name]);

const tracked = exampleConf({ before: script(), lines: uses() });

/** Whether trackers are there, are used, and can do what they are for. */
export const keepalivedTrackerRules: readonly Rule[] = [
  {
    id: "K18",
    severity: "error",
    title: "What an instance tracks is defined, and what is defined is tracked.",
    why: "keepalived ignores a tracker that it does not know: the check is not made, and nothing says so in the run.",
    source: 'measured with keepalived 2.2.7 ("track script … not found, ignoring")',
    fix: "Define the tracker under the name that the instance uses.",
    bad: pairOf(exampleConf({ before: script(), lines: uses("check_haproxy") })),
    good: pairOf(tracked),
    check: (pair) => eachKeepalived(pair, (entry) => [...undefinedUses(entry), ...unused(entry)]),
  },
  {
    id: "K19",
    severity: "info",
    title: "An instance does not name its own interface in track_interface.",
    why: "keepalived tracks it anyway and ignores the line, with its weight.",
    source: 'measured with keepalived 2.2.7 ("Ignoring track_interface eth0 since own interface")',
    fix: "Take the line out.",
    bad: pairOf(exampleConf({ lines: exampleBlock("track_interface", ["eth0"]) })),
    good: pairOf(exampleConf()),
    check: (pair) =>
      eachInstance(pair, ({ node, instance }) =>
        instance.trackers
          .filter(({ kind, name }) => kind === "interface" && name === instance.interface?.text)
          .map(({ name, at, weight }) =>
            onNode({ node }, at, `${name} is the interface of ${instance.name}, which is tracked anyway`, {
              ...(weight === null || weight === 0 ? {} : { severity: "warning" }),
            }),
          ),
      ),
  },
  {
    id: "K25",
    severity: "warning",
    title: "A script's numbers are such as keepalived takes, and one failed look does not decide.",
    why: "Before 2.3.2 a fraction of a second is ignored (1 s is taken); a script that may fail once by chance moves the addresses.",
    source: "measured with keepalived 2.2.7 (\"invalid number '0.25'\"); keepalived issue 2289",
    fix: "Write whole seconds, a timeout no longer than the interval, and fall 2 and rise 2 or more.",
    bad: pairOf(exampleConf({ before: script(["fall 1"]), lines: uses() })),
    good: pairOf(tracked),
    check: (pair) => eachKeepalived(pair, scriptNumbers),
  },
  {
    id: "K26",
    severity: "error",
    title: "In a sync group the members' trackers have weight 0, unless sync_group_tracking_weight is set.",
    why: "keepalived drops a weighted script of a member altogether, so its failure changes nothing.",
    source: 'measured with keepalived 2.2.7 ("ignoring tracked script … due to SYNC group"); vrrp.c',
    fix: "Use weight 0, move the tracker into the group, or set sync_group_tracking_weight.",
    bad: pairOf(inGroup(-50)),
    good: pairOf(inGroup(0)),
    check: (pair) => eachInstance(pair, groupWeights),
  },
  {
    id: "K27",
    severity: "error",
    title: "A weight is a whole number from -253 to 253.",
    why: "keepalived does not take another one, and what it takes instead is another behaviour.",
    source: 'measured with keepalived 2.2.7 ("weight 300 must be in [-253, 253]")',
    fix: "Write a weight from -253 to 253.",
    bad: pairOf(exampleConf({ before: script(["fall 2", "rise 2", "weight -300"]), lines: uses() })),
    good: pairOf(exampleConf({ before: script(["fall 2", "rise 2", "weight -50"]), lines: uses() })),
    check: (pair) => eachKeepalived(pair, weights),
  },
  {
    id: "K33",
    severity: "error",
    title: "Tracked processes are used where the kernel tells of them: not in a container.",
    why: "In a network namespace of its own keepalived hears of no process that ends: haproxy's death is not noticed.",
    source: 'measured with keepalived 2.2.7 ("Failed to set/clear process event listen")',
    fix: "Use a vrrp_script, or a tracked file that systemd writes.",
    bad: {
      keepalived: { lb1: processConf() },
      facts: { lb1: { virtualization: { kind: "container", name: "lxc" } } },
    },
    good: { keepalived: { lb1: processConf() } },
    check: (pair) =>
      eachInstance(pair, ({ node, instance }) => {
        const watched = instance.trackers.find(({ kind }) => kind === "process");
        const { virtualization } = node.facts ?? {};
        return watched === undefined || virtualization?.kind !== "container"
          ? []
          : [
              onNode(
                { node },
                watched.at,
                `the node is a container (${virtualization.name}): keepalived would not notice that ${watched.name} ends`,
              ),
            ];
      }),
  },
  {
    id: "K45",
    severity: "error",
    title: "keepalived learns when haproxy is down.",
    why: "Without a tracker the address stays on a node whose haproxy is dead, and all clients are refused.",
    source: "measured with keepalived 2.2.7",
    fix: "Track haproxy by a vrrp_script that asks it, a tracked file that systemd writes, or vrrp_track_process.",
    bad: pairOf(exampleConf()),
    good: pairOf(tracked),
    check: (pair) => eachInstance(pair, blind),
  },
];

function inGroup(weight: number): string {
  return exampleConf({
    before: [
      script(["fall 2", "rise 2", `weight ${weight}`]),
      "vrrp_sync_group all {",
      "    group {",
      "        VI_1",
      "    }",
      "}",
    ].join("\n"),
    lines: uses(),
  });
}

function processConf(): string {
  return exampleConf({
    before: ["vrrp_track_process haproxy {", "    process haproxy", "    delay 0.3", "}"].join("\n"),
    lines: exampleBlock("track_process", ["haproxy"]),
  });
}

const DEFINED: readonly TrackerUse["kind"][] = ["script", "file", "process"];

const allUses = (config: KeepalivedConfig): readonly TrackerUse[] => [
  ...config.instances.flatMap(({ trackers }) => trackers),
  ...config.syncGroups.flatMap(({ trackers }) => trackers),
];

const undefinedUses = ({ node, config }: KeepalivedNode): readonly Finding[] => {
  if (includesOthers(config)) return [];
  return allUses(config).flatMap((use) => {
    if (!DEFINED.includes(use.kind) || use.name.includes("$")) return [];
    const names = config.trackers.filter(({ kind }) => kind === use.kind).map(({ name }) => name);
    if (names.includes(use.name)) return [];
    const near = suggest(use.name, names) ?? (names.length === 1 ? names[0] : null);
    const hint = near == null ? {} : { fix: `Write ${near}, if that is what is meant.` };
    return [
      onNode(
        { node },
        use.at,
        `${use.kind} ${use.name} is tracked but nowhere defined: keepalived ignores it`,
        hint,
      ),
    ];
  });
};

const unused = ({ node, config }: KeepalivedNode): readonly Finding[] => {
  if (includesOthers(config)) return [];
  const used = new Set(allUses(config).map(({ kind, name }) => `${kind} ${name}`));
  // A tracked file may be a checker's.
  return config.trackers
    .filter(({ kind, name }) => kind !== "file" && !used.has(`${kind} ${name}`))
    .map(({ kind, name, at }) =>
      onNode({ node }, at, `${kind} ${name} is defined but no instance tracks it`, {
        fix: `Name ${name} in track_${kind} of the instance, or take it out.`,
        severity: "warning",
      }),
    );
};

const scriptNumbers = ({ node, config }: KeepalivedNode): readonly Finding[] =>
  config.trackers
    .filter(({ kind }) => kind === "script")
    .flatMap((tracker): readonly Finding[] => {
      const { statements, name, at } = tracker;
      const version = node.facts?.keepalived?.version ?? null;
      const coarse = version !== null && !atLeast(version, [2, 3, 2]);
      const number = (keyword: string, otherwise: number): number => {
        const value = Number(settingOf(statements, keyword)?.text ?? otherwise);
        return Number.isFinite(value) ? value : otherwise;
      };
      const fractions = ["interval", "timeout"].flatMap((keyword) => {
        const word = settingOf(statements, keyword);
        return coarse && word !== null && /^\d*\.\d*[1-9]/.test(word.text)
          ? [
              onNode(
                { node },
                word.at,
                `${keyword} ${word.text} of ${name} is no whole number, which keepalived ${version.join(".")} ignores`,
              ),
            ]
          : [];
      });
      const [interval, timeout] = [number("interval", 1), number("timeout", 0)];
      const long =
        timeout > interval
          ? [
              onNode(
                { node },
                settingOf(statements, "timeout")?.at ?? at,
                `timeout ${timeout} of ${name} is longer than its interval of ${interval}`,
              ),
            ]
          : [];
      const [fall, rise] = [number("fall", 1), number("rise", 1)];
      const hasty = fall < 2 ? "one failed look moves the addresses" : "one good look brings a node back";
      const shaky =
        !looksAtFile(tracker.target) && (fall < 2 || rise < 2)
          ? [onNode({ node }, at, `${name} has fall ${fall} and rise ${rise}: ${hasty}`)]
          : [];
      return [...fractions, ...long, ...shaky];
    });

const groupWeights = ({ node, config, instance }: NodeInstance): readonly Finding[] => {
  const group: SyncGroup | undefined = config.syncGroups.find(({ name }) => name === instance.syncGroup);
  if (group === undefined || keepsWeights(group)) return [];
  return instance.trackers.flatMap((use) => {
    const definition = config.trackers.find(({ kind, name }) => kind === use.kind && name === use.name);
    const weight = use.weight ?? definition?.weight ?? 0;
    // keepalived itself takes 0 for an interface and for a file's default weight of 1.
    const counted = use.kind === "script" || use.kind === "bfd" || (use.kind === "file" && weight !== 1);
    return weight === 0 || !counted
      ? []
      : [
          onNode(
            { node },
            use.at,
            `${use.name} has weight ${weight} in ${instance.name}, which is in sync group ${group.name}: keepalived ignores it`,
          ),
        ];
  });
};

const weights = ({ node, config }: KeepalivedNode): readonly Finding[] => {
  const uses = allUses(config).flatMap(({ weight, at, name }) =>
    weight === null ? [] : [{ weight, at, name }],
  );
  const definitions = config.trackers.flatMap(({ statements, name }: Tracker) => {
    const word = findStatement(statements, "weight")?.words[1];
    return word === undefined || word.text.includes("$")
      ? []
      : [{ weight: Number(word.text), at: word.at, name }];
  });
  return [...definitions, ...uses]
    .filter(({ weight }) => !Number.isInteger(weight) || Math.abs(weight) > GREATEST_WEIGHT)
    .map(({ weight, at, name }) =>
      onNode(
        { node },
        at,
        Number.isNaN(weight)
          ? `the weight of ${name} is no number`
          : `weight ${weight} of ${name} is not within -${GREATEST_WEIGHT} to ${GREATEST_WEIGHT}`,
      ),
    );
};

const GREATEST_WEIGHT = 253;

/** systemd can do it as well: keepalived is stopped with haproxy. */
const blind = ({ node, config, instance }: NodeInstance): readonly Finding[] => {
  const unit = node.facts?.units?.get("keepalived.service");
  const bound = ["BindsTo", "Requires", "PartOf"].some(
    (property) => unit?.get(property)?.includes("haproxy") === true,
  );
  const watches = healthTrackers(memberOf(node, config, instance)).length > 0;
  const group = config.syncGroups.find(({ name }) => name === instance.syncGroup);
  // What is tracked but nowhere defined, or has no effect, has a rule of its own.
  const written = [...instance.trackers, ...(group?.trackers ?? [])].some(
    ({ kind, name }) => DEFINED.includes(kind) && !DRAIN.test(name),
  );
  return bound || watches || written || includesOthers(config)
    ? []
    : [
        onNode(
          { node },
          instance.at,
          `nothing tells ${instance.name} that haproxy is down: its addresses would never move`,
        ),
      ];
};

/** What an operator writes tells nothing of haproxy. */
const DRAIN = /drain|maint/i;
