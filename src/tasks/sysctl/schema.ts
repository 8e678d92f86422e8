import type { Schema } from "../../core/schema.ts";

/** Parameters of sysctl, under ansible.posix.sysctl's names. */
export interface SysctlParams {
  readonly name: string;
  readonly value: string | null;
  readonly state: "present" | "absent";
  readonly sysctl_set: boolean;
  readonly reload: boolean;
  readonly sysctl_file: string;
  readonly ignoreerrors: boolean;
}

export const schema: Schema = {
  type: "object",
  additionalProperties: false,
  required: ["name"],
  properties: {
    name: {
      type: "string",
      pattern: "^[A-Za-z0-9_-]+([./][A-Za-z0-9_-]+)+$",
      "x-aliases": ["key"],
      description: "Dotted name under /proc/sys, e.g. net.ipv4.ip_nonlocal_bind.",
    },
    value: {
      type: "string",
      "x-aliases": ["val"],
      description: "As the kernel prints it; lists are space separated.",
    },
    state: {
      type: "string",
      enum: ["present", "absent"],
      default: "present",
      description: "absent removes the line.",
    },
    sysctl_set: { type: "boolean", default: false, description: "Also set the value in the running kernel." },
    reload: {
      type: "boolean",
      default: true,
      description: "Load the file when it changed; for state present this sets the running value too.",
    },
    sysctl_file: {
      type: "string",
      pattern: "^/",
      default: "/etc/sysctl.conf",
      description:
        "Where the setting is kept. Debian 13 no longer reads /etc/sysctl.conf at boot: use /etc/sysctl.d/.",
    },
    ignoreerrors: {
      type: "boolean",
      default: false,
      description: "A key the kernel does not know is not an error.",
    },
  },
};
