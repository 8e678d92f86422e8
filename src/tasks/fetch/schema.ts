import type { Schema } from "../../core/schema.ts";
import { pathSchema } from "../file-attributes/schema.ts";

/** Parameters of fetch, under Ansible's names. */
export interface FetchParams {
  readonly src: string;
  readonly dest: string;
  readonly flat: boolean;
  readonly fail_on_missing: boolean;
  readonly validate_checksum: boolean;
}

export const schema: Schema = {
  type: "object",
  additionalProperties: false,
  required: ["src", "dest"],
  properties: {
    src: pathSchema("The file of the node; a link is followed."),
    dest: {
      type: "string",
      minLength: 1,
      description:
        "The directory on the controller, relative to the playbook's: the file comes into <host>/<src> in it. With flat the file itself, or with a slash at the end the directory that it comes into.",
    },
    flat: { type: "boolean", default: false, description: "Without directories for host and path." },
    fail_on_missing: {
      type: "boolean",
      default: true,
      description: "Whether a file that the node does not have is a failure.",
    },
    validate_checksum: {
      type: "boolean",
      default: true,
      description: "Accepted for Ansible's sake: what came is always compared with what the node has.",
    },
  },
};
