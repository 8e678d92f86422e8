import { defineController } from "../../core/task.ts";

/** Parameters of group_by. */
interface GroupByParams {
  readonly key: string;
  readonly parents: readonly string[];
}

/** Puts each host into a group named by a value of its own. */
export const groupBy = defineController<GroupByParams>({
  kind: "controller",
  name: "group_by",
  aliases: ["ansible.builtin.group_by"],
  summary: "Puts each host into a group that is named by a value of its own.",
  schema: {
    type: "object",
    additionalProperties: false,
    required: ["key"],
    properties: {
      key: {
        type: "string",
        minLength: 1,
        description: "The name of the group; blanks in it become hyphens.",
      },
      parents: {
        type: "array",
        items: { type: "string" },
        default: ["all"],
        description: "Groups that are above it.",
      },
    },
  },
  example: `- ansible.builtin.group_by:
    key: os_{{ ansible_facts.distribution }}
`,
  run: ({ key, parents }, scope) => {
    const group = hyphened(key);
    const above = parents.map(hyphened);
    return {
      changed: false,
      failed: false,
      msg: null,
      values: { add_group: group, parent_groups: above },
      facts: new Map(),
      inventory: {
        kind: "group",
        host: String(scope.variable("inventory_hostname")),
        group,
        parents: above,
      },
    };
  },
});

const hyphened = (name: string): string => name.replaceAll(" ", "-");
