import type { Action, UnitVerb } from "../../core/action.ts";
import { type Probe, read, text } from "../../core/probe.ts";
import { argv, quote } from "../../core/shell.ts";
import { type Plan, planOf } from "../../core/task.ts";
import type { PlannedChange } from "../planned-change.ts";
import { labelled } from "../shared-probes/label.ts";
import type { ServiceParams } from "./schema.ts";

/** A service that an init script runs, on a node without systemd. */
export interface InitScript {
  /** null where systemd runs the node, and init scripts were not asked. */
  readonly exists: boolean | null;
  readonly running: boolean;
  readonly enabled: boolean;
}

/** Asks an init script for its status; costs nothing on a node that systemd runs. */
export const initScript = ({ name, pattern, use }: ServiceParams): Probe<InitScript> =>
  read(
    labelled(`init script ${name}${pattern === null ? "" : `, or a process ${pattern}`}`, [
      ...(use === "auto" ? ["[ ! -d /run/systemd/system ] || exit 4"] : []),
      `[ -e /etc/init.d/${quote(name)} ] || exit 3`,
      `for l in /etc/rc[2345].d/S[0-9][0-9]${quote(name)} /etc/rc.d/rc[2345].d/S[0-9][0-9]${quote(name)}; do`,
      '[ ! -e "$l" ] || { echo enabled; break; }; done',
      pattern === null
        ? `if /etc/init.d/${quote(name)} status >/dev/null 2>&1; then echo running; fi`
        : `if ps -A -o args= 2>/dev/null | grep -F -- ${quote(pattern)} | grep -qv '^grep '; then echo running; fi`,
    ]),
    (answer) => {
      const words = text(answer).split("\n");
      return {
        exists: answer.code === 4 ? null : answer.code !== 3,
        running: words.includes("running"),
        enabled: words.includes("enabled"),
      };
    },
  );

/** What an init script has to be told. */
export const planInitScript = (params: ServiceParams, facts: InitScript): Plan<PlannedChange> => {
  const { name, enabled } = params;
  if (facts.exists !== true)
    return { kind: "blocked", reason: `Could not find the requested service ${name}: host` };
  return planOf([
    ...(enabled === null || enabled === facts.enabled
      ? []
      : [
          {
            view: {
              field: `${name} enabled`,
              before: facts.enabled ? "yes" : "no",
              after: enabled ? "yes" : "no",
            },
            actions: [enable(name, enabled)],
          },
        ]),
    ...stateChanges(params, facts),
  ]);
};

const stateChanges = (params: ServiceParams, { running }: InitScript): readonly PlannedChange[] => {
  const { name, state } = params;
  const before = running ? "running" : "not running";
  switch (state) {
    case null:
      return [];
    case "stopped":
      return running
        ? [{ view: { field: name, before, after: "stopped" }, actions: [call(params, "stop")] }]
        : [];
    case "started":
    case "restarted":
    case "reloaded":
      if (!running)
        return [{ view: { field: name, before, after: "started" }, actions: [call(params, "start")] }];
      if (state === "started") return [];
      return [
        { view: { field: name, before: null, after: state, event: true }, actions: again(params, state) },
      ];
  }
};

const call = ({ name, arguments: words }: ServiceParams, verb: UnitVerb): Action => ({
  kind: "script",
  script: `${argv(`/etc/init.d/${name}`, verb)}${words === "" ? "" : ` ${words}`}`,
  touches: [{ kind: "unit", unit: name, verb }],
});

/** A pause needs both steps; without one the script's own restart is the better judge. */
const again = (params: ServiceParams, state: "restarted" | "reloaded"): readonly Action[] => {
  if (state === "reloaded") return [call(params, "reload")];
  if (params.sleep === 0) return [call(params, "restart")];
  return [
    call(params, "stop"),
    { kind: "run", argv: ["sleep", String(params.sleep)], touches: [] },
    call(params, "start"),
  ];
};

const enable = (name: string, enabled: boolean): Action => ({
  kind: "script",
  script: [
    "if command -v update-rc.d >/dev/null 2>&1; then",
    enabled
      ? `${argv("update-rc.d", name, "defaults")} && ${argv("update-rc.d", name, "enable")}`
      : argv("update-rc.d", name, "disable"),
    "elif command -v chkconfig >/dev/null 2>&1; then",
    enabled
      ? `${argv("chkconfig", "--add", name)} && ${argv("chkconfig", name, "on")}`
      : argv("chkconfig", name, "off"),
    "else echo 'neither update-rc.d nor chkconfig is there' >&2; exit 127; fi",
  ].join("\n"),
  touches: [{ kind: "unit", unit: name, verb: enabled ? "enable" : "disable" }],
});
