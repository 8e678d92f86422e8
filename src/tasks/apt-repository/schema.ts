import type { Schema } from "../../core/schema.ts";
import type { ModeParameter } from "../file-attributes/mode.ts";
import { modeSchema } from "../file-attributes/schema.ts";

/** Parameters of apt_repository, under ansible.builtin.apt_repository's names. */
export interface AptRepositoryParams {
  readonly repo: string;
  readonly state: "present" | "absent";
  readonly mode: ModeParameter | null;
  readonly update_cache: boolean;
  readonly update_cache_retries: number;
  readonly update_cache_retry_max_delay: number;
  readonly validate_certs: boolean;
  readonly filename: string | null;
  readonly codename: string | null;
  readonly install_python_apt: boolean;
}

export const schema: Schema = {
  type: "object",
  additionalProperties: false,
  required: ["repo"],
  properties: {
    repo: {
      type: "string",
      minLength: 1,
      description:
        "A line of sources.list (`deb https://haproxy.debian.net bookworm-backports-2.8 main`), or `ppa:owner/name`.",
    },
    state: {
      type: "string",
      enum: ["present", "absent"],
      default: "present",
      description: "absent takes the line out wherever it stands; a file that is empty then goes too.",
    },
    mode: modeSchema("Permissions of the file that the line is added to; absent is 0644 for a new one."),
    update_cache: {
      type: "boolean",
      default: true,
      "x-aliases": ["update-cache"],
      description:
        "Fetch the package lists after a change; where that fails, the files are put back as they were.",
    },
    update_cache_retries: {
      type: "integer",
      minimum: 1,
      default: 5,
      description: "How often a failing fetch is tried.",
    },
    update_cache_retry_max_delay: {
      type: "integer",
      minimum: 0,
      default: 12,
      description: "The longest wait between two tries, in seconds.",
    },
    validate_certs: {
      type: "boolean",
      default: true,
      description: "Whether the certificates of the servers that tell of a PPA's key must be valid.",
    },
    filename: {
      type: "string",
      pattern: "^(/.*)?[^/]+$",
      description:
        "Name of the file in sources.list.d without .list, or an absolute path; absent makes one of the repository's URL.",
    },
    codename: {
      type: "string",
      pattern: "^[a-z0-9.-]+$",
      description: "The release whose packages a PPA shall give; absent is the node's own.",
    },
    install_python_apt: {
      type: "boolean",
      default: true,
      description: "Accepted for Ansible's sake: no Python is needed.",
    },
  },
};
