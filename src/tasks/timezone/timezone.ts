import type { Action } from "../../core/action.ts";
import { type Probe, type ReadResult, read } from "../../core/probe.ts";
import { quote } from "../../core/shell.ts";
import { defineState, type Plan, planOf } from "../../core/task.ts";
import { dict, type Value } from "../../core/value.ts";
import { actionsOf, type PlannedChange, viewOf } from "../planned-change.ts";
import { labelled } from "../shared-probes/label.ts";
import { schema, type TimezoneParams } from "./schema.ts";

interface TimezoneFacts {
  /** Whether timedatectl is there and answered by systemd. */
  readonly timedatectl: boolean;
  /** The zone of /etc/localtime by its name; null where it is no link to one. */
  readonly zone: string | null;
  /** What /etc/timezone says, where the node has the file. */
  readonly written: string | null;
  readonly hwclock: "local" | "UTC";
  /** Whether the node knows the wanted zone. */
  readonly known: boolean;
}

/** Sets the time zone of a node, and which time its hardware clock keeps. */
export const timezone = defineState<TimezoneParams, TimezoneFacts, PlannedChange>({
  kind: "state",
  name: "timezone",
  aliases: ["community.general.timezone"],
  summary: "Sets the time zone of a node, and which time its hardware clock keeps.",
  schema,
  example: `- community.general.timezone:
    name: Europe/Berlin
`,
  rules: ({ name, hwclock }) =>
    name === null && hwclock === null ? ["one of name and hwclock is required"] : [],
  inspect: ({ name }): Probe<TimezoneFacts> => read(script(name), parse),
  diff,
  view: viewOf,
  apply: actionsOf,
  was: (params, facts) => ({
    diff: dict({
      before: dict(asked(params, { name: zoneOf(facts), hwclock: facts.hwclock })),
      after: dict(asked(params, { name: params.name ?? "", hwclock: params.hwclock ?? "" })),
    }),
  }),
});

const asked = (params: TimezoneParams, values: Readonly<Record<"name" | "hwclock", Value>>) => ({
  ...(params.name === null ? {} : { name: values.name }),
  ...(params.hwclock === null ? {} : { hwclock: values.hwclock }),
});

/** A machine without /etc/localtime is in UTC (localtime(5)). */
const script = (name: string | null): string =>
  labelled(`time zone${name === null ? "" : `, and whether there is ${name}`}`, [
    "if command -v timedatectl >/dev/null 2>&1 && timedatectl >/dev/null 2>&1; then echo timedatectl; else echo; fi",
    "if [ -h /etc/localtime ]; then readlink /etc/localtime; elif [ -e /etc/localtime ]; then echo; else echo UTC; fi",
    'w=; [ ! -r /etc/timezone ] || read -r w </etc/timezone; echo "$w"',
    'h=UTC; { read -r l; read -r l; read -r l; } </etc/adjtime 2>/dev/null && h=$l; echo "$h"',
    name === null || name === "" ? "echo" : `[ ! -f ${quote(`/usr/share/zoneinfo/${name}`)} ] || echo known`,
    "exit 0",
  ]);

const parse = ({ stdout }: ReadResult): TimezoneFacts => {
  const [timedatectl, link = "", written = "", hwclock, known] = stdout.toString("utf8").split("\n");
  const zone = /(?:^|\/zoneinfo\/)([A-Za-z].*)$/.exec(link)?.[1] ?? null;
  return {
    timedatectl: timedatectl === "timedatectl",
    zone,
    written: written === "" ? null : written.trim(),
    hwclock: hwclock === "LOCAL" ? "local" : "UTC",
    known: known === "known",
  };
};

/** Debian keeps the zone in two places; both have to agree. */
const zoneOf = ({ zone, written }: TimezoneFacts): string =>
  zone === null ? "n/a" : written === null || written === zone ? zone : written;

function diff(params: TimezoneParams, facts: TimezoneFacts): Plan<PlannedChange> {
  const { name, hwclock } = params;
  if (name !== null && !facts.known) {
    return { kind: "blocked", reason: `given timezone "${name}" is not available (package tzdata)` };
  }
  return planOf([
    ...(name === null || (facts.zone === name && (facts.written ?? name) === name)
      ? []
      : [
          {
            view: { field: "time zone", before: zoneOf(facts), after: name },
            actions: zoneActions(name, facts),
          },
        ]),
    ...(hwclock === null || facts.hwclock === hwclock
      ? []
      : [
          {
            view: { field: "time of the hardware clock", before: facts.hwclock, after: hwclock },
            actions: [clockAction(hwclock, facts)],
          },
        ]),
  ]);
}

const zoneActions = (name: string, { timedatectl, written }: TimezoneFacts): readonly Action[] => [
  timedatectl
    ? { kind: "run", argv: ["timedatectl", "set-timezone", name], touches: [LOCALTIME] }
    : {
        kind: "run",
        argv: ["ln", "-snf", `/usr/share/zoneinfo/${name}`, "/etc/localtime"],
        touches: [LOCALTIME],
      },
  // Debian's timedated writes this file too, other systems' do not, and some have it all the same.
  ...(written === null || written === name
    ? []
    : [
        {
          kind: "write" as const,
          path: "/etc/timezone",
          content: Buffer.from(`${name}\n`),
          mode: null,
          owner: null,
          group: null,
          validate: null,
          backup: false,
        },
      ]),
];

const LOCALTIME = { kind: "path", path: "/etc/localtime" } as const;

const clockAction = (hwclock: "local" | "UTC", { timedatectl }: TimezoneFacts): Action => ({
  kind: "run",
  argv: timedatectl
    ? ["timedatectl", "set-local-rtc", hwclock === "local" ? "yes" : "no"]
    : ["hwclock", "--systohc", hwclock === "local" ? "--localtime" : "--utc"],
  touches: [{ kind: "path", path: "/etc/adjtime" }],
});
