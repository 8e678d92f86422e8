import type { Schema } from "../../core/schema.ts";

/** Parameters of ufw, under community.general.ufw's names. */
export interface UfwParams {
  readonly state: "enabled" | "disabled" | "reloaded" | "reset" | null;
  readonly default: "allow" | "deny" | "reject" | null;
  readonly logging: "full" | "high" | "low" | "medium" | "off" | "on" | null;
  readonly rule: "allow" | "deny" | "limit" | "reject" | null;
  readonly direction: "in" | "incoming" | "out" | "outgoing" | "routed" | null;
  readonly delete: boolean;
  readonly route: boolean;
  readonly insert: number | null;
  readonly insert_relative_to: "zero" | "first-ipv4" | "last-ipv4" | "first-ipv6" | "last-ipv6";
  readonly interface: string | null;
  readonly interface_in: string | null;
  readonly interface_out: string | null;
  readonly log: boolean;
  readonly from_ip: string;
  readonly from_port: string | null;
  readonly to_ip: string;
  readonly to_port: string | null;
  readonly proto: string | null;
  readonly name: string | null;
  readonly comment: string | null;
}

const text = (description: string, aliases: readonly string[] = []): Schema => ({
  type: "string",
  minLength: 1,
  description,
  ...(aliases.length === 0 ? {} : { "x-aliases": aliases }),
});

export const schema: Schema = {
  type: "object",
  additionalProperties: false,
  properties: {
    state: {
      type: "string",
      enum: ["enabled", "disabled", "reloaded", "reset"],
      description:
        "enabled and disabled: now and at boot; reloaded and reset are done each time, reset takes all rules away.",
    },
    default: {
      type: "string",
      enum: ["allow", "deny", "reject"],
      "x-aliases": ["policy"],
      description: "What becomes of packets that no rule decides about, in the direction.",
    },
    logging: {
      type: "string",
      enum: ["full", "high", "low", "medium", "off", "on"],
      description: "How much is logged; on is whatever level it had, or low.",
    },
    rule: {
      type: "string",
      enum: ["allow", "deny", "limit", "reject"],
      description: "What becomes of packets that match the rest.",
    },
    direction: {
      type: "string",
      enum: ["in", "incoming", "out", "outgoing", "routed"],
      description: "in and out for a rule; incoming (the default), outgoing and routed for default.",
    },
    delete: { type: "boolean", default: false, description: "The rule shall not be there." },
    route: { type: "boolean", default: false, description: "The rule is for packets that are passed on." },
    insert: { type: "integer", description: "The number that a new rule gets; absent puts it to the end." },
    insert_relative_to: {
      type: "string",
      enum: ["zero", "first-ipv4", "last-ipv4", "first-ipv6", "last-ipv6"],
      default: "zero",
      description: "From where insert counts.",
    },
    interface: text("An interface, with direction.", ["if"]),
    interface_in: text("The interface that packets come in by.", ["if_in"]),
    interface_out: text("The interface that packets leave by.", ["if_out"]),
    log: { type: "boolean", default: false, description: "Log new connections that match." },
    from_ip: { ...text("Where packets come from.", ["from", "src"]), default: "any" },
    from_port: text("The port that they come from."),
    to_ip: { ...text("Where packets go to.", ["dest", "to"]), default: "any" },
    to_port: text("The port, ports or range that they go to: 443, 80,443, 5000:5010.", ["port"]),
    proto: {
      type: "string",
      enum: ["ah", "any", "esp", "gre", "igmp", "ipv6", "tcp", "udp", "vrrp"],
      "x-aliases": ["protocol"],
      description: "The protocol; vrrp needs ufw 0.36.2.",
    },
    name: text("An application that has a profile in /etc/ufw/applications.d.", ["app"]),
    comment: text("A comment in the rule."),
  },
};
