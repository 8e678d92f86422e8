import type { Schema } from "../../core/schema.ts";
import type { UnitScope } from "../shared-probes/unit-state.ts";

/** Parameters of systemd, under ansible.builtin.systemd's names. */
export interface SystemdParams {
  readonly name: string | null;
  readonly state: "started" | "stopped" | "restarted" | "reloaded" | null;
  readonly enabled: boolean | null;
  readonly masked: boolean | null;
  readonly daemon_reload: boolean;
  readonly daemon_reexec: boolean;
  readonly force: boolean | null;
  readonly no_block: boolean;
  readonly scope: UnitScope;
}

export const schema: Schema = {
  type: "object",
  additionalProperties: false,
  properties: {
    name: {
      type: "string",
      minLength: 1,
      "x-aliases": ["service", "unit"],
      description: "A unit; without a suffix it is a service.",
    },
    state: {
      type: "string",
      enum: ["started", "stopped", "restarted", "reloaded"],
      description: "restarted and reloaded act each time, and start what is not running.",
    },
    enabled: { type: "boolean", description: "Whether the unit is started at boot." },
    masked: { type: "boolean", description: "A masked unit cannot be started at all." },
    daemon_reload: {
      type: "boolean",
      default: false,
      "x-aliases": ["daemon-reload"],
      description:
        "Let systemd read its unit files again first, if any of them changed since it did; does not count as a change.",
    },
    daemon_reexec: {
      type: "boolean",
      default: false,
      "x-aliases": ["daemon-reexec"],
      description: "Let systemd execute itself anew first; does not count as a change.",
    },
    force: { type: "boolean", description: "Replace symbolic links that are in the way of enabling." },
    no_block: { type: "boolean", default: false, description: "Do not wait for the unit to get there." },
    scope: {
      type: "string",
      enum: ["system", "user", "global"],
      default: "system",
      description: "The system's manager, the running user's, or the settings for all users' managers.",
    },
  },
};
