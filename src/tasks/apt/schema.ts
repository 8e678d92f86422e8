import type { Schema } from "../../core/schema.ts";

/** Parameters of apt, under ansible.builtin.apt's names. */
export interface AptParams {
  readonly name: readonly string[] | null;
  readonly state: "present" | "absent" | "latest" | "fixed" | "build-dep";
  readonly update_cache: boolean | null;
  readonly update_cache_retries: number;
  readonly update_cache_retry_max_delay: number;
  readonly cache_valid_time: number;
  readonly purge: boolean;
  readonly deb: string | null;
  readonly default_release: string | null;
  readonly install_recommends: boolean | null;
  readonly force: boolean;
  readonly upgrade: "no" | "yes" | "safe" | "full" | "dist";
  readonly dpkg_options: string;
  readonly autoremove: boolean;
  readonly autoclean: boolean;
  readonly clean: boolean;
  readonly fail_on_autoremove: boolean;
  readonly policy_rc_d: number | null;
  readonly only_upgrade: boolean;
  readonly force_apt_get: boolean;
  readonly allow_unauthenticated: boolean;
  readonly allow_downgrade: boolean;
  readonly allow_change_held_packages: boolean;
  readonly lock_timeout: number;
}

const flag = (description: string, ...aliases: readonly string[]): Schema => ({
  type: "boolean",
  default: false,
  description,
  ...(aliases.length === 0 ? {} : { "x-aliases": aliases }),
});

export const schema: Schema = {
  type: "object",
  additionalProperties: false,
  properties: {
    name: {
      type: "array",
      items: { type: "string" },
      "x-aliases": ["package", "pkg"],
      description:
        "Packages: `haproxy`, `haproxy=2.6.12-1`, `haproxy=2.6*`, `haproxy>=2.6`, `libc6:i386`; for state absent also patterns such as `php8*`. `*` with state latest upgrades everything.",
    },
    state: {
      type: "string",
      enum: ["present", "absent", "latest", "fixed", "build-dep"],
      default: "present",
      description: "latest also upgrades to the newest version the lists offer; build-dep is not supported.",
    },
    update_cache: {
      type: "boolean",
      "x-aliases": ["update-cache"],
      description:
        "Refresh the package lists first. With packages in state present they are refreshed only when something has to be installed.",
    },
    update_cache_retries: {
      type: "integer",
      minimum: 1,
      default: 5,
      description: "How often a failing refresh is tried.",
    },
    update_cache_retry_max_delay: {
      type: "integer",
      minimum: 0,
      default: 12,
      description: "The longest wait between two tries, in seconds.",
    },
    cache_valid_time: {
      type: "integer",
      minimum: 0,
      default: 0,
      description:
        "Lists younger than this many seconds are not refreshed; more than 0 implies update_cache.",
    },
    purge: flag("Remove the configuration files too."),
    deb: {
      type: "string",
      pattern: "^/",
      description: "A .deb file on the node; fetch it with get_url or copy first.",
    },
    default_release: {
      type: "string",
      "x-aliases": ["default-release"],
      description: "The release to install from, e.g. bookworm-backports.",
    },
    install_recommends: {
      type: "boolean",
      "x-aliases": ["install-recommends"],
      description: "Whether recommended packages come along; absent leaves it to the node.",
    },
    force: flag(
      "Allow unauthenticated packages, downgrades, held and essential packages to change; can break a system.",
    ),
    upgrade: {
      type: "string",
      enum: ["no", "yes", "safe", "full", "dist"],
      default: "no",
      description:
        "Upgrade all packages: yes and safe remove nothing, full and dist also remove what is in the way.",
    },
    dpkg_options: {
      type: "string",
      default: "force-confdef,force-confold",
      description: "Options for dpkg without their dashes, comma separated.",
    },
    autoremove: flag("Remove packages that were installed as dependencies and are needed no more."),
    autoclean: flag("Delete cached .deb files that can no longer be downloaded."),
    clean: flag("Delete all cached .deb files."),
    fail_on_autoremove: flag("Fail instead of removing any package."),
    policy_rc_d: {
      type: "integer",
      minimum: 0,
      description:
        "Exit code of a policy-rc.d that is in place while packages are installed; 101 keeps services from being started.",
    },
    only_upgrade: flag("Packages that are not installed stay so."),
    force_apt_get: flag("Accepted for Ansible's sake: apt-get is always what is used."),
    allow_unauthenticated: flag("Install packages that cannot be verified.", "allow-unauthenticated"),
    allow_downgrade: flag(
      "Let a version in `name` replace a newer one.",
      "allow-downgrade",
      "allow_downgrades",
      "allow-downgrades",
    ),
    allow_change_held_packages: flag("Let packages change that are on hold."),
    lock_timeout: {
      type: "integer",
      minimum: 0,
      default: 60,
      description: "Seconds to wait for another apt or dpkg to finish.",
    },
  },
};
