import type { Schema } from "../core/schema.ts";
import { FAULTS } from "./faults/catalog.ts";

const DURATION: Schema = {
  type: "string",
  pattern: "^\\d+(\\.\\d+)? ?(ms|s|m)$",
};

/** A drill file once its faults are all mappings: what a team drills, how often, and what it may cost. */
export const DRILL_FILE_SCHEMA: Schema = {
  type: "object",
  additionalProperties: false,
  properties: {
    faults: {
      type: "array",
      minItems: 1,
      description:
        "The faults, each by its name or with budget and repeats of its own; all where it is left out.",
      items: {
        type: "object",
        additionalProperties: false,
        required: ["fault"],
        properties: {
          fault: { type: "string", enum: FAULTS.map(({ id }) => id), description: "Its name." },
          repeat: { type: "integer", minimum: 1, maximum: 100, description: "How often." },
          max_outage: { ...DURATION, description: "The longest time without an answer: 500ms, 2s." },
        },
      },
    },
    repeat: { type: "integer", minimum: 1, maximum: 100, description: "How often each fault is done." },
    max_outage: { ...DURATION, description: "The longest time without an answer, for every fault." },
    rate: { type: "integer", minimum: 1, maximum: 1000, description: "Requests a second." },
    held: { type: "integer", minimum: 0, maximum: 500, description: "Connections that are held open." },
    from: { type: "string", minLength: 1, description: "The host that asks, or `controller`." },
    probe: {
      type: "string",
      pattern: "^(https?|tcp)://.+$",
      description: "What is asked; found in haproxy.cfg where it is left out.",
    },
  },
};

/** A drill file that fits its schema. */
export interface DrillFile {
  readonly faults: readonly {
    readonly fault: string;
    readonly repeat: number | null;
    readonly max_outage: string | null;
  }[];
  readonly repeat: number | null;
  readonly max_outage: string | null;
  readonly rate: number | null;
  readonly held: number | null;
  readonly from: string | null;
  readonly probe: string | null;
}
