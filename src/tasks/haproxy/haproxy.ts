import { defineState } from "../../core/task.ts";
import { dict } from "../../core/value.ts";
import { actionsOf, type PlannedChange, viewOf } from "../planned-change.ts";
import { type HaproxyFacts, haproxyFacts } from "./facts.ts";
import { planServers } from "./plan.ts";
import { type HaproxyParams, schema } from "./schema.ts";

/** Takes servers out of the running HAProxy and back, by its stats socket. */
export const haproxy = defineState<HaproxyParams, HaproxyFacts, PlannedChange>({
  kind: "state",
  name: "haproxy",
  aliases: ["community.general.haproxy"],
  summary: "Takes servers out of the running HAProxy and back, by its stats socket.",
  schema,
  example: `- community.general.haproxy:
    host: web1
    backend: app
    state: disabled
    drain: true
    wait: true
    socket: /run/haproxy/admin.sock
`,
  rules: ({ weight, state }) => [
    ...(weight !== null && state !== "enabled" ? ["weight goes with state enabled"] : []),
    ...(weight !== null && Number.parseInt(weight, 10) > (weight.endsWith("%") ? 100 : 256)
      ? [`weight ${weight} is out of range: 0 to 256, or 0% to 100%`]
      : []),
  ],
  inspect: haproxyFacts,
  diff: planServers,
  view: viewOf,
  apply: actionsOf,
  result: (_, { servers }) => ({
    state_after: servers.map(({ status, weight, sessions }) => dict({ status, weight, scur: sessions })),
  }),
});
