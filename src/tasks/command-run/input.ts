import type { Schema } from "../../core/schema.ts";

/** The parameters for a command's standard input and output. */
export interface InputParams {
  readonly stdin: string | null;
  readonly stdin_add_newline: boolean;
  readonly strip_empty_ends: boolean;
}

/** Schema properties of InputParams. */
export const inputProperties: Readonly<Record<string, Schema>> = {
  stdin: { type: "string", description: "Text for the command's standard input." },
  stdin_add_newline: { type: "boolean", default: true, description: "End that text with a line feed." },
  strip_empty_ends: {
    type: "boolean",
    default: true,
    description: "Take the line feeds off the end of what the command prints.",
  },
  warn: {
    type: "boolean",
    description: "Accepted for old playbooks' sake; there are no warnings to turn off.",
  },
};

/** The bytes for standard input, as part of an action. */
export const stdinOf = ({ stdin, stdin_add_newline }: InputParams): { readonly stdin?: Buffer } =>
  stdin === null ? {} : { stdin: Buffer.from(stdin_add_newline ? `${stdin}\n` : stdin) };
