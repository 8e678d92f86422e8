import type { Schema } from "../../core/schema.ts";
import type { Value } from "../../core/value.ts";
import type { ModeParameter } from "../file-attributes/mode.ts";
import {
  type AttributeParams,
  attributeProperties,
  modeSchema,
  pathSchema,
  validateSchema,
} from "../file-attributes/schema.ts";

/** Parameters of copy, under Ansible's names. */
export interface CopyParams extends AttributeParams {
  readonly src: string | null;
  readonly content: Value;
  readonly dest: string;
  readonly backup: boolean;
  readonly force: boolean;
  readonly follow: boolean;
  readonly local_follow: boolean;
  readonly remote_src: boolean;
  readonly directory_mode: ModeParameter | null;
  readonly checksum: string | null;
  readonly validate: string | null;
  readonly decrypt: boolean;
}

export const schema: Schema = {
  type: "object",
  additionalProperties: false,
  required: ["dest"],
  properties: {
    src: {
      type: "string",
      minLength: 1,
      description:
        "File or directory on the controller, searched in the role's and the playbook's files/. A directory is copied with all in it; with a slash at the end, only what is in it.",
    },
    content: {
      "x-raw": true,
      description: "The file's content instead of src. A mapping or a list is written as JSON.",
    },
    dest: pathSchema(
      "Where it is to be. A file lands in a directory under its own name; with a slash at the end the directory is made.",
    ),
    backup: {
      type: "boolean",
      default: false,
      description: "Keep the present file beside it, with the time in its name.",
    },
    force: {
      type: "boolean",
      default: true,
      description: "false leaves a file that is already there as it is.",
    },
    follow: {
      type: "boolean",
      default: false,
      description: "Follow a link at dest instead of replacing it.",
    },
    local_follow: {
      type: "boolean",
      default: true,
      description: "Only true: links in src are followed, their targets copied.",
    },
    remote_src: { type: "boolean", default: false, description: "src is on the node itself." },
    directory_mode: modeSchema(
      "Permissions of the directories of a copied tree. Absent leaves them to the node.",
    ),
    checksum: {
      type: "string",
      pattern: "^[0-9A-Fa-f]{40}$",
      description: "SHA-1 that the source must have.",
    },
    validate: validateSchema,
    decrypt: {
      type: "boolean",
      default: true,
      description: "Only true: a source that is a vault is written in the clear.",
    },
    ...attributeProperties,
    mode: modeSchema(
      'Permissions of files, octal ("0644") or symbolic, or preserve for those of the source.',
    ),
  },
};
