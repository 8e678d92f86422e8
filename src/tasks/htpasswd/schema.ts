import type { Schema } from "../../core/schema.ts";
import { type AttributeParams, attributeProperties, pathSchema } from "../file-attributes/schema.ts";

/** Parameters of htpasswd, under community.general.htpasswd's names. */
export interface HtpasswdParams extends AttributeParams {
  readonly path: string;
  readonly name: string;
  readonly password: string | null;
  readonly crypt_scheme: string;
  readonly state: "present" | "absent";
  readonly create: boolean;
}

export const schema: Schema = {
  type: "object",
  additionalProperties: false,
  required: ["path", "name"],
  properties: {
    ...attributeProperties,
    path: pathSchema("The file with names and hashes.", ["dest", "destfile"]),
    name: {
      type: "string",
      pattern: "^[^:\\s][^:\\r\\n]*$",
      "x-aliases": ["username"],
      description: "Who logs in.",
    },
    password: { type: "string", "x-secret": true, description: "With what; needed with state present." },
    crypt_scheme: {
      type: "string",
      default: "apr_md5_crypt",
      "x-aliases": ["hash_scheme"],
      description:
        "How a new hash is made: apr_md5_crypt, sha256_crypt, sha512_crypt or ldap_sha1, which openssl can; others are refused.",
    },
    state: {
      type: "string",
      enum: ["present", "absent"],
      default: "present",
      description: "absent removes the name.",
    },
    create: { type: "boolean", default: true, description: "Make the file where it is missing." },
  },
};
