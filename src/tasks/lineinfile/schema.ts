import type { Schema } from "../../core/schema.ts";
import type { EditParams } from "../file-content/edit-file.ts";
import { createSchema, editProperties } from "../file-content/edit-schema.ts";

/** Parameters of lineinfile, under Ansible's names. */
export interface LineinfileParams extends EditParams {
  readonly state: "present" | "absent";
  readonly line: string | null;
  readonly regexp: string | null;
  readonly search_string: string | null;
  readonly insertafter: string | null;
  readonly insertbefore: string | null;
  readonly backrefs: boolean;
  readonly firstmatch: boolean;
  readonly create: boolean;
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
      description: "absent removes every line that matches.",
    },
    line: { type: "string", "x-aliases": ["value"], description: "The line that shall be in the file." },
    regexp: {
      type: "string",
      minLength: 1,
      "x-aliases": ["regex"],
      description: "Python regular expression of the line to replace (the last that matches) or remove.",
    },
    search_string: {
      type: "string",
      minLength: 1,
      description: "Text in the line to replace or remove, taken as it is.",
    },
    insertafter: {
      type: "string",
      description: "Where a new line goes: after the last line that matches this, or EOF (the default).",
    },
    insertbefore: {
      type: "string",
      description: "Where a new line goes: before the last line that matches this, or BOF.",
    },
    backrefs: {
      type: "boolean",
      default: false,
      description:
        "Groups of regexp may stand in line (\\1, \\g<name>); without a match the file stays as it is.",
    },
    firstmatch: {
      type: "boolean",
      default: false,
      description: "Take the first line that matches, not the last.",
    },
    create: createSchema,
    ...editProperties,
  },
};
