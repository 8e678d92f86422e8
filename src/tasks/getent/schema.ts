import type { Schema } from "../../core/schema.ts";

/** Parameters of getent, under ansible.builtin.getent's names. */
export interface GetentParams {
  readonly database: string;
  readonly key: string | null;
  readonly service: string | null;
  readonly split: string | null;
  readonly fail_key: boolean;
}

export const schema: Schema = {
  type: "object",
  additionalProperties: false,
  required: ["database"],
  properties: {
    database: {
      type: "string",
      pattern: "^[A-Za-z0-9_]+$",
      description:
        "What to ask: passwd, group, hosts, services or another database that the node's getent knows.",
    },
    key: { type: "string", description: "The entry to look up; absent gives all of them." },
    service: {
      type: "string",
      minLength: 1,
      description: "Ask this source alone (files, dns), whatever nsswitch.conf says.",
    },
    split: {
      type: "string",
      minLength: 1,
      description:
        "What stands between the fields of an entry; absent is a colon for passwd, shadow, group and gshadow, else white space.",
    },
    fail_key: {
      type: "boolean",
      default: true,
      description: "Whether a key that is not there fails the task; otherwise its entry is null.",
    },
  },
};
