import type { Schema } from "../../core/schema.ts";

/** Parameters of haproxy, under community.general.haproxy's names. */
export interface HaproxyParams {
  readonly host: string;
  readonly state: "enabled" | "disabled" | "drain";
  readonly backend: string | null;
  readonly socket: string;
  readonly weight: string | null;
  readonly drain: boolean;
  readonly shutdown_sessions: boolean;
  readonly agent: boolean;
  readonly health: boolean;
  readonly fail_on_not_found: boolean;
  readonly wait: boolean;
  readonly wait_interval: number;
  readonly wait_retries: number;
}

/** What a command of HAProxy's socket would take for its end is in no name. */
const NAME = "^[A-Za-z0-9_.:-]+$";

export const schema: Schema = {
  type: "object",
  additionalProperties: false,
  required: ["host", "state"],
  properties: {
    host: { type: "string", pattern: NAME, description: "The server's name in haproxy.cfg." },
    state: {
      type: "string",
      enum: ["enabled", "disabled", "drain"],
      description: "enabled takes part; disabled gets nothing (MAINT); drain only what persistence sends it.",
    },
    backend: { type: "string", pattern: NAME, description: "Its backend; absent means each that has it." },
    socket: {
      type: "string",
      pattern: "^/",
      default: "/var/run/haproxy.sock",
      description: "HAProxy's stats socket, of level admin; lbplay's roles have /run/haproxy/admin.sock.",
    },
    weight: {
      type: "string",
      pattern: "^[0-9]+%?$",
      description: "With state enabled: its weight, 0 to 256, or a share of the configured one: 50%.",
    },
    drain: {
      type: "boolean",
      default: false,
      description: "With state disabled: drain it first; with wait, until nobody is connected.",
    },
    shutdown_sessions: {
      type: "boolean",
      default: false,
      description: "With state disabled: end its sessions.",
    },
    agent: { type: "boolean", default: false, description: "Do the same with its agent check." },
    health: { type: "boolean", default: false, description: "Do the same with its health check." },
    fail_on_not_found: {
      type: "boolean",
      default: false,
      description: "A server that is not there is a failure.",
    },
    wait: { type: "boolean", default: false, description: "Wait until it is UP, MAINT or DRAIN." },
    wait_interval: { type: "integer", minimum: 0, default: 5, description: "Seconds between two looks." },
    wait_retries: { type: "integer", minimum: 1, default: 25, description: "How often to look." },
  },
};
