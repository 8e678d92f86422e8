import type { Schema } from "../../core/schema.ts";
import { type GuardParams, guardProperties } from "../command-run/guard.ts";
import { type InputParams, inputProperties } from "../command-run/input.ts";

/** Parameters of command, under ansible.builtin.command's names. */
export interface CommandParams extends GuardParams, InputParams {
  readonly cmd: string | null;
  readonly argv: readonly string[] | null;
}

export const schema: Schema = {
  type: "object",
  additionalProperties: false,
  properties: {
    cmd: {
      type: "string",
      description:
        "The command line; split into words with quotes as a shell does, but run without one: no pipes, no redirections, only variables and ~ are filled in.",
    },
    argv: { type: "array", items: { type: "string" }, description: "The command as a list of words." },
    ...guardProperties,
    ...inputProperties,
  },
};
