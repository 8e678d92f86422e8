import type { Action, Touched } from "../../core/action.ts";
import { quote } from "../../core/shell.ts";
import { type Plan, planOf } from "../../core/task.ts";
import { ASK } from "../../lb/live/socket.ts";
import type { PlannedChange } from "../planned-change.ts";
import type { HaproxyFacts, LiveServer } from "./facts.ts";
import type { HaproxyParams } from "./schema.ts";

/** What has to be said to the socket that the server is as wanted in each of its backends. */
export const planServers = (params: HaproxyParams, { servers, fault }: HaproxyFacts): Plan<PlannedChange> => {
  if (fault !== null) return { kind: "blocked", reason: fault };
  if (servers.length === 0 && params.fail_on_not_found) {
    const name = params.backend === null ? params.host : `${params.backend}/${params.host}`;
    return { kind: "blocked", reason: `The specified backend '${name}' was not found!` };
  }
  return planOf(servers.flatMap((server) => changesOf(params, server)));
};

const changesOf = (params: HaproxyParams, server: LiveServer): readonly PlannedChange[] => [
  ...(params.state === "disabled" ? [] : stateChange(params, server)),
  ...checkChanges(params, server),
  ...(params.state === "disabled" ? stateChange(params, server) : []),
  ...weightChange(params, server),
];

type State = "enabled" | "disabled" | "drain";

/** What the operator decided; a server in maintenance because of another one, or of a name, is not meant. */
const stateOf = ({ status, more }: LiveServer): State => {
  if (more !== null)
    return (more.admin & 1) !== 0 ? "disabled" : (more.admin & 8) !== 0 ? "drain" : "enabled";
  return status === "MAINT" ? "disabled" : status === "DRAIN" ? "drain" : "enabled";
};

const COMMANDS: Readonly<Record<State, (name: string) => string>> = {
  enabled: (name) => `enable server ${name}`,
  disabled: (name) => `disable server ${name}`,
  drain: (name) => `set server ${name} state drain`,
};

const WANTED: Readonly<Record<State, string>> = { enabled: "UP", disabled: "MAINT", drain: "DRAIN" };

const stateChange = (params: HaproxyParams, server: LiveServer): readonly PlannedChange[] => {
  const { state, host, shutdown_sessions } = params;
  const name = `${server.backend}/${host}`;
  const before = stateOf(server);
  const ends = state === "disabled" && shutdown_sessions && !params.drain;
  const shutdown = `shutdown sessions server ${name}`;
  if (before === state) {
    if (!ends || server.sessions === "0") return [];
    const view = { field: `sessions of ${name}`, before: server.sessions, after: "shut down", event: true };
    const touched: Touched = { kind: "lasting", what: `the sessions of ${name} were shut down` };
    return [{ view, actions: [say(params, [shutdown], touched)] }];
  }
  const drains = state === "disabled" && params.drain && before !== "drain";
  const waits = (for_: State): readonly string[] =>
    params.wait ? [waiting(params, server.backend, for_)] : [];
  const steps = [
    ...(drains ? [COMMANDS.drain(name)] : []),
    ...(state === "disabled" && params.drain ? waits("drain") : []),
    COMMANDS[state](name),
    ...(ends ? [shutdown] : []),
    ...waits(state),
  ];
  // From drained to disabled and back both are bits of their own: enabled takes both away.
  const back =
    before === "enabled" ? [COMMANDS.enabled(name)] : [COMMANDS.enabled(name), COMMANDS[before](name)];
  return [
    {
      view: { field: name, before, after: state },
      actions: [say(params, steps, takenBack(params, name, back))],
    },
  ];
};

const checkChanges = (params: HaproxyParams, server: LiveServer): readonly PlannedChange[] => {
  const name = `${server.backend}/${params.host}`;
  if (params.state === "drain") return [];
  const wanted = params.state === "enabled";
  return (["agent", "health"] as const).flatMap((check) => {
    if (!params[check]) return [];
    const before = server.more === null ? !wanted : server.more[check];
    if (before === null || before === wanted) return [];
    const verb = (on: boolean): string => `${on ? "enable" : "disable"} ${check} ${name}`;
    return [
      {
        view: {
          field: `${check} check of ${name}`,
          before: before ? "enabled" : "disabled",
          after: wanted ? "enabled" : "disabled",
          ...(server.more === null ? { event: true } : {}),
        },
        actions: [say(params, [verb(wanted)], takenBack(params, name, [verb(before)]))],
      },
    ];
  });
};

const weightChange = (params: HaproxyParams, server: LiveServer): readonly PlannedChange[] => {
  const { weight, state, host } = params;
  if (weight === null || state !== "enabled") return [];
  const name = `${server.backend}/${host}`;
  const relative = weight.endsWith("%");
  const configured = server.more?.configuredWeight ?? null;
  const wanted = !relative
    ? String(Number(weight))
    : configured === null
      ? null
      : String(Math.floor((configured * Number.parseInt(weight, 10)) / 100));
  if (server.weight === wanted) return [];
  return [
    {
      view: {
        field: `weight of ${name}`,
        before: server.weight,
        after: wanted ?? weight,
        ...(wanted === null ? { event: true } : {}),
      },
      actions: [
        say(
          params,
          [`set weight ${name} ${weight}`],
          takenBack(params, name, [`set weight ${name} ${server.weight}`]),
        ),
      ],
    },
  ];
};

/** HAProxy answers a command that it obeyed with nothing, and ends with 0 whatever it thinks of it. */
const SAY = `say() { o=$(ask "$s" "$1") || exit 1; [ -z "$o" ] || { printf '%s: %s\\n' "$1" "$o" >&2; exit 1; }; }`;

const say = (params: HaproxyParams, steps: readonly string[], touched: Touched): Action => ({
  kind: "script",
  script: [
    ASK.trim(),
    `s=${quote(params.socket)}`,
    SAY,
    ...steps.map((step) => (step.includes("\n") ? step : `say ${quote(step)}`)),
  ].join("\n"),
  timeoutMs: null,
  touches: [touched],
});

const takenBack = ({ socket }: HaproxyParams, what: string, commands: readonly string[]): Touched => ({
  kind: "inverse",
  what: `state of the server ${what}`,
  argv: [
    "sh",
    "-c",
    [ASK.trim(), "s=$1", SAY, ...commands.map((command) => `say ${quote(command)}`)].join("\n"),
    "sh",
    socket,
  ],
});

/** Looks until the status is there and, where it is drained first, nobody is connected. Without checks none is UP. */
const waiting = (params: HaproxyParams, backend: string, state: State): string => {
  const { host, wait_retries, wait_interval, drain } = params;
  const status = WANTED[state];
  const program = [
    '/^#/ { sub(/^# /, ""); for (i = 1; i <= NF; i++) at[$i] = i; next }',
    `$at["pxname"] == b && $at["svname"] == h { ok = (index($at["status"], w) || w == "UP" && $at["status"] == "no check")${drain ? ' && $at["scur"] == 0' : ""} } END { exit !ok }`,
  ].join("\n");
  return [
    `i=0; until ask "$s" "show stat" | awk -F, -v b=${quote(backend)} -v h=${quote(host)} -v w=${status} ${quote(program)}; do`,
    `i=$((i + 1)); if [ $i -ge ${wait_retries} ]; then echo "server ${backend}/${host} not status '${status}' after ${wait_retries} retries. Aborting." >&2; exit 1; fi`,
    `sleep ${wait_interval}`,
    "done",
  ].join("\n");
};
