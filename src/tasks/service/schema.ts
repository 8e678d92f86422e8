import type { Schema } from "../../core/schema.ts";

/** Parameters of service, under ansible.builtin.service's names. */
export interface ServiceParams {
  readonly name: string;
  readonly state: "started" | "stopped" | "restarted" | "reloaded" | null;
  readonly enabled: boolean | null;
  readonly arguments: string;
  readonly pattern: string | null;
  readonly sleep: number;
  readonly use: "auto" | "systemd" | "sysvinit" | "service";
}

export const schema: Schema = {
  type: "object",
  additionalProperties: false,
  required: ["name"],
  properties: {
    name: { type: "string", minLength: 1, description: "The service." },
    state: {
      type: "string",
      enum: ["started", "stopped", "restarted", "reloaded"],
      description: "restarted and reloaded act each time, and start what is not running.",
    },
    enabled: { type: "boolean", description: "Whether the service is started at boot." },
    arguments: {
      type: "string",
      default: "",
      "x-aliases": ["args"],
      description: "Further words for an init script; systemd takes none.",
    },
    pattern: {
      type: "string",
      description:
        "For an init script that cannot tell its status: a text in the process list that shows that it runs.",
    },
    sleep: {
      type: "integer",
      minimum: 0,
      default: 0,
      description: "Seconds between stop and start when an init script is restarted.",
    },
    use: {
      type: "string",
      enum: ["auto", "systemd", "sysvinit", "service"],
      default: "auto",
      description: "auto takes systemd where it runs, else the init script.",
    },
  },
};
