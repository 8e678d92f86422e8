import type { Schema } from "../../core/schema.ts";

/** Parameters of seboolean, under ansible.posix.seboolean's names. */
export interface SebooleanParams {
  readonly name: string;
  readonly state: boolean;
  readonly persistent: boolean;
  readonly ignore_selinux_state: boolean;
}

export const schema: Schema = {
  type: "object",
  additionalProperties: false,
  required: ["name", "state"],
  properties: {
    name: {
      type: "string",
      pattern: "^[A-Za-z0-9_]+$",
      description: "The boolean, e.g. haproxy_connect_any.",
    },
    state: { type: "boolean", description: "Whether it shall be on." },
    persistent: {
      type: "boolean",
      default: false,
      description: "Keep it over a restart of the node too.",
    },
    ignore_selinux_state: {
      type: "boolean",
      default: false,
      description: "Only false: where SELinux is disabled there is nothing to switch.",
    },
  },
};
