import type { Schema } from "../../core/schema.ts";
import type { ModeParameter } from "../file-attributes/mode.ts";
import { modeSchema, pathSchema } from "../file-attributes/schema.ts";

/** Parameters of self_signed_certificate. */
export interface SelfSignedParams {
  readonly common_name: string;
  readonly subject_alt_names: readonly string[];
  readonly days: number;
  readonly renew_before: number;
  readonly key_type: "rsa" | "ecc";
  readonly key_size: number | null;
  readonly key_path: string;
  readonly cert_path: string;
  readonly bundle_path: string | null;
  readonly owner: string;
  readonly group: string;
  readonly mode: ModeParameter;
  readonly cert_mode: ModeParameter;
}

export const schema: Schema = {
  type: "object",
  additionalProperties: false,
  required: ["common_name", "key_path", "cert_path"],
  properties: {
    common_name: {
      type: "string",
      pattern: "^[A-Za-z0-9*][A-Za-z0-9.*_: -]{0,63}$",
      description: "The subject's CN, usually the host name that clients use.",
    },
    subject_alt_names: {
      type: "array",
      items: { type: "string", pattern: "^((DNS|IP):)?[A-Za-z0-9.*:_-]+$" },
      default: [],
      "x-aliases": ["san"],
      description:
        "Names and addresses that clients may use (DNS:name, IP:address, or bare). Absent means the CN alone.",
    },
    days: {
      type: "integer",
      minimum: 1,
      maximum: 36500,
      default: 365,
      description: "How long a new certificate is valid.",
    },
    renew_before: {
      type: "integer",
      minimum: 0,
      default: 30,
      description: "A certificate that has fewer days left is made anew.",
    },
    key_type: { type: "string", enum: ["rsa", "ecc"], default: "ecc", description: "The kind of key." },
    key_size: {
      type: "integer",
      enum: [256, 384, 2048, 3072, 4096],
      description: "Bits: 256 or 384 for ecc (default 256), 2048 to 4096 for rsa (default 2048).",
    },
    key_path: pathSchema("Where the private key is; it is made on the node and never leaves it."),
    cert_path: pathSchema("Where the certificate is."),
    bundle_path: pathSchema(
      "Where certificate and key are in one file, as HAProxy wants it. Absent means nowhere.",
    ),
    owner: { type: "string", minLength: 1, default: "root", description: "Owner of all files." },
    group: { type: "string", minLength: 1, default: "root", description: "Group of all files." },
    mode: {
      ...modeSchema("Permissions of key and bundle; one that others may read by is refused."),
      default: "0600",
    },
    cert_mode: { ...modeSchema("Permissions of the certificate."), default: "0644" },
  },
};
