import type { Schema } from "../../core/schema.ts";

/** Parameters of firewalld, under ansible.posix.firewalld's names. */
export interface FirewalldParams {
  readonly state: "enabled" | "disabled" | "present" | "absent";
  readonly zone: string | null;
  readonly permanent: boolean | null;
  readonly immediate: boolean;
  readonly offline: boolean | null;
  readonly timeout: number;
  readonly service: string | null;
  readonly port: string | null;
  readonly protocol: string | null;
  readonly source: string | null;
  readonly interface: string | null;
  readonly rich_rule: string | null;
  readonly icmp_block: string | null;
  readonly icmp_block_inversion: boolean | null;
  readonly masquerade: boolean | null;
  readonly target: "default" | "ACCEPT" | "DROP" | "%%REJECT%%" | null;
  readonly port_forward: readonly PortForward[] | null;
}

/** A port that is passed on. */
export interface PortForward {
  readonly port: string;
  readonly proto: string;
  readonly toport: string;
  readonly toaddr: string;
}

const text = (description: string): Schema => ({ type: "string", minLength: 1, description });

export const schema: Schema = {
  type: "object",
  additionalProperties: false,
  required: ["state"],
  properties: {
    state: {
      type: "string",
      enum: ["enabled", "disabled", "present", "absent"],
      description: "enabled and disabled for what a zone lets through; present and absent for a zone itself.",
    },
    zone: text("The zone; absent means the default zone."),
    permanent: {
      type: "boolean",
      description:
        "Change what is loaded at the next start. Without permanent and immediate it is the running firewall.",
    },
    immediate: { type: "boolean", default: false, description: "Change the running firewall." },
    offline: {
      type: "boolean",
      description: "Where firewalld does not run, change its files; a permanent change then needs no daemon.",
    },
    timeout: {
      type: "integer",
      minimum: 0,
      default: 0,
      description: "Seconds after which a change of the running firewall is taken back; 0 keeps it.",
    },
    service: text("A service by firewalld's name, e.g. https."),
    port: {
      type: "string",
      pattern: "^[0-9]+(-[0-9]+)?/(tcp|udp|sctp|dccp)$",
      description: "A port or range with its protocol: 8080/tcp, 5000-5010/udp.",
    },
    protocol: text("An IP protocol, e.g. vrrp."),
    source: text("An address, network, MAC or ipset whose packets belong to the zone."),
    interface: text("An interface whose packets belong to the zone; it leaves the zone that it is in."),
    rich_rule: text('A rule in the rich language: rule protocol value="vrrp" accept.'),
    icmp_block: text("A kind of ICMP to block, e.g. echo-request."),
    icmp_block_inversion: { type: "boolean", description: "Whether only the blocked kinds pass." },
    masquerade: { type: "boolean", description: "Whether addresses are masqueraded." },
    target: {
      type: "string",
      enum: ["default", "ACCEPT", "DROP", "%%REJECT%%"],
      description: "What happens to packets that nothing in the zone speaks of; permanent only.",
    },
    port_forward: {
      type: "array",
      description: "One port to pass on.",
      items: {
        type: "object",
        additionalProperties: false,
        required: ["port", "proto", "toport"],
        properties: {
          port: { type: "string", description: "The port, or a range." },
          proto: { type: "string", enum: ["tcp", "udp", "sctp", "dccp"], description: "Its protocol." },
          toport: { type: "string", description: "The port it goes to." },
          toaddr: {
            type: "string",
            default: "",
            description: "The address it goes to; empty for the node itself.",
          },
        },
      },
    },
  },
};
