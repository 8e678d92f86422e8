import type { Schema } from "../../core/schema.ts";
import type { EditParams } from "../file-content/edit-file.ts";
import { editProperties } from "../file-content/edit-schema.ts";

/** Parameters of replace, under Ansible's names. */
export interface ReplaceParams extends EditParams {
  readonly regexp: string;
  readonly replace: string;
  readonly after: string | null;
  readonly before: string | null;
  readonly encoding: string;
}

export const schema: Schema = {
  type: "object",
  additionalProperties: false,
  required: ["path", "regexp"],
  properties: {
    regexp: {
      type: "string",
      minLength: 1,
      description: "Python regular expression; ^ and $ are the start and end of each line.",
    },
    replace: {
      type: "string",
      default: "",
      description: "What every match becomes; groups of regexp may stand in it (\\1, \\g<name>).",
    },
    after: {
      type: "string",
      minLength: 1,
      description: "Only what comes after this regular expression is changed.",
    },
    before: {
      type: "string",
      minLength: 1,
      description: "Only what comes before this regular expression is changed.",
    },
    encoding: { type: "string", default: "utf-8", description: "Only utf-8; other bytes stay as they are." },
    ...editProperties,
  },
};
