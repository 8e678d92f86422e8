import type { Schema } from "../../core/schema.ts";
import type { Value } from "../../core/value.ts";
import { type GuardParams, guardProperties } from "../command-run/guard.ts";

/** Parameters of expect, under ansible.builtin.expect's names. */
export interface ExpectParams extends GuardParams {
  readonly command: string;
  readonly responses: Value;
  readonly timeout: number | null;
  readonly echo: boolean;
}

export const schema: Schema = {
  type: "object",
  additionalProperties: false,
  required: ["command", "responses"],
  properties: {
    command: { type: "string", minLength: 1, description: "The command, without a shell." },
    responses: {
      type: "object",
      "x-raw": true,
      description: "Regular expression of a question → its answer, or a list of answers in turn.",
    },
    timeout: {
      type: "integer",
      minimum: 1,
      default: 30,
      description: "Seconds to wait for a question, or for the end.",
    },
    echo: { type: "boolean", default: false, description: "Show the answers in what the command prints." },
    ...guardProperties,
  },
};
