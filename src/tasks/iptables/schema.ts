import type { Schema } from "../../core/schema.ts";

/** Parameters of iptables, under ansible.builtin.iptables' names. */
export interface IptablesParams {
  readonly table: "filter" | "nat" | "mangle" | "raw" | "security";
  readonly state: "present" | "absent";
  readonly action: "append" | "insert";
  readonly rule_num: string | null;
  readonly ip_version: "ipv4" | "ipv6";
  readonly chain: string | null;
  readonly match: readonly string[];
  readonly tcp_flags: { readonly flags: readonly string[]; readonly flags_set: readonly string[] } | null;
  readonly log_level: string | null;
  readonly destination_ports: readonly string[];
  readonly ctstate: readonly string[];
  readonly match_set_flags: string | null;
  readonly syn: "ignore" | "match" | "negate";
  readonly flush: boolean;
  readonly policy: "ACCEPT" | "DROP" | "QUEUE" | "RETURN" | null;
  readonly chain_management: boolean;
  readonly protocol: string | null;
  readonly wait: string | null;
  readonly source: string | null;
  readonly destination: string | null;
  readonly to_source: string | null;
  readonly to_destination: string | null;
  readonly jump: string | null;
  readonly gateway: string | null;
  readonly log_prefix: string | null;
  readonly goto: string | null;
  readonly in_interface: string | null;
  readonly out_interface: string | null;
  readonly fragment: string | null;
  readonly set_counters: string | null;
  readonly source_port: string | null;
  readonly destination_port: string | null;
  readonly to_ports: string | null;
  readonly set_dscp_mark: string | null;
  readonly set_dscp_mark_class: string | null;
  readonly comment: string | null;
  readonly src_range: string | null;
  readonly dst_range: string | null;
  readonly match_set: string | null;
  readonly limit: string | null;
  readonly limit_burst: string | null;
  readonly uid_owner: string | null;
  readonly gid_owner: string | null;
  readonly reject_with: string | null;
  readonly icmp_type: string | null;
}

const text = (description: string): Schema => ({ type: "string", minLength: 1, description });

const words = (description: string): Schema => ({
  type: "array",
  items: { type: "string", minLength: 1 },
  default: [],
  description,
});

export const schema: Schema = {
  type: "object",
  additionalProperties: false,
  properties: {
    table: {
      type: "string",
      enum: ["filter", "nat", "mangle", "raw", "security"],
      default: "filter",
      description: "The table that the chain is in.",
    },
    state: {
      type: "string",
      enum: ["present", "absent"],
      default: "present",
      description: "Whether the rule is there.",
    },
    action: {
      type: "string",
      enum: ["append", "insert"],
      default: "append",
      description: "Where a new rule goes: to the end of the chain or to its beginning.",
    },
    rule_num: {
      type: "string",
      pattern: "^[1-9][0-9]*$",
      description: "With action insert: the place of a new rule.",
    },
    ip_version: {
      type: "string",
      enum: ["ipv4", "ipv6"],
      default: "ipv4",
      description: "iptables or ip6tables.",
    },
    chain: {
      type: "string",
      pattern: "^[^\\s-]\\S*$",
      description: "The chain: INPUT, FORWARD, OUTPUT, or one of your own.",
    },
    match: words("Extensions that the rule uses, e.g. conntrack."),
    tcp_flags: {
      type: "object",
      additionalProperties: false,
      required: ["flags", "flags_set"],
      properties: {
        flags: {
          type: "array",
          items: { type: "string" },
          minItems: 1,
          description: "The flags to look at.",
        },
        flags_set: {
          type: "array",
          items: { type: "string" },
          minItems: 1,
          description: "Those of them that are set.",
        },
      },
      description: "Flags of TCP.",
    },
    log_level: {
      type: "string",
      enum: [
        "0",
        "1",
        "2",
        "3",
        "4",
        "5",
        "6",
        "7",
        "emerg",
        "alert",
        "crit",
        "error",
        "warning",
        "notice",
        "info",
        "debug",
      ],
      description: "The priority of what LOG writes.",
    },
    destination_ports: words("Several ports or ranges."),
    ctstate: words("States of a connection: NEW, ESTABLISHED, RELATED."),
    match_set_flags: {
      type: "string",
      enum: ["src", "dst", "src,dst", "dst,src"],
      description: "Which address is looked for in match_set.",
    },
    syn: {
      type: "string",
      enum: ["ignore", "match", "negate"],
      default: "ignore",
      description: "Only packets that begin a connection, or only others.",
    },
    flush: {
      type: "boolean",
      default: false,
      description: "Remove all rules of the chain, or of the table.",
    },
    policy: {
      type: "string",
      enum: ["ACCEPT", "DROP", "QUEUE", "RETURN"],
      description:
        "What becomes of packets that no rule of a built-in chain decides about; nothing else is looked at.",
    },
    chain_management: {
      type: "boolean",
      default: false,
      description: "Make the chain where it is not there; with state absent and no rule, delete it.",
    },
    protocol: text("tcp, udp, icmp, vrrp, a number; ! in front inverts."),
    wait: text(
      "Seconds to wait for the lock of other iptables; left out before iptables 1.6.0, which knows none.",
    ),
    source: text("Where packets come from, an address or network; ! in front inverts."),
    destination: text("Where packets go to, an address or network; ! in front inverts."),
    to_source: text("The source address that SNAT gives."),
    to_destination: text("The destination address that DNAT gives."),
    jump: text("The target: ACCEPT, DROP, REJECT, a chain."),
    gateway: text("Where copied packets go to, with jump TEE."),
    log_prefix: text("What LOG writes in front; without jump it means LOG."),
    goto: text("The chain to go on in, without coming back."),
    in_interface: text("The interface that packets come in by; ! in front inverts."),
    out_interface: text("The interface that packets leave by; ! in front inverts."),
    fragment: text("Only second and further fragments; ! means only the others."),
    set_counters: text("Packets and bytes that the rule's counters begin with: 0,0."),
    source_port: text("A port or range: 1024:65535."),
    destination_port: text("A port or range: 80, 5000:5010."),
    to_ports: text("The port that packets are sent on to."),
    set_dscp_mark: text("The DSCP mark that packets get, a number."),
    set_dscp_mark_class: text("The DiffServ class whose mark packets get."),
    comment: text("A comment in the rule."),
    src_range: text("A range of source addresses."),
    dst_range: text("A range of destination addresses."),
    match_set: text("A set of ipset; ! in front inverts."),
    limit: text("How many matches on average: 5/second."),
    limit_burst: text("How many matches before that limit counts."),
    uid_owner: text("The user whose packets are meant; ! in front inverts."),
    gid_owner: text("The group whose packets are meant; ! in front inverts."),
    reject_with: text("What is answered; without jump it means REJECT."),
    icmp_type: text("A kind of ICMP: echo-request."),
  },
};
