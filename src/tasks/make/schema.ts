import type { Schema } from "../../core/schema.ts";
import type { Value } from "../../core/value.ts";
import { pathSchema } from "../file-attributes/schema.ts";

/** Parameters of make, under community.general.make's names. */
export interface MakeParams {
  readonly chdir: string;
  readonly file: string | null;
  readonly jobs: number | null;
  readonly make: string | null;
  readonly params: Readonly<Record<string, Value>> | null;
  readonly target: string | null;
}

export const schema: Schema = {
  type: "object",
  additionalProperties: false,
  required: ["chdir"],
  properties: {
    chdir: pathSchema("The directory to run it in."),
    file: { type: "string", minLength: 1, description: "Another makefile than the directory's own." },
    jobs: { type: "integer", minimum: 1, description: "How many commands may run at the same time." },
    make: {
      type: "string",
      minLength: 1,
      description: "Another make, by name or path; absent is gmake or make.",
    },
    params: {
      type: "object",
      additionalProperties: { "x-raw": true },
      description: "Variables of the makefile by name.",
    },
    target: {
      type: "string",
      minLength: 1,
      description: "What to make; absent is the makefile's first target.",
    },
  },
};
