import type { Schema } from "../../core/schema.ts";

/** Parameters of package, under ansible.builtin.package's names. */
export interface PackageParams {
  readonly name: readonly string[];
  readonly state: "present" | "installed" | "latest" | "absent" | "removed";
  readonly update_cache: boolean | null;
  readonly use: "auto" | "apt" | "dnf" | "dnf5" | "yum";
}

export const schema: Schema = {
  type: "object",
  additionalProperties: false,
  required: ["name"],
  properties: {
    name: {
      type: "array",
      items: { type: "string" },
      "x-aliases": ["pkg"],
      description:
        "Packages under the names of the node's distribution, versions as its own module takes them.",
    },
    state: {
      type: "string",
      enum: ["present", "installed", "latest", "absent", "removed"],
      default: "present",
      description: "latest also upgrades.",
    },
    update_cache: {
      type: "boolean",
      description: "Refresh what is known of the repositories before something is installed.",
    },
    use: {
      type: "string",
      enum: ["auto", "apt", "dnf", "dnf5", "yum"],
      default: "auto",
      description: "The package manager; auto takes what the node has.",
    },
  },
};
