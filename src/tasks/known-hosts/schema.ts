import type { Schema } from "../../core/schema.ts";

/** Parameters of known_hosts, under Ansible's names. */
export interface KnownHostsParams {
  readonly name: string;
  readonly key: string | null;
  readonly path: string;
  readonly hash_host: boolean;
  readonly state: "present" | "absent";
}

export const schema: Schema = {
  type: "object",
  additionalProperties: false,
  required: ["name"],
  properties: {
    name: {
      type: "string",
      pattern: "^[^,\\s]+$",
      "x-aliases": ["host"],
      description: "One host name or address, as ssh looks it up: [name]:port where the port is not 22.",
    },
    key: {
      type: "string",
      description:
        "The whole line: host, type and key. Absent, with state absent, means every key of the host.",
    },
    path: {
      type: "string",
      pattern: "^(~/|/)",
      default: "~/.ssh/known_hosts",
      description: "The file; ~ is the home of the user that the task runs as.",
    },
    hash_host: { type: "boolean", default: false, description: "Write the host's name as a hash." },
    state: {
      type: "string",
      enum: ["present", "absent"],
      default: "present",
      description: "absent takes the key, or all of the host, out of the file.",
    },
  },
};
