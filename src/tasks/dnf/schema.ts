import type { Schema } from "../../core/schema.ts";

/** Parameters of dnf and yum, under ansible.builtin.dnf's names. */
export interface RpmParams {
  readonly name: readonly string[] | null;
  readonly state: "present" | "installed" | "latest" | "absent" | "removed" | null;
  readonly enablerepo: readonly string[];
  readonly disablerepo: readonly string[];
  readonly exclude: readonly string[];
  readonly disable_gpg_check: boolean;
  readonly validate_certs: boolean;
  readonly update_cache: boolean;
  readonly update_only: boolean;
  readonly security: boolean;
  readonly bugfix: boolean;
  readonly autoremove: boolean;
  readonly allow_downgrade: boolean;
  readonly allowerasing: boolean;
  readonly nobest: boolean;
  readonly skip_broken: boolean;
  readonly install_weak_deps: boolean;
  readonly releasever: string | null;
  readonly conf_file: string | null;
  readonly disable_excludes: string | null;
  readonly disable_plugin: readonly string[];
  readonly enable_plugin: readonly string[];
  readonly cacheonly: boolean;
  readonly lock_timeout: number;
  readonly installroot: string;
  readonly download_only: boolean;
  readonly download_dir: string | null;
  readonly list: string | null;
  readonly install_repoquery: boolean;
}

const flag = (description: string, ...aliases: readonly string[]): Schema => ({
  type: "boolean",
  default: false,
  description,
  ...(aliases.length === 0 ? {} : { "x-aliases": aliases }),
});

const texts = (description: string): Schema => ({
  type: "array",
  items: { type: "string" },
  default: [],
  description,
});

export const schema: Schema = {
  type: "object",
  additionalProperties: false,
  properties: {
    name: {
      type: "array",
      items: { type: "string" },
      "x-aliases": ["pkg"],
      description:
        "Packages: `haproxy`, `haproxy-2.4.22`, `haproxy.x86_64`, a path or a capability that one provides, an .rpm file on the node or its URL. `*` with state latest upgrades everything.",
    },
    state: {
      type: "string",
      enum: ["present", "installed", "latest", "absent", "removed"],
      description: "Absent means present, or with autoremove absent; latest also upgrades.",
    },
    enablerepo: texts("Repositories to enable for this task."),
    disablerepo: texts("Repositories to disable for this task."),
    exclude: texts("Packages to leave out."),
    disable_gpg_check: flag("Install packages whose signature cannot be verified."),
    validate_certs: {
      type: "boolean",
      default: true,
      "x-aliases": ["sslverify"],
      description: "Whether certificates of repositories must be valid.",
    },
    update_cache: flag("Fetch the repositories' metadata anew before installing.", "expire-cache"),
    update_only: flag("With state latest: packages that are not installed stay so."),
    security: flag("With state latest: only updates that mend a vulnerability."),
    bugfix: flag("With state latest: only updates that mend a bug."),
    autoremove: flag("Remove dependencies that are needed no more."),
    allow_downgrade: flag("Let a version in `name` replace a newer one."),
    allowerasing: flag("Let installed packages go that are in the way (dnf only)."),
    nobest: flag("Take an older version where the newest cannot be installed (dnf only)."),
    skip_broken: flag("Leave out packages whose dependencies cannot be met."),
    install_weak_deps: {
      type: "boolean",
      default: true,
      description: "Whether recommended packages come along (dnf only).",
    },
    releasever: { type: "string", description: "The release to install from." },
    conf_file: { type: "string", pattern: "^/", description: "The configuration file to use." },
    disable_excludes: {
      type: "string",
      description: "all, main or a repository, whose own excludes do not count for this task.",
    },
    disable_plugin: texts("Plugins to disable for this task."),
    enable_plugin: texts("Plugins to enable for this task."),
    cacheonly: flag("Work with the metadata and packages that the node has already."),
    lock_timeout: {
      type: "integer",
      default: 30,
      description: "Accepted for Ansible's sake: dnf and yum wait for each other by themselves.",
    },
    installroot: { type: "string", default: "/", description: "Only /: the node itself." },
    download_only: flag("Only false: packages are installed, not collected."),
    download_dir: { type: "string", description: "Refused: packages are installed, not collected." },
    list: { type: "string", description: "Refused: what is installed is what package_facts or rpm -q says." },
    install_repoquery: {
      type: "boolean",
      default: true,
      description: "Accepted for Ansible's sake, which does not use it any more either.",
    },
  },
};
