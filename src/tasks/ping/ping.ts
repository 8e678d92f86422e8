import { read } from "../../core/probe.ts";
import { defineState } from "../../core/task.ts";
import { actionsOf, type PlannedChange, viewOf } from "../planned-change.ts";

/** Parameters of ping, under ansible.builtin.ping's names. */
interface PingParams {
  readonly data: string;
}

/** Proves that a node can be logged into and runs commands. */
export const ping = defineState<PingParams, null, PlannedChange>({
  kind: "state",
  name: "ping",
  aliases: ["ansible.builtin.ping"],
  summary: "Proves that a node can be logged into and runs commands.",
  schema: {
    type: "object",
    additionalProperties: false,
    properties: {
      data: { type: "string", default: "pong", description: "What to answer; crash makes it fail." },
    },
  },
  example: `- ansible.builtin.ping:
`,
  inspect: () => read("true", () => null),
  diff: ({ data }) => (data === "crash" ? { kind: "blocked", reason: "boom" } : { kind: "converged" }),
  view: viewOf,
  apply: actionsOf,
  result: ({ data }) => ({ ping: data }),
});
