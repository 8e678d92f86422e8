import type { Schema } from "../../core/schema.ts";
import { pathSchema } from "../file-attributes/schema.ts";

/** Parameters of authorized_key, under ansible.posix.authorized_key's names. */
export interface AuthorizedKeyParams {
  readonly user: string;
  readonly key: string;
  readonly path: string | null;
  readonly manage_dir: boolean;
  readonly state: "present" | "absent";
  readonly key_options: string | null;
  readonly exclusive: boolean;
  readonly comment: string | null;
  readonly validate_certs: boolean;
  readonly follow: boolean;
}

export const schema: Schema = {
  type: "object",
  additionalProperties: false,
  required: ["user", "key"],
  properties: {
    user: {
      type: "string",
      pattern: "^[A-Za-z_][A-Za-z0-9_.-]*[$]?$",
      description: "The user that may log in with the key; owns the file.",
    },
    key: {
      type: "string",
      description: "The public key, or several, a line each. A URL is refused: fetch it with get_url.",
    },
    path: pathSchema("The file. Absent means .ssh/authorized_keys in the user's home."),
    manage_dir: {
      type: "boolean",
      default: true,
      description: "Where the file is changed: make its directory, give it to the user, with mode 0700.",
    },
    state: {
      type: "string",
      enum: ["present", "absent"],
      default: "present",
      description: "absent takes the keys out of the file.",
    },
    key_options: {
      type: "string",
      description:
        "What stands before the key, e.g. no-port-forwarding. Absent means what comes with the key.",
    },
    exclusive: { type: "boolean", default: false, description: "Take all other keys out of the file." },
    comment: {
      type: "string",
      description: "What stands behind the key. Absent means what comes with the key.",
    },
    validate_certs: {
      type: "boolean",
      default: true,
      description: "Accepted for Ansible's sake: it is about keys behind a URL.",
    },
    follow: {
      type: "boolean",
      default: false,
      description: "Edit what a link points to; otherwise the link is replaced by the edited file.",
    },
  },
};
