import type { Touched } from "../../core/action.ts";
import { read, text } from "../../core/probe.ts";
import type { Schema } from "../../core/schema.ts";
import { argv } from "../../core/shell.ts";
import { defineState, type Plan, planOf } from "../../core/task.ts";
import { actionsOf, type PlannedChange, viewOf } from "../planned-change.ts";
import { labelled } from "../shared-probes/label.ts";

/** Parameters of group, under ansible.builtin.group's names. */
interface GroupParams {
  readonly name: string;
  readonly state: "present" | "absent";
  readonly gid: number | null;
  readonly non_unique: boolean;
  readonly system: boolean;
  readonly force: boolean;
}

interface GroupFacts {
  /** null where there is no such group. */
  readonly gid: number | null;
  readonly fault: string | null;
}

const schema: Schema = {
  type: "object",
  additionalProperties: false,
  required: ["name"],
  properties: {
    name: { type: "string", pattern: "^[A-Za-z_][A-Za-z0-9_.-]*[$]?$", description: "The group's name." },
    state: {
      type: "string",
      enum: ["present", "absent"],
      default: "present",
      description: "Whether the group exists.",
    },
    gid: { type: "integer", minimum: 0, description: "The group's number." },
    non_unique: { type: "boolean", default: false, description: "The number may be another group's too." },
    system: {
      type: "boolean",
      default: false,
      description: "A new group gets a number from the system's range.",
    },
    force: {
      type: "boolean",
      default: false,
      description: "With state absent: remove it even where it is a user's primary group.",
    },
  },
};

/** Makes, changes and removes groups. */
export const group = defineState<GroupParams, GroupFacts, PlannedChange>({
  kind: "state",
  name: "group",
  aliases: ["ansible.builtin.group"],
  summary: "Makes, changes and removes groups.",
  schema,
  example: `- ansible.builtin.group:
    name: haproxy
    system: true
`,
  rules: ({ non_unique, gid }) => (non_unique && gid === null ? ["non_unique goes with gid"] : []),
  inspect: ({ name }) =>
    read(
      labelled(`group ${name}`, [
        "command -v getent >/dev/null 2>&1 || exit 127",
        argv("getent", "group", name),
      ]),
      (answer) => ({
        gid: answer.code === 0 ? Number(text(answer).split(":")[2]) : null,
        fault:
          answer.code === 0 || answer.code === 2
            ? null
            : answer.code === 127
              ? "getent is not there to ask the group database"
              : `the group database does not answer: ${answer.stderr.toString("utf8").trim()}`,
      }),
    ),
  diff,
  view: viewOf,
  apply: actionsOf,
  result: ({ name, state, system }, { gid }) => ({ name, state, system, ...(gid === null ? {} : { gid }) }),
});

function diff(params: GroupParams, { gid, fault }: GroupFacts): Plan<PlannedChange> {
  const { name, state } = params;
  if (fault !== null) return { kind: "blocked", reason: fault };
  const field = `group ${name}`;
  const number = params.gid === null ? [] : ["-g", String(params.gid), ...(params.non_unique ? ["-o"] : [])];
  if (state === "absent") {
    const words = ["groupdel", ...(params.force ? ["-f"] : []), name];
    return planOf(
      gid === null
        ? []
        : [
            {
              view: { field, before: `gid ${gid}`, after: null },
              actions: [{ kind: "run", argv: words, touches: [changed(name)] }],
            },
          ],
    );
  }
  if (gid === null) {
    const words = ["groupadd", ...number, ...(params.system ? ["-r"] : []), name];
    const after = params.gid === null ? "present" : `gid ${params.gid}`;
    return planOf([
      {
        view: { field, before: null, after },
        actions: [{ kind: "run", argv: words, touches: [changed(name)] }],
      },
    ]);
  }
  return planOf(
    params.gid === null || params.gid === gid
      ? []
      : [
          {
            view: { field, before: `gid ${gid}`, after: `gid ${params.gid}` },
            actions: [{ kind: "run", argv: ["groupmod", ...number, name], touches: [changed(name)] }],
          },
        ],
  );
}

const changed = (name: string): Touched => ({
  kind: "lasting",
  what: `the group ${name} was made, changed or removed`,
});
