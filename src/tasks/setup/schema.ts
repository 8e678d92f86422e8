import type { Schema } from "../../core/schema.ts";

/** Parameters of setup, under ansible.builtin.setup's names. */
export interface SetupParams {
  readonly gather_subset: readonly string[];
  readonly filter: readonly string[];
  readonly fact_path: string;
  readonly gather_timeout: number | null;
}

export const schema: Schema = {
  type: "object",
  additionalProperties: false,
  properties: {
    gather_subset: {
      type: "array",
      items: { type: "string" },
      default: ["all"],
      description:
        "all, min, hardware, network, virtual, or the name of one of their parts; an exclamation mark leaves out. `!all` leaves the minimum, `!all,!min` nothing but what is named.",
    },
    filter: {
      type: "array",
      items: { type: "string" },
      default: [],
      description: "Patterns of the facts to return, with or without ansible_ in front.",
    },
    fact_path: {
      type: "string",
      pattern: "^/",
      default: "/etc/ansible/facts.d",
      description: "Where the node's own *.fact files are.",
    },
    gather_timeout: {
      type: "integer",
      description: "Accepted for Ansible's sake: what can hang is given five seconds each.",
    },
  },
};
