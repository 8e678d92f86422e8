import type { Schema } from "../../core/schema.ts";
import { pathSchema } from "../file-attributes/schema.ts";

/** Parameters of apt_key, under ansible.builtin.apt_key's names. */
export interface AptKeyParams {
  readonly id: string | null;
  readonly data: string | null;
  readonly file: string | null;
  readonly keyring: string | null;
  readonly url: string | null;
  readonly keyserver: string | null;
  readonly state: "present" | "absent";
  readonly validate_certs: boolean;
}

export const schema: Schema = {
  type: "object",
  additionalProperties: false,
  properties: {
    id: {
      type: "string",
      pattern: "^\\s*(0[xX])?([0-9A-Fa-f]{8}|[0-9A-Fa-f]{16,40})\\s*$",
      description:
        "The key's id: 8, 16 or up to 40 hexadecimal digits. With it, only a key that has it is trusted, and one that is there is not fetched again.",
    },
    data: { type: "string", minLength: 1, description: "The armored key itself." },
    file: pathSchema("A file of the node with the key, armored or binary."),
    keyring: pathSchema(
      "The file to keep it in. Absent: a file of its own, named after the key, beside apt's other trusted keys.",
    ),
    url: {
      type: "string",
      pattern: '^(https?|ftp|file)://[^\\s"\\\\]+$',
      description: "Where to fetch the key from.",
    },
    keyserver: {
      type: "string",
      pattern: "^((hkps?|https?)://)?[A-Za-z0-9.:\\[\\]-]+/?$",
      description: "A server to ask for the key of this id, e.g. keyserver.ubuntu.com.",
    },
    state: {
      type: "string",
      enum: ["present", "absent"],
      default: "present",
      description: "Whether apt shall trust the key.",
    },
    validate_certs: {
      type: "boolean",
      default: true,
      description: "Whether the certificate of the URL's server must be valid.",
    },
  },
};
