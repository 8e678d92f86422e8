import type { Schema } from "../../core/schema.ts";
import {
  type AttributeParams,
  attributeProperties,
  modeSchema,
  pathSchema,
} from "../file-attributes/schema.ts";

/** Parameters of openssl_privatekey, under community.crypto.openssl_privatekey's names. */
export interface PrivateKeyParams extends AttributeParams {
  readonly path: string;
  readonly state: "present" | "absent";
  readonly type: "DSA" | "ECC" | "Ed25519" | "Ed448" | "RSA" | "X25519" | "X448";
  readonly size: number;
  readonly curve: string | null;
  readonly passphrase: string | null;
  readonly cipher: string | null;
  readonly format: "pkcs1" | "pkcs8" | "raw" | "auto" | "auto_ignore";
  readonly format_mismatch: "regenerate" | "convert";
  readonly regenerate: "never" | "fail" | "partial_idempotence" | "full_idempotence" | "always";
  readonly force: boolean;
  readonly backup: boolean;
  readonly return_content: boolean;
  readonly select_crypto_backend: "auto" | "cryptography";
}

export const schema: Schema = {
  type: "object",
  additionalProperties: false,
  required: ["path"],
  properties: {
    ...attributeProperties,
    path: pathSchema("Where the key is; it is made on the node and never leaves it."),
    mode: { ...modeSchema("Permissions; one that others may read by is refused."), default: "0600" },
    state: {
      type: "string",
      enum: ["present", "absent"],
      default: "present",
      description: "absent removes the file.",
    },
    type: {
      type: "string",
      enum: ["DSA", "ECC", "Ed25519", "Ed448", "RSA", "X25519", "X448"],
      default: "RSA",
      description: "The kind of key.",
    },
    size: {
      type: "integer",
      minimum: 512,
      maximum: 16_384,
      default: 4096,
      description: "Bits of an RSA or DSA key.",
    },
    curve: {
      type: "string",
      enum: [
        "secp224r1",
        "secp256k1",
        "secp256r1",
        "secp384r1",
        "secp521r1",
        "secp192r1",
        "brainpoolP256r1",
        "brainpoolP384r1",
        "brainpoolP512r1",
        "sect163k1",
        "sect163r2",
        "sect233k1",
        "sect233r1",
        "sect283k1",
        "sect283r1",
        "sect409k1",
        "sect409r1",
        "sect571k1",
        "sect571r1",
      ],
      description: "The curve of an ECC key, by IANA's name.",
    },
    passphrase: {
      type: "string",
      minLength: 1,
      "x-secret": true,
      description: "What the key is encrypted with.",
    },
    cipher: { type: "string", description: "Only auto, which goes with a passphrase: AES with 256 bits." },
    format: {
      type: "string",
      enum: ["pkcs1", "pkcs8", "raw", "auto", "auto_ignore"],
      default: "auto_ignore",
      description:
        "How the file is written. auto is pkcs1 for RSA, DSA and ECC, else pkcs8; auto_ignore leaves a key that is there in its format. raw is refused.",
    },
    format_mismatch: {
      type: "string",
      enum: ["regenerate", "convert"],
      default: "regenerate",
      description: "Whether a key in another format is made anew or written anew.",
    },
    regenerate: {
      type: "string",
      enum: ["never", "fail", "partial_idempotence", "full_idempotence", "always"],
      default: "full_idempotence",
      description:
        "When a key that is there gives way to a new one: partial_idempotence where it is another than asked for, full_idempotence also where it cannot be read; fail and never fail instead.",
    },
    force: { type: "boolean", default: false, description: "The same as regenerate: always." },
    backup: {
      type: "boolean",
      default: false,
      description: "Keep the present key beside it, with the time in its name.",
    },
    return_content: {
      type: "boolean",
      default: false,
      description: "Refused unless false: the key never leaves the node.",
    },
    select_crypto_backend: {
      type: "string",
      enum: ["auto", "cryptography"],
      default: "auto",
      description: "Accepted for Ansible's sake: the node's openssl makes the key.",
    },
  },
};
