import type { Schema } from "../../core/schema.ts";
import { pathSchema } from "../file-attributes/schema.ts";

/** Parameters of stat, under Ansible's names. */
export interface StatParams {
  readonly path: string;
  readonly follow: boolean;
  readonly get_checksum: boolean;
  readonly checksum_algorithm: "md5" | "sha1" | "sha224" | "sha256" | "sha384" | "sha512";
  readonly get_mime: boolean;
  readonly get_attributes: boolean;
}

export const schema: Schema = {
  type: "object",
  additionalProperties: false,
  required: ["path"],
  properties: {
    path: pathSchema("The path to look at.", ["dest", "name"]),
    follow: {
      type: "boolean",
      default: false,
      description: "Look at what a link points to instead of the link.",
    },
    get_checksum: { type: "boolean", default: true, description: "Also tell the checksum of a file." },
    checksum_algorithm: {
      type: "string",
      enum: ["md5", "sha1", "sha224", "sha256", "sha384", "sha512"],
      default: "sha1",
      "x-aliases": ["checksum", "checksum_algo"],
      description: "How the checksum is made.",
    },
    get_mime: {
      type: "boolean",
      default: true,
      "x-aliases": ["mime", "mime_type", "mime-type"],
      description: "Also tell the kind of content, where the node has the tool `file`.",
    },
    get_attributes: {
      type: "boolean",
      default: true,
      "x-aliases": ["attr", "attributes"],
      description: "Also tell the flags of the file system, where the node has `lsattr`.",
    },
  },
};
