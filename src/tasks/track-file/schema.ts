import type { Schema } from "../../core/schema.ts";

/** Parameters of track_file. */
export interface TrackFileParams {
  readonly path: string;
  readonly unit: string;
  readonly up: number;
  readonly down: number;
}

export const schema: Schema = {
  type: "object",
  additionalProperties: false,
  required: ["path", "unit"],
  properties: {
    path: {
      type: "string",
      pattern: "^/.*[^/]$",
      description: "The file, absolute; keepalived's track_file.",
    },
    unit: {
      type: "string",
      minLength: 1,
      description: "The unit that it tells of; a name without suffix is a service.",
    },
    up: { type: "integer", default: 0, description: "What it says while the unit runs." },
    down: { type: "integer", default: 1, description: "What it says while the unit does not run." },
  },
};
