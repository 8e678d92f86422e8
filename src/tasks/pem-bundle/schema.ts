import type { Schema } from "../../core/schema.ts";
import {
  type AttributeParams,
  attributeProperties,
  modeSchema,
  pathSchema,
  validateSchema,
} from "../file-attributes/schema.ts";

/** Parameters of pem_bundle. */
export interface PemBundleParams extends AttributeParams {
  readonly path: string;
  readonly key: string | null;
  readonly key_src: string | null;
  readonly cert: string | null;
  readonly cert_src: string | null;
  readonly chain: string | null;
  readonly chain_src: string | null;
  readonly passphrase: string | null;
  readonly remote_src: boolean;
  readonly backup: boolean;
  readonly validate: string | null;
}

const source = (what: string): Schema => ({
  type: "string",
  minLength: 1,
  description: `PEM file with ${what}: on the controller, or with remote_src on the node.`,
});

export const schema: Schema = {
  type: "object",
  additionalProperties: false,
  required: ["path"],
  properties: {
    path: pathSchema("Where the bundle is to be, e.g. /etc/haproxy/certs/site.pem.", ["dest"]),
    key: { type: "string", "x-secret": true, description: "The private key itself, as PEM." },
    key_src: source("the private key"),
    cert: {
      type: "string",
      description: "The certificate itself, as PEM; others of its chain may follow it.",
    },
    cert_src: source("the certificate; others of its chain may follow it"),
    chain: {
      type: "string",
      description: "The certificates between this one and the root, as PEM, in any order.",
    },
    chain_src: source("the certificates between this one and the root, in any order"),
    passphrase: {
      type: "string",
      "x-secret": true,
      description: "Opens an encrypted key; the bundle holds the key without it, since HAProxy cannot ask.",
    },
    remote_src: {
      type: "boolean",
      default: false,
      description: "The sources are on the node. They are read over the connection to be checked.",
    },
    backup: {
      type: "boolean",
      default: false,
      description: "Keep the present bundle, key and all, beside it, with the time in its name.",
    },
    validate: validateSchema,
    ...attributeProperties,
    owner: {
      type: "string",
      minLength: 1,
      default: "root",
      description: "HAProxy reads it as root, before it drops its rights.",
    },
    group: { type: "string", minLength: 1, default: "root", description: "Its group." },
    mode: { ...modeSchema("Permissions; one that others may read by is refused."), default: "0600" },
  },
};
