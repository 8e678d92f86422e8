import type { Schema } from "../../core/schema.ts";
import { type AttributeParams, attributeProperties, pathSchema } from "../file-attributes/schema.ts";

/** Parameters of get_url, under Ansible's names. */
export interface GetUrlParams extends AttributeParams {
  readonly url: string;
  readonly dest: string;
  readonly force: boolean;
  readonly backup: boolean;
  readonly checksum: string | null;
  readonly headers: Readonly<Record<string, unknown>> | null;
  readonly timeout: number;
  readonly url_username: string | null;
  readonly url_password: string | null;
  readonly force_basic_auth: boolean;
  readonly use_proxy: boolean;
  readonly use_netrc: boolean;
  readonly validate_certs: boolean;
  readonly client_cert: string | null;
  readonly client_key: string | null;
  readonly ciphers: readonly string[] | null;
  readonly http_agent: string;
  readonly decompress: boolean;
  readonly tmp_dest: string | null;
  readonly unredirected_headers: readonly string[];
  readonly use_gssapi: boolean;
}

export const schema: Schema = {
  type: "object",
  additionalProperties: false,
  required: ["url", "dest"],
  properties: {
    url: {
      type: "string",
      pattern: "^(https?|ftp|file)://\\S+$",
      description: "What to download; a name and password may stand in it.",
    },
    dest: pathSchema("Where the file is to be; in a directory, under the last part of the URL's path."),
    force: {
      type: "boolean",
      default: false,
      description: "Download each time, and replace the file if it differs.",
    },
    backup: {
      type: "boolean",
      default: false,
      description: "Keep the present file beside it, with the time in its name.",
    },
    checksum: {
      type: "string",
      pattern: "^((md5|sha1|sha224|sha256|sha384|sha512):\\S+)?$",
      description:
        "`algorithm:digest`, or `algorithm:URL` of a list of digests; a file that does not have it never lands.",
    },
    headers: {
      type: "object",
      additionalProperties: { type: "string" },
      description: "Further header lines of the request, by name.",
    },
    timeout: {
      type: "integer",
      minimum: 1,
      default: 10,
      description: "Seconds without progress before giving up.",
    },
    url_username: {
      type: "string",
      "x-aliases": ["username"],
      description: "Name for basic authentication.",
    },
    url_password: {
      type: "string",
      "x-secret": true,
      "x-aliases": ["password"],
      description: "Password for basic authentication.",
    },
    force_basic_auth: {
      type: "boolean",
      default: false,
      description: "Accepted for Ansible's sake: name and password are sent with the first request anyway.",
    },
    use_proxy: { type: "boolean", default: true, description: "Use the proxy that the environment names." },
    use_netrc: { type: "boolean", default: true, description: "Use names and passwords in ~/.netrc." },
    validate_certs: { type: "boolean", default: true, description: "Check the server's certificate." },
    client_cert: pathSchema("PEM file on the node with the client's certificate, perhaps also its key."),
    client_key: pathSchema("PEM file on the node with the client's key."),
    ciphers: { type: "array", items: { type: "string" }, description: "TLS ciphers, as OpenSSL names them." },
    http_agent: { type: "string", default: "ansible-httpget", description: "What the request calls itself." },
    decompress: {
      type: "boolean",
      default: true,
      description: "Accepted for Ansible's sake: no compression is asked for, so none has to be undone.",
    },
    tmp_dest: {
      type: "string",
      description: "Refused: a download lands beside dest first, so that it can be put in place as a whole.",
    },
    unredirected_headers: {
      type: "array",
      items: { type: "string" },
      default: [],
      description: "Refused unless empty: headers go along with redirects.",
    },
    use_gssapi: { type: "boolean", default: false, description: "Only false: Kerberos is not supported." },
    ...attributeProperties,
  },
};
