import type { Schema } from "../../core/schema.ts";

/** Parameters of rpm_key, under ansible.builtin.rpm_key's names. */
export interface RpmKeyParams {
  readonly key: string;
  readonly state: "present" | "absent";
  readonly fingerprint: readonly string[] | null;
  readonly validate_certs: boolean;
}

export const schema: Schema = {
  type: "object",
  additionalProperties: false,
  required: ["key"],
  properties: {
    key: {
      type: "string",
      minLength: 1,
      description:
        "An armored public key: a file on the node or a URL; or the id (8 to 40 hexadecimal digits) of a key that rpm has.",
    },
    state: {
      type: "string",
      enum: ["present", "absent"],
      default: "present",
      description: "Whether rpm shall know the key.",
    },
    fingerprint: {
      type: "array",
      items: { type: "string", pattern: "^[0-9A-Fa-f ]+$" },
      minItems: 1,
      description:
        "The 40 hexadecimal digits that the key must have, spaces do not count; several where the file holds several keys.",
    },
    validate_certs: {
      type: "boolean",
      default: true,
      description: "Whether the certificate of the URL's server must be valid.",
    },
  },
};
