import type { Schema } from "../../core/schema.ts";
import { pathSchema } from "../file-attributes/schema.ts";

/** A further link that goes along with an alternative (a manual page). */
export interface Subcommand {
  readonly name: string;
  readonly path: string;
  readonly link: string;
}

/** Parameters of alternatives, under community.general.alternatives' names. */
export interface AlternativesParams {
  readonly name: string;
  readonly path: string;
  readonly link: string | null;
  readonly priority: number | null;
  readonly state: "present" | "selected" | "auto" | "absent";
  readonly subcommands: readonly Subcommand[] | null;
}

export const schema: Schema = {
  type: "object",
  additionalProperties: false,
  required: ["name", "path"],
  properties: {
    name: {
      type: "string",
      pattern: "^[^\\s/-][^\\s/]*$",
      description: "The group of alternatives, e.g. editor.",
    },
    path: pathSchema("The program that the link shall lead to."),
    link: pathSchema(
      "The link itself, e.g. /usr/bin/editor. Needed where the group is new, and on RPM systems.",
    ),
    priority: {
      type: "integer",
      description:
        "Which alternative wins in automatic mode; absent keeps what is there, or is 50 for a new one.",
    },
    state: {
      type: "string",
      enum: ["present", "selected", "auto", "absent"],
      default: "selected",
      description:
        "selected makes it the one in use; present only offers it; auto offers it and lets priorities decide; absent takes it away.",
    },
    subcommands: {
      type: "array",
      items: {
        type: "object",
        additionalProperties: false,
        required: ["name", "path", "link"],
        properties: {
          name: { type: "string", pattern: "^[^\\s/-][^\\s/]*$", description: "The group of this link." },
          path: pathSchema("What this link shall lead to."),
          link: pathSchema("The link."),
        },
      },
      "x-aliases": ["slaves"],
      description: "Further links that go along with it (manual pages); absent keeps those that are there.",
    },
  },
};
