import type { Schema } from "../../core/schema.ts";

/** Parameters of modprobe, under community.general.modprobe's names. */
export interface ModprobeParams {
  readonly name: string;
  readonly state: "present" | "absent";
  readonly params: string;
  readonly persistent: "disabled" | "present" | "absent";
}

export const schema: Schema = {
  type: "object",
  additionalProperties: false,
  required: ["name"],
  properties: {
    name: {
      type: "string",
      pattern: "^[A-Za-z0-9_-]+$",
      description: "The kernel module, e.g. ip_vs.",
    },
    state: {
      type: "string",
      enum: ["present", "absent"],
      default: "present",
      description: "Whether it is loaded.",
    },
    params: {
      type: "string",
      default: "",
      description: "Its parameters, e.g. numdummies=2; those of a module that is loaded already stay.",
    },
    persistent: {
      type: "string",
      enum: ["disabled", "present", "absent"],
      default: "disabled",
      description:
        "present: loaded at boot too, by /etc/modules-load.d and /etc/modprobe.d; absent: what is there is commented out; disabled: they stay as they are.",
    },
  },
};
