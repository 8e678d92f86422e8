import type { Schema } from "../../core/schema.ts";
import type { EditParams } from "../file-content/edit-file.ts";
import { createSchema, editProperties } from "../file-content/edit-schema.ts";

/** Parameters of blockinfile, under Ansible's names. */
export interface BlockinfileParams extends EditParams {
  readonly state: "present" | "absent";
  readonly block: string;
  readonly marker: string;
  readonly marker_begin: string;
  readonly marker_end: string;
  readonly insertafter: string | null;
  readonly insertbefore: string | null;
  readonly create: boolean;
  readonly append_newline: boolean;
  readonly prepend_newline: boolean;
}

export const schema: Schema = {
  type: "object",
  additionalProperties: false,
  required: ["path"],
  properties: {
    state: {
      type: "string",
      enum: ["present", "absent"],
      default: "present",
      description: "absent removes the block with its markers.",
    },
    block: {
      type: "string",
      default: "",
      "x-aliases": ["content"],
      description: "The lines between the markers; empty removes the block.",
    },
    marker: {
      type: "string",
      default: "# {mark} ANSIBLE MANAGED BLOCK",
      description:
        "The line before and after the block, by which it is found again; {mark} becomes the two words below.",
    },
    marker_begin: { type: "string", default: "BEGIN", description: "What {mark} is before the block." },
    marker_end: { type: "string", default: "END", description: "What {mark} is after the block." },
    insertafter: {
      type: "string",
      description: "Where a new block goes: after the last line that matches this, or EOF (the default).",
    },
    insertbefore: {
      type: "string",
      description: "Where a new block goes: before the last line that matches this, or BOF.",
    },
    create: createSchema,
    append_newline: { type: "boolean", default: false, description: "Keep an empty line after the block." },
    prepend_newline: { type: "boolean", default: false, description: "Keep an empty line before the block." },
    ...editProperties,
  },
};
