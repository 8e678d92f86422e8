import type { Schema } from "../../core/schema.ts";
import { type AttributeParams, attributeProperties, pathSchema } from "../file-attributes/schema.ts";

/** Parameters of yum_repository, under ansible.builtin.yum_repository's names. */
export interface YumRepositoryParams extends AttributeParams, RepositoryOptions {
  readonly name: string;
  readonly description: string | null;
  readonly file: string | null;
  readonly reposdir: string;
  readonly state: "present" | "absent";
}

/** The options that stand in the repository's section under their own names; null leaves one out. */
export type RepositoryOptions = { readonly [K in OptionName]: string | boolean | readonly string[] | null };

type OptionName =
  | keyof typeof textOptions
  | keyof typeof switchOptions
  | keyof typeof listOptions
  | keyof typeof wordOptions;

const text = (description: string, ...aliases: readonly string[]): Schema => ({
  type: "string",
  description,
  ...(aliases.length === 0 ? {} : { "x-aliases": aliases }),
});

const hidden = (description: string): Schema => ({ ...text(description), "x-secret": true });

const textOptions = {
  bandwidth: text("Bytes per second that there are, which a throttle in per cent refers to."),
  cost: text("What asking this repository costs compared with others; dnf and yum take 1000 by themselves."),
  deltarpm_metadata_percentage: text("How large delta metadata may be, in per cent of the packages."),
  deltarpm_percentage: text("How large a delta may be, in per cent of its package; 0 turns deltas off."),
  gpgcakey: text("URL of the armored key of the authority that signed the keys."),
  include: text("File or URL of further configuration."),
  metadata_expire: text("Seconds (or a number with d, h or m) for which metadata is taken to be fresh."),
  metalink: text("URL of a metalink file that names the mirrors."),
  mirrorlist: text("URL of a list of base URLs."),
  mirrorlist_expire: text("Seconds for which the list of mirrors is taken to be fresh."),
  password: hidden("Password for basic authentication."),
  priority: text("1 to 99: a package comes from the repository with the lowest number that has it."),
  proxy: text("URL of a proxy; _none_ turns off the one that holds for all repositories."),
  proxy_password: hidden("Password for the proxy."),
  proxy_username: text("Name for the proxy."),
  retries: text("How often a download is tried; 0 means for ever."),
  sslcacert: text("File or directory of the authorities that may sign the server's certificate.", "ca_cert"),
  sslclientcert: text("File of the client's certificate.", "client_cert"),
  sslclientkey: text("File of the client's key.", "client_key"),
  throttle: text("Bytes per second (or a number with k, M or G, or per cent of bandwidth) to use at most."),
  timeout: text("Seconds to wait for a connection."),
  ui_repoid_vars: text("Variables to show along with the repository's name."),
  username: text("Name for basic authentication."),
} as const;

const flag = (description: string, ...aliases: readonly string[]): Schema => ({
  type: "boolean",
  description,
  ...(aliases.length === 0 ? {} : { "x-aliases": aliases }),
});

const switchOptions = {
  async: flag("Download in parallel (only yum up to EL 7 knows it)."),
  enabled: flag("Whether the repository is used unless a task names it in enablerepo."),
  enablegroups: flag("Whether its groups of packages can be used."),
  gpgcheck: flag("Whether packages must be signed by a known key."),
  keepalive: flag("Whether connections are used for several files."),
  module_hotfixes: flag("Whether its packages are offered although a module hides their names."),
  protect: flag("Whether its packages are kept from updates out of other repositories."),
  repo_gpgcheck: flag("Whether the metadata must be signed by a known key."),
  s3_enabled: flag("Whether the S3 plugin is used."),
  skip_if_unavailable: flag("Whether to go on without the repository when it cannot be reached."),
  ssl_check_cert_permissions: flag("Whether files with certificates must be readable."),
  sslverify: flag("Whether the server's certificate must be valid.", "validate_certs"),
} as const;

const texts = (description: string): Schema => ({ type: "array", items: { type: "string" }, description });

const listOptions = {
  baseurl: texts("URLs of the directory that holds repodata; one per mirror."),
  exclude: texts("Packages that are not taken from it, with wildcards."),
  gpgkey: texts("URLs of the armored keys that sign its packages."),
  includepkgs: texts("Packages that alone are taken from it, with wildcards."),
} as const;

const word = (words: readonly string[], description: string): Schema => ({
  type: "string",
  enum: words,
  description,
});

const wordOptions = {
  failovermethod: word(["roundrobin", "priority"], "In which order base URLs are tried (yum up to EL 7)."),
  http_caching: word(["all", "packages", "none"], "What caches on the way may keep."),
  ip_resolve: word(["4", "6", "IPv4", "IPv6", "whatever"], "Which kind of address names are resolved to."),
  keepcache: word(["0", "1"], "Whether packages are kept after they were installed."),
  metadata_expire_filter: word(
    ["never", "read-only:past", "read-only:present", "read-only:future"],
    "Which commands may work with metadata that is no longer fresh.",
  ),
} as const;

/** Names of all options, in the order in which a section holds them. */
export const OPTION_NAMES: readonly OptionName[] = (
  [
    ...Object.keys(textOptions),
    ...Object.keys(switchOptions),
    ...Object.keys(listOptions),
    ...Object.keys(wordOptions),
  ] as OptionName[]
).sort();

export const schema: Schema = {
  type: "object",
  additionalProperties: false,
  required: ["name"],
  properties: {
    name: {
      type: "string",
      pattern: "^[^\\[\\]\\s/]+$",
      description: "The repository's id: the section's name, and what enablerepo takes.",
    },
    description: text("What people see; required when state is present. It is the section's `name`."),
    file: {
      type: "string",
      pattern: "^[^/\\s]+$",
      description: "The file that holds it, without .repo; absent takes the repository's name.",
    },
    reposdir: {
      ...pathSchema("Directory of the files with repositories; it must exist."),
      default: "/etc/yum.repos.d",
    },
    state: {
      type: "string",
      enum: ["present", "absent"],
      default: "present",
      description: "absent takes the section out, and the file with its last section.",
    },
    ...textOptions,
    ...switchOptions,
    ...listOptions,
    ...wordOptions,
    ...attributeProperties,
  },
};
