import type { Schema } from "../../core/schema.ts";

/** Parameters of dpkg_selections, under ansible.builtin.dpkg_selections' names. */
export interface DpkgSelectionsParams {
  readonly name: string;
  readonly selection: "install" | "hold" | "deinstall" | "purge";
}

export const schema: Schema = {
  type: "object",
  additionalProperties: false,
  required: ["name", "selection"],
  properties: {
    name: {
      type: "string",
      pattern: "^[a-z0-9][a-z0-9+.-]*(:[a-z0-9-]+)?$",
      description: "The package; with an architecture where another one than the node's is meant.",
    },
    selection: {
      type: "string",
      enum: ["install", "hold", "deinstall", "purge"],
      description:
        "What shall become of it: hold keeps it from being upgraded or removed. Nothing is installed or removed by this.",
    },
  },
};
