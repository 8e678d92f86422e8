import type { Schema } from "../../core/schema.ts";
import { pathSchema } from "../file-attributes/schema.ts";

/** Parameters of slurp, under Ansible's names. */
export interface SlurpParams {
  readonly src: string;
}

export const schema: Schema = {
  type: "object",
  additionalProperties: false,
  required: ["src"],
  properties: { src: pathSchema("The file to read; a link is followed.", ["path"]) },
};
