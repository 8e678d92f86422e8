import type { Schema } from "../../core/schema.ts";

/** Parameters of debconf, under ansible.builtin.debconf's names. */
export interface DebconfParams {
  readonly name: string;
  readonly question: string | null;
  readonly vtype: string | null;
  readonly value: string | null;
  readonly unseen: boolean;
}

export const schema: Schema = {
  type: "object",
  additionalProperties: false,
  required: ["name"],
  properties: {
    name: {
      type: "string",
      pattern: "^[a-z0-9][a-z0-9+.-]*$",
      "x-aliases": ["pkg"],
      description: "The package that asks; alone it gives the package's questions and answers.",
    },
    question: {
      type: "string",
      pattern: "^\\S+$",
      "x-aliases": ["selection", "setting"],
      description: "The question, e.g. locales/default_environment_locale.",
    },
    vtype: {
      type: "string",
      enum: [
        "boolean",
        "error",
        "multiselect",
        "note",
        "password",
        "seen",
        "select",
        "string",
        "text",
        "title",
      ],
      description: "The kind of the answer. One of kind password is never shown.",
    },
    value: { type: "string", "x-aliases": ["answer"], description: "The answer." },
    unseen: {
      type: "boolean",
      default: false,
      description: "Whether the question counts as not yet asked, so that the package may still ask it.",
    },
  },
};
