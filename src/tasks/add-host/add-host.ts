import { defineController } from "../../core/task.ts";
import type { Value } from "../../core/value.ts";

/** Parameters of add_host: the host and its groups; every other one is a variable of the host. */
interface AddHostParams {
  readonly name: string;
  readonly groups: readonly string[];
  readonly [variable: string]: unknown;
}

/** Adds a host to the inventory of the run. */
export const addHost = defineController<AddHostParams>({
  kind: "controller",
  name: "add_host",
  aliases: ["ansible.builtin.add_host"],
  summary: "Adds a host, with groups and variables, to the inventory of the run.",
  once: true,
  schema: {
    type: "object",
    additionalProperties: { "x-raw": true },
    required: ["name"],
    properties: {
      name: {
        type: "string",
        minLength: 1,
        "x-aliases": ["hostname", "host"],
        description: "The host; a port may follow after a colon.",
      },
      groups: {
        type: "array",
        items: { type: "string" },
        default: [],
        "x-aliases": ["group", "groupname"],
        description: "Groups that it joins; new ones are made.",
      },
    },
  },
  example: `- ansible.builtin.add_host:
    name: "{{ standby_address }}"
    groups: [lb, standby]
    keepalived_priority: 90
`,
  run: ({ name, groups, ...others }) => {
    const vars = new Map(Object.entries(others) as [string, Value][]);
    const joined = groups.map((group) => group.trim()).filter((group) => group !== "");
    return {
      changed: false,
      failed: false,
      msg: null,
      values: {
        add_host: new Map<Value, Value>([
          ["host_name", name],
          ["groups", joined],
          ["host_vars", vars],
        ]),
      },
      facts: new Map(),
      inventory: { kind: "host", name, groups: joined, vars },
    };
  },
});
