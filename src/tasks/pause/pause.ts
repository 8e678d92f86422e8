import type { Schema } from "../../core/schema.ts";
import { defineOrder } from "../../core/task.ts";

/** Parameters of pause, under ansible.builtin.pause's names. */
interface PauseParams {
  readonly minutes: number | null;
  readonly seconds: number | null;
  readonly prompt: string | null;
  readonly echo: boolean;
}

const schema: Schema = {
  type: "object",
  additionalProperties: false,
  properties: {
    minutes: { type: "number", minimum: 0, description: "How many whole minutes to wait." },
    seconds: { type: "number", minimum: 0, description: "How many whole seconds to wait, one at least." },
    prompt: {
      type: "string",
      description: "What is said; without a time somebody at the terminal answers it with return.",
    },
    echo: { type: "boolean", default: true, description: "Show what is typed." },
  },
};

/** Waits for a time, or for somebody at the terminal. */
export const pause = defineOrder<PauseParams>({
  kind: "engine",
  name: "pause",
  aliases: ["ansible.builtin.pause"],
  summary: "Waits for a time, or for somebody at the terminal.",
  schema,
  example: `- ansible.builtin.pause:
    prompt: Look at the monitoring, then press return
`,
  rules: ({ minutes, seconds }) =>
    minutes !== null && seconds !== null ? ["minutes and seconds exclude each other"] : [],
  order: ({ minutes, seconds, prompt, echo }) => {
    const wanted = minutes === null ? seconds : Math.trunc(minutes) * 60;
    const forMs = wanted === null ? null : Math.max(Math.trunc(wanted), 1) * 1000;
    const said = prompt === "" ? null : prompt;
    return { kind: "pause", forMs, unit: seconds === null ? "minutes" : "seconds", prompt: said, echo };
  },
  once: true,
});
