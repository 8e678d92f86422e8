import { defineController } from "../../core/task.ts";
import { dict, isDict, type Value } from "../../core/value.ts";

/** Parameters of set_stats, under ansible.builtin.set_stats' names. */
interface SetStatsParams {
  readonly data: Value;
  readonly per_host: boolean;
  readonly aggregate: boolean;
}

/** Notes figures for the end of the run. */
export const setStats = defineController<SetStatsParams>({
  kind: "controller",
  name: "set_stats",
  aliases: ["ansible.builtin.set_stats"],
  summary: "Notes figures for the end of the run.",
  schema: {
    type: "object",
    additionalProperties: false,
    required: ["data"],
    properties: {
      data: { type: "object", "x-raw": true, description: "Names and their values." },
      per_host: {
        type: "boolean",
        default: false,
        description: "For the host alone, not for the whole run.",
      },
      aggregate: {
        type: "boolean",
        default: true,
        description: "Add to what is noted under the name, instead of replacing it.",
      },
    },
  },
  example: `- ansible.builtin.set_stats:
    data:
      certificates_renewed: "{{ renewed | length }}"
`,
  run: ({ data, per_host, aggregate }, scope) => {
    const given = isDict<Value>(data) ? [...data] : [];
    const figures = new Map(
      given.map(([name, value]) => [String(scope.render(String(name))), value] as const),
    );
    const wrong = [...figures.keys()].find((name) => !/^[A-Za-z_]\w*$/.test(name));
    const nothing = { changed: false, facts: new Map<string, Value>() };
    if (wrong !== undefined)
      return { ...nothing, failed: true, msg: `The variable name '${wrong}' is not valid.`, values: {} };
    const stats = { figures, perHost: per_host, aggregate };
    const values = { ansible_stats: dict({ data: new Map(figures), per_host, aggregate }) };
    return { ...nothing, failed: false, msg: null, values, stats };
  },
});
