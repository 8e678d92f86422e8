import type { Schema } from "../../core/schema.ts";

/** Parameters of timezone, under community.general.timezone's names. */
export interface TimezoneParams {
  readonly name: string | null;
  readonly hwclock: "local" | "UTC" | null;
}

export const schema: Schema = {
  type: "object",
  additionalProperties: false,
  properties: {
    name: {
      type: "string",
      pattern: "^[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*$",
      description: "The zone, e.g. Europe/Berlin or UTC; absent leaves it as it is.",
    },
    hwclock: {
      type: "string",
      enum: ["local", "UTC"],
      "x-aliases": ["rtc"],
      description: "Which time the hardware clock keeps; absent leaves it as it is.",
    },
  },
};
