import type { Schema } from "../../core/schema.ts";

/** Parameters of package_facts, under ansible.builtin.package_facts' names. */
export interface PackageFactsParams {
  readonly manager: readonly string[];
  readonly strategy: "first" | "all";
}

export const schema: Schema = {
  type: "object",
  additionalProperties: false,
  properties: {
    manager: {
      type: "array",
      items: { type: "string", enum: ["auto", "rpm", "apt", "portage", "pkg", "pacman", "apk", "pkg_info"] },
      minItems: 1,
      default: ["auto"],
      description:
        "Which package managers to ask, in this order; auto is those that the node has. portage, pkg and pkg_info are not supported.",
    },
    strategy: {
      type: "string",
      enum: ["first", "all"],
      default: "first",
      description: "Whether the first package manager that is there will do, or all of them are asked.",
    },
  },
};
