import type { Schema } from "../../core/schema.ts";
import type { Value } from "../../core/value.ts";

/** Parameters of uri, under ansible.builtin.uri's names. */
export interface UriParams {
  readonly url: string;
  readonly method: string;
  readonly body: Value;
  readonly body_format: "raw" | "json" | "form-urlencoded";
  readonly src: string | null;
  readonly remote_src: boolean;
  readonly headers: Readonly<Record<string, string>>;
  readonly status_code: readonly number[];
  readonly return_content: boolean;
  readonly follow_redirects: "all" | "yes" | "safe" | "urllib2" | "no" | "none";
  readonly timeout: number;
  readonly validate_certs: boolean;
  readonly ca_path: string | null;
  readonly client_cert: string | null;
  readonly client_key: string | null;
  readonly url_username: string | null;
  readonly url_password: string | null;
  readonly force_basic_auth: boolean;
  readonly http_agent: string;
  readonly use_proxy: boolean;
  readonly unix_socket: string | null;
  readonly dest: string | null;
  readonly creates: string | null;
  readonly removes: string | null;
}

const path = (description: string, ...aliases: readonly string[]): Schema => ({
  type: "string",
  minLength: 1,
  description,
  ...(aliases.length === 0 ? {} : { "x-aliases": aliases }),
});

export const schema: Schema = {
  type: "object",
  additionalProperties: false,
  required: ["url"],
  properties: {
    url: {
      type: "string",
      pattern: "^https?://[^\\s]+$",
      description: "What to ask for, as seen from the node.",
    },
    method: { type: "string", pattern: "^[A-Z]+$", default: "GET", description: "The HTTP method." },
    body: {
      "x-raw": true,
      description: "What to send: a text, or data that body_format turns into one.",
    },
    body_format: {
      type: "string",
      enum: ["raw", "json", "form-urlencoded"],
      default: "raw",
      description: "How data becomes text; also sets the content type.",
    },
    src: path("A file to send instead of a body."),
    remote_src: { type: "boolean", default: false, description: "The file is on the node." },
    headers: {
      type: "object",
      additionalProperties: { type: "string" },
      default: {},
      description: "Further request headers.",
    },
    status_code: {
      type: "array",
      items: { type: "integer" },
      default: [200],
      description: "The answers that count as success.",
    },
    return_content: {
      type: "boolean",
      default: false,
      description: "Register what was answered as content.",
    },
    follow_redirects: {
      type: "string",
      enum: ["all", "yes", "safe", "urllib2", "no", "none"],
      default: "safe",
      description: "safe follows for GET and HEAD only.",
    },
    timeout: {
      type: "integer",
      minimum: 1,
      default: 30,
      description: "Seconds in which nothing may happen.",
    },
    validate_certs: {
      type: "boolean",
      default: true,
      description: "Whether the server's certificate must be valid.",
    },
    ca_path: path("A file on the node with the certificates to trust."),
    client_cert: path("A certificate on the node to show the server."),
    client_key: path("Its key, where the certificate's file does not hold it."),
    url_username: path("The user for HTTP authentication.", "user"),
    url_password: {
      type: "string",
      "x-secret": true,
      "x-aliases": ["password"],
      description: "That user's password.",
    },
    force_basic_auth: {
      type: "boolean",
      default: false,
      description: "Accepted for Ansible's sake: credentials are sent with the first request anyway.",
    },
    http_agent: { type: "string", default: "ansible-httpget", description: "The User-Agent header." },
    use_proxy: { type: "boolean", default: true, description: "Whether the node's proxy variables count." },
    unix_socket: path("A socket on the node to connect to instead."),
    dest: path("A file, or a directory, on the node to put the answer into."),
    creates: path("A path; where it exists, nothing is asked."),
    removes: path("A path; where it does not exist, nothing is asked."),
  },
};
