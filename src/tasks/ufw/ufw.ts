import type { Action, Touched } from "../../core/action.ts";
import { type ChangeView, defineState, type Plan, planOf } from "../../core/task.ts";
import { actionsOf, type PlannedChange, viewOf } from "../planned-change.ts";
import { type UfwFacts, ufwFacts } from "./facts.ts";
import { numberOf, ruleWords } from "./rule.ts";
import { schema, type UfwParams } from "./schema.ts";

/** Keeps the rules, defaults and state of ufw. */
export const ufw = defineState<UfwParams, UfwFacts, PlannedChange>({
  kind: "state",
  name: "ufw",
  aliases: ["community.general.ufw"],
  summary: "Keeps the rules, defaults and state of ufw.",
  schema,
  example: `- community.general.ufw:
    rule: allow
    from_ip: 192.0.2.11
    proto: vrrp
    comment: adverts of the other load balancer
`,
  rules,
  inspect: ufwFacts,
  diff,
  view: viewOf,
  apply: actionsOf,
  result: (params) => ({ commands: commandsOf(params).map((words) => words.join(" ")) }),
});

function rules(params: UfwParams): readonly string[] {
  const { state, rule, logging, direction, route, interface_in, interface_out, name, proto } = params;
  const policy = params.default;
  const tasks = [state, policy, rule, logging].filter((value) => value !== null);
  const exclusive = [name, proto, logging].filter((value) => value !== null);
  const short = direction === "in" || direction === "out";
  return [
    ...(tasks.length === 0 ? ["one of state, default, rule and logging is required"] : []),
    ...(state === "reset" && tasks.length > 1
      ? ["state reset takes all else away: what shall be set goes into a task after it"]
      : []),
    ...(exclusive.length > 1 ? ["name, proto and logging exclude each other"] : []),
    ...(direction !== null && (interface_in !== null || interface_out !== null)
      ? ["direction excludes interface_in and interface_out"]
      : []),
    ...(params.comment?.includes("'") === true ? ["ufw knows no comment with a ' in it"] : []),
    ...(params.interface !== null && direction === null ? ["direction is required with interface"] : []),
    ...(policy !== null && short
      ? ['for default, direction must be one of "outgoing", "incoming" and "routed", or absent']
      : []),
    ...(rule !== null && direction !== null && !short
      ? ['for a rule, direction must be one of "in" and "out", or absent']
      : []),
    ...(rule !== null && !route && interface_in !== null && interface_out !== null
      ? ["only route rules can combine interface_in and interface_out"]
      : []),
  ];
}

/** ufw's command lines, as far as they are known without looking. */
const commandsOf = (params: UfwParams): readonly (readonly string[])[] => [
  ...(params.state === null ? [] : [["ufw", "-f", VERBS[params.state]]]),
  ...(params.default === null ? [] : [defaultWords(params.default, params)]),
  ...(params.rule === null ? [] : [["ufw", ...ruleWords(params, params.insert)]]),
  ...(params.logging === null ? [] : [["ufw", "logging", params.logging]]),
];

const VERBS = { enabled: "enable", disabled: "disable", reloaded: "reload", reset: "reset" } as const;

const defaultWords = (value: string, { direction }: UfwParams): readonly string[] => [
  "ufw",
  "default",
  value,
  ...(direction === null ? [] : [direction]),
];

/** It is switched on last, when the rules that let the operator in are there. */
function diff(params: UfwParams, facts: UfwFacts): Plan<PlannedChange> {
  if (facts.fault !== null) return { kind: "blocked", reason: facts.fault };
  const state = stateChange(params, facts);
  const settings = [
    ...defaultChange(params, facts),
    ...ruleChange(params, facts),
    ...loggingChange(params, facts),
  ];
  return planOf(params.state === "disabled" ? [...state, ...settings] : [...settings, ...state]);
}

const RULES: readonly Touched[] = [
  { kind: "path", path: "/etc/ufw/user.rules" },
  { kind: "path", path: "/etc/ufw/user6.rules" },
];
const CONFIG: Touched = { kind: "path", path: "/etc/ufw/ufw.conf" };

const change = (view: ChangeView, argv: readonly string[], touches: readonly Touched[]): PlannedChange => {
  const action: Action = { kind: "run", argv, timeoutMs: null, touches };
  return { view, actions: [action] };
};

const back = (what: string, argv: readonly string[]): Touched => ({ kind: "inverse", what, argv });

const stateChange = ({ state }: UfwParams, { active, settings }: UfwFacts): readonly PlannedChange[] => {
  if (state === null) return [];
  const argv = ["ufw", "-f", VERBS[state]];
  if (state === "reloaded")
    return [change({ field: "ufw", before: null, after: "reloaded", event: true }, argv, [])];
  if (state === "reset") {
    const all: Touched = { kind: "tree", path: "/etc/ufw" };
    return [
      change({ field: "ufw", before: null, after: "reset", event: true }, argv, [
        back("ufw", ["ufw", "-f", active ? "enable" : "disable"]),
        all,
      ]),
    ];
  }
  const boot = settings.get("ENABLED") === "yes";
  const wanted = state === "enabled";
  if (active === wanted && boot === wanted) return [];
  const before = active
    ? boot
      ? "enabled"
      : "enabled until the next boot"
    : boot
      ? "enabled at boot"
      : "disabled";
  return [
    change({ field: "ufw", before, after: state }, argv, [
      back("ufw", ["ufw", "-f", wanted ? "disable" : "enable"]),
      CONFIG,
    ]),
  ];
};

const POLICIES: ReadonlyMap<string, string> = new Map([
  ["ACCEPT", "allow"],
  ["DROP", "deny"],
  ["REJECT", "reject"],
]);

const defaultChange = (params: UfwParams, { settings }: UfwFacts): readonly PlannedChange[] => {
  const wanted = params.default;
  if (wanted === null) return [];
  const direction = params.direction ?? "incoming";
  const chain = direction === "outgoing" ? "OUTPUT" : direction === "routed" ? "FORWARD" : "INPUT";
  const before = POLICIES.get(settings.get(`DEFAULT_${chain}_POLICY`) ?? "") ?? null;
  if (before === wanted) return [];
  const field = `ufw default ${direction}`;
  return [
    change({ field, before, after: wanted }, defaultWords(wanted, params), [
      ...(before === null ? [] : [back(field, defaultWords(before, params))]),
      { kind: "path", path: "/etc/default/ufw" },
    ]),
  ];
};

const ruleChange = (params: UfwParams, { differs, numbered }: UfwFacts): readonly PlannedChange[] => {
  if (params.rule === null || !differs) return [];
  const shown = ruleWords({ ...params, delete: false }, null).join(" ");
  const words = ["ufw", ...ruleWords(params, numberOf(params, numbered))];
  const opposite = ["ufw", ...ruleWords({ ...params, delete: !params.delete, insert: null }, null)];
  const view = params.delete
    ? { field: "ufw rule", before: shown, after: null }
    : { field: "ufw rule", before: null, after: shown };
  return [change(view, words, [back(`ufw rule ${shown}`, opposite), ...RULES])];
};

const loggingChange = ({ logging }: UfwParams, { settings }: UfwFacts): readonly PlannedChange[] => {
  if (logging === null) return [];
  const before = settings.get("LOGLEVEL") ?? "off";
  if (logging === "on" ? before !== "off" : before === logging) return [];
  return [
    change(
      { field: "ufw logging", before, after: logging },
      ["ufw", "logging", logging],
      [back("ufw logging", ["ufw", "logging", before]), CONFIG],
    ),
  ];
};
