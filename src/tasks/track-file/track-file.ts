import type { Action } from "../../core/action.ts";
import { all } from "../../core/probe.ts";
import { argv, quote } from "../../core/shell.ts";
import { defineState, type Plan } from "../../core/task.ts";
import { missingDirectory, presentText, unreadable } from "../file-content/land-file.ts";
import { actionsOf, type PlannedChange, viewOf } from "../planned-change.ts";
import { type FileAt, fileAt } from "../shared-probes/file-state.ts";
import { type UnitState, unitState } from "../shared-probes/unit-state.ts";
import { schema, type TrackFileParams } from "./schema.ts";

interface TrackFileFacts {
  readonly at: FileAt;
  readonly unit: UnitState;
}

/**
 * Makes a file that keepalived tracks say what systemd knows of a unit. The unit itself writes it as it starts and
 * stops; this is for what somebody else wrote since, or removed.
 */
export const trackFile = defineState<TrackFileParams, TrackFileFacts, PlannedChange>({
  kind: "state",
  name: "track_file",
  aliases: [],
  summary: "Makes a file that keepalived tracks say what systemd knows of a unit.",
  schema,
  example: `- track_file:
    path: /run/haproxy-health
    unit: haproxy
`,
  inspect: ({ path, unit }) =>
    all<TrackFileFacts>({ at: fileAt(path, { content: true, follow: true }), unit: unitState(unit) }),
  diff,
  view: viewOf,
  apply: actionsOf,
});

function diff(params: TrackFileParams, { at, unit }: TrackFileFacts): Plan<PlannedChange> {
  const { path, state } = at;
  if (unit.manager === "silent") return { kind: "blocked", reason: `systemd does not answer: ${unit.fault}` };
  if (state === null && !at.parent) return { kind: "blocked", reason: missingDirectory(path) };
  if (state !== null && (state.kind !== "file" || state.fault !== null))
    return { kind: "blocked", reason: unreadable(path, state) };
  const says = state?.content?.toString("utf8").trim() ?? null;
  const wanted = wantedValues(params, unit.properties.get("ActiveState")).map(String);
  const [first = ""] = wanted;
  if (says !== null && wanted.includes(says)) return { kind: "converged" };
  return {
    kind: "changes",
    changes: [
      {
        view: { field: path, before: state === null ? null : presentText(state), after: `${first}\n` },
        actions: [writeTruth(params, path)],
      },
    ],
  };
}

/** The first is what to write. While the unit is on its way its own commands are about to write, or have just written. */
const wantedValues = ({ up, down }: TrackFileParams, state: string | undefined): readonly number[] => {
  switch (state) {
    case "active":
    case "reloading":
      return [up];
    case "activating":
    case "deactivating":
      return [down, up];
    default:
      return [down];
  }
};

/** The unit may have ended since it was asked for: it is asked again before and after the file is written. */
const writeTruth = ({ unit, up, down }: TrackFileParams, path: string): Action => ({
  kind: "script",
  script: [
    `s() { case $(${argv("systemctl", "is-active", "--", unit)} 2>/dev/null) in active|reloading) v=${up} ;; *) v=${down} ;; esac; }`,
    "s",
    `for i in 1 2 3 4 5; do w=$v; echo "$w" >${quote(path)} || exit 1; s; [ "$v" != "$w" ] || exit 0; done`,
    "exit 1",
  ].join("\n"),
  touches: [{ kind: "path", path }],
});
