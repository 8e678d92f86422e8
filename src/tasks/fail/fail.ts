import { defineController } from "../../core/task.ts";

/** Parameters of fail, under ansible.builtin.fail's names. */
interface FailParams {
  readonly msg: string;
}

/** Fails with a message. */
export const fail = defineController<FailParams>({
  kind: "controller",
  name: "fail",
  aliases: ["ansible.builtin.fail"],
  summary: "Fails with a message.",
  schema: {
    type: "object",
    additionalProperties: false,
    properties: {
      msg: { type: "string", default: "Failed as requested from task", description: "What to say." },
    },
  },
  example: `- ansible.builtin.fail:
    msg: Both nodes have the same priority.
  when: priorities | unique | length == 1
`,
  run: ({ msg }) => ({ changed: false, failed: true, msg, values: {}, facts: new Map() }),
});
