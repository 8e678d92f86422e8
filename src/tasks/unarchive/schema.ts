import type { Schema } from "../../core/schema.ts";
import { type AttributeParams, attributeProperties, pathSchema } from "../file-attributes/schema.ts";

/** Parameters of unarchive, under Ansible's names. */
export interface UnarchiveParams extends AttributeParams {
  readonly src: string;
  readonly dest: string;
  readonly remote_src: boolean;
  readonly copy: boolean | null;
  readonly creates: string | null;
  readonly list_files: boolean;
  readonly keep_newer: boolean;
  readonly exclude: readonly string[];
  readonly include: readonly string[];
  readonly extra_opts: readonly string[];
  readonly validate_certs: boolean;
  readonly io_buffer_size: number;
  readonly decrypt: boolean;
}

const words = (description: string): Schema => ({
  type: "array",
  items: { type: "string", minLength: 1 },
  default: [],
  description,
});

export const schema: Schema = {
  type: "object",
  additionalProperties: false,
  required: ["src", "dest"],
  properties: {
    src: {
      type: "string",
      minLength: 1,
      description:
        "The archive (tar, also with gzip, bzip2, xz or zstd, or zip), on the controller or with remote_src on the node. One of the controller is sent in every run unless creates is there.",
    },
    dest: pathSchema("The directory to unpack it in, which has to be there."),
    remote_src: { type: "boolean", default: false, description: "src is on the node." },
    copy: { type: "boolean", description: "The older opposite of remote_src." },
    creates: {
      type: "string",
      minLength: 1,
      description: "A path or pattern; where something matches, nothing is done.",
    },
    list_files: { type: "boolean", default: false, description: "Tell the names in the archive as files." },
    keep_newer: { type: "boolean", default: false, description: "Files that are newer in dest stay." },
    exclude: words("Names and patterns to leave out."),
    include: words("Names and patterns to take, and nothing else."),
    extra_opts: words("Further options for tar or unzip, one each."),
    validate_certs: {
      type: "boolean",
      default: true,
      description: "Accepted for Ansible's sake: it is about archives behind a URL.",
    },
    io_buffer_size: {
      type: "integer",
      default: 65_536,
      description: "Accepted for Ansible's sake: the node's own tools read the archive.",
    },
    decrypt: {
      type: "boolean",
      default: true,
      description: "Only true: an archive that is a vault is sent in the clear.",
    },
    ...attributeProperties,
  },
};
