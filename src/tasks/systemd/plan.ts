import type { Action, Touched, UnitVerb } from "../../core/action.ts";
import { argv } from "../../core/shell.ts";
import { type Plan, planOf } from "../../core/task.ts";
import type { PlannedChange } from "../planned-change.ts";
import { scopeFlags, type UnitState, USER_BUS } from "../shared-probes/unit-state.ts";
import type { SystemdParams } from "./schema.ts";

/** What systemd has to know of a node. */
export interface SystemdFacts {
  /** null where the task names no unit. */
  readonly unit: UnitState | null;
  /** Whether unit files are newer than what systemd knows; null where that cannot be told. */
  readonly filesChanged: boolean | null;
}

/** What has to be done, in systemctl's order: reload, mask, enable, start. */
export const planUnit = (params: SystemdParams, facts: SystemdFacts): Plan<PlannedChange> => {
  const manager = managerChanges(params, facts);
  const { name } = params;
  if (name === null || facts.unit === null) return planOf(manager);
  const unit = describe(name, facts.unit, params.daemon_reload);
  const obstacle = obstacleFor(params, unit);
  if (obstacle !== null) return { kind: "blocked", reason: obstacle };
  return planOf([
    ...manager,
    ...maskChanges(params, unit),
    ...enableChanges(params, unit),
    ...stateChanges(params, unit),
  ]);
};

/** A unit as the plan sees it. */
interface Unit {
  /** As the task calls it, for people and messages. */
  readonly name: string;
  /** Its own name where the task uses an alias: systemctl refuses to enable those. */
  readonly id: string;
  readonly manager: UnitState["manager"];
  readonly found: boolean;
  readonly masked: boolean;
  readonly active: string;
  readonly running: boolean;
  readonly fileState: string;
  readonly property: (name: string) => string;
  /** null where the unit can be neither enabled nor disabled. */
  readonly enabled: boolean | null;
  readonly fault: string | null;
  /** An init script that systemd has not made a unit of yet. */
  readonly unread: boolean;
}

/**
 * An init script counts where systemd shall read it now. One that systemd knows nothing of may be what a removed
 * package left behind.
 */
const describe = (name: string, state: UnitState, reloads: boolean): Unit => {
  const { manager, properties, initScript, fault } = state;
  const property = (key: string): string => properties.get(key) ?? "";
  const loaded = property("LoadState");
  const fileState = property("UnitFileState");
  const known =
    manager === "running"
      ? loaded !== "not-found" && loaded !== ""
      : fileState !== "" && fileState !== "not-found";
  const active = property("ActiveState");
  return {
    name,
    id: known && property("Id") !== "" ? property("Id") : name,
    manager,
    found: known || (initScript && reloads),
    masked: loaded === "masked" || fileState.startsWith("masked"),
    active,
    running: RUNNING.has(active) && property("SubState") !== "auto-restart",
    fileState,
    property,
    enabled: enabledOf(state),
    fault,
    unread: !known && initScript && reloads,
  };
};

const RUNNING = new Set(["active", "activating", "reloading", "refreshing"]);

/** Ansible's sentence for a unit that is not there is matched by many a role's failed_when. */
const obstacleFor = ({ state, enabled, masked, scope }: SystemdParams, unit: Unit): string | null => {
  if (unit.manager === "none") return "systemctl is not there: the node does not use systemd";
  if (unit.manager === "silent") return `systemd does not answer: ${unit.fault}`;
  const acts = state !== null || enabled !== null;
  if (!unit.found && !unit.masked && acts) return `Could not find the requested service ${unit.name}: host`;
  if (state !== null && unit.manager !== "running" && scope !== "global")
    return `systemd does not run on the node, so the state of ${unit.name} cannot be changed`;
  const stays = unit.masked && masked !== false;
  if (stays && state !== null && state !== "stopped") return `${unit.name} is masked and cannot be started`;
  if (stays && enabled === true) return `${unit.name} is masked and cannot be enabled`;
  const error = unit.property("LoadError");
  if (acts && !unit.masked && unit.found && !unit.unread && error !== "")
    return `${unit.name} cannot be loaded: ${error.replace(/^\S+ /, "").replaceAll('"', "")}`;
  if (state === "reloaded" && unit.running && unit.property("CanReload") === "no")
    return `${unit.name} cannot be reloaded: its unit says nothing of how`;
  return null;
};

/** Without a manager there is nothing to reload: systemd reads everything when it starts. */
const managerChanges = (
  params: SystemdParams,
  { unit, filesChanged }: SystemdFacts,
): readonly PlannedChange[] => {
  if (unit !== null && unit.manager !== "running") return [];
  const due = filesChanged !== false || unit?.properties.get("NeedDaemonReload") === "yes";
  const unread = unit !== null && describe("", unit, params.daemon_reload).unread;
  return [
    ...(params.daemon_reexec ? [quiet(event(params, "systemd", "executed anew", ["daemon-reexec"]))] : []),
    ...(params.daemon_reload && (due || unread)
      ? [quiet(event(params, "unit files", "read again", ["daemon-reload"]))]
      : []),
  ];
};

const event = (
  params: SystemdParams,
  field: string,
  after: string,
  words: readonly string[],
): PlannedChange => ({
  view: { field, before: null, after, event: true },
  actions: [systemctl(params, words)],
});

/** As in Ansible: whether systemd has to read a unit file again also depends on tasks that check mode does not run. */
const quiet = ({ view, actions }: PlannedChange): PlannedChange => ({
  view: { ...view, quiet: true },
  actions,
});

const maskChanges = (params: SystemdParams, unit: Unit): readonly PlannedChange[] =>
  params.masked === null || params.masked === unit.masked
    ? []
    : [
        {
          view: { field: `${unit.name} masked`, before: yesNo(unit.masked), after: yesNo(params.masked) },
          actions: [
            params.masked || !unit.running || params.scope !== "system"
              ? systemctl(params, [params.masked ? "mask" : "unmask", unit.masked ? unit.name : unit.id])
              : unmaskRunning(unit),
          ],
        },
      ];

/**
 * Where a unit has an alias (rsyslog's is syslog), unmasking it while it runs can make systemd lose sight of its processes:
 * it is inactive then, they go on, and `systemctl kill` ends the whole node (seen with 252). So it is stopped for that.
 */
const unmaskRunning = ({ name, id }: Unit): Action => {
  const call = (verb: string, unit: string): string => argv("systemctl", verb, unit);
  return {
    kind: "script",
    script: [
      `a=$(${argv("find", "/etc/systemd/system", "-maxdepth", "1", "-type", "l", "-lname", `*/${id}`)})`,
      `[ -z "$a" ] || ${call("stop", id)} || exit`,
      `${call("unmask", name)} || exit`,
      `[ -z "$a" ] || ${call("start", id)}`,
    ].join("\n"),
    touches: [
      { kind: "unit", unit: id, verb: "unmask" },
      { kind: "unit", unit: id, verb: "restart" },
    ],
  };
};

const yesNo = (value: boolean): string => (value ? "yes" : "no");

/** Whether the unit starts at boot. Static and generated units cannot be enabled or disabled: they are as they shall be. */
export const enabledOf = (state: UnitState): boolean | null => {
  const fileState = state.properties.get("UnitFileState") ?? "";
  if (["enabled", "enabled-runtime"].includes(fileState)) return true;
  if (["static", "transient"].includes(fileState)) return null;
  return ["generated", "bad", ""].includes(fileState) && state.initScript ? state.initLinks : false;
};

const enableChanges = (params: SystemdParams, unit: Unit): readonly PlannedChange[] => {
  const { enabled } = params;
  if (enabled === null || (unit.masked && !enabled)) return [];
  const present = unit.enabled ?? enabled;
  if (present === enabled) return [];
  // An indirect unit enables others and stays indirect itself.
  const unseen = enabled && unit.fileState === "indirect";
  return [
    {
      view: {
        field: `${unit.name} enabled`,
        before: unit.fileState === "" ? yesNo(present) : unit.fileState,
        after: yesNo(enabled),
        ...(unseen ? { event: true } : {}),
      },
      actions: [systemctl(params, [...forced(params), enabled ? "enable" : "disable", unit.id])],
    },
  ];
};

const forced = ({ force }: SystemdParams): readonly string[] => (force === true ? ["--force"] : []);

const stateChanges = (params: SystemdParams, unit: Unit): readonly PlannedChange[] => {
  const { state } = params;
  if (state === null) return [];
  if (state === "stopped") {
    const stopped = ["inactive", "failed", "maintenance", ""].includes(unit.active);
    return stopped || (unit.active === "deactivating" && params.no_block)
      ? []
      : [stateChange(params, unit, "stopped", ["stop"])];
  }
  if (!unit.running) return [stateChange(params, unit, "started", ["start"])];
  if (state === "started") return [];
  return [
    event(params, unit.name, state, [
      ...blocking(params),
      state === "restarted" ? "restart" : "reload",
      unit.id,
    ]),
  ];
};

const blocking = ({ no_block }: SystemdParams): readonly string[] => (no_block ? ["--no-block"] : []);

/** A oneshot that does not remain is over as soon as it was started. A unit that failed too often has to be forgiven first. */
const stateChange = (
  params: SystemdParams,
  unit: Unit,
  after: string,
  verb: readonly string[],
): PlannedChange => {
  const passing =
    after === "started" && unit.property("Type") === "oneshot" && unit.property("RemainAfterExit") === "no";
  const forgiven = after === "started" && (unit.active === "failed" || unit.active === "activating");
  return {
    view: { field: unit.name, before: presentState(unit), after, ...(passing ? { event: true } : {}) },
    actions: [
      ...(forgiven ? [systemctl(params, ["reset-failed", unit.id])] : []),
      systemctl(params, [...blocking(params), ...verb, unit.id]),
    ],
  };
};

/** A unit whose conditions do not hold is started in vain and says so only here. */
const presentState = (unit: Unit): string => {
  const active = unit.active === "" ? "not loaded" : unit.active;
  if (unit.property("SubState") === "auto-restart") return "failing and restarted again and again";
  const tried = !["", "0"].includes(unit.property("ConditionTimestampMonotonic"));
  return active === "inactive" && tried && unit.property("ConditionResult") === "no"
    ? "inactive, its conditions did not hold"
    : active;
};

const systemctl = ({ scope }: SystemdParams, words: readonly string[]): Action => {
  const touches = touchedBy(scope, words);
  return scope === "user"
    ? { kind: "script", script: `${USER_BUS}\n${argv("systemctl", "--user", ...words)}`, touches }
    : { kind: "run", argv: ["systemctl", ...scopeFlags(scope), ...words], touches };
};

/** What only makes systemd look again, or forgive, is nothing to put back. Users' units are not the node's to restore. */
const touchedBy = (scope: SystemdParams["scope"], words: readonly string[]): readonly Touched[] => {
  const verb = VERBS.find((one) => words.includes(one));
  const unit = words.at(-1);
  if (verb === undefined || unit === undefined) return [];
  return scope === "system"
    ? [{ kind: "unit", unit, verb }]
    : [{ kind: "lasting", what: `systemctl --${scope} ${verb} ${unit} was run` }];
};

const VERBS: readonly UnitVerb[] = [
  "start",
  "stop",
  "restart",
  "reload",
  "enable",
  "disable",
  "mask",
  "unmask",
];
