import type { Schema } from "../../core/schema.ts";
import { type GuardParams, guardProperties } from "../command-run/guard.ts";
import { type InputParams, inputProperties } from "../command-run/input.ts";

/** Parameters of shell, under ansible.builtin.shell's names. */
export interface ShellParams extends GuardParams, InputParams {
  readonly cmd: string;
  readonly executable: string;
}

export const schema: Schema = {
  type: "object",
  additionalProperties: false,
  required: ["cmd"],
  properties: {
    cmd: { type: "string", pattern: "\\S", description: "The script." },
    executable: {
      type: "string",
      pattern: "^/",
      default: "/bin/sh",
      description: "The shell that runs it, e.g. /bin/bash.",
    },
    ...guardProperties,
    ...inputProperties,
  },
};
