import type { Schema } from "../../core/schema.ts";

/** Parameters of wait_for, under ansible.builtin.wait_for's names. */
export interface WaitForParams {
  readonly host: string;
  readonly port: number | null;
  readonly path: string | null;
  readonly state: "started" | "present" | "stopped" | "absent" | "drained";
  readonly search_regex: string | null;
  readonly timeout: number;
  readonly connect_timeout: number;
  readonly delay: number;
  readonly sleep: number;
  readonly msg: string | null;
  readonly exclude_hosts: readonly string[] | null;
  readonly active_connection_states: readonly string[];
}

/** The kernel's numbers for the states of a TCP connection (include/net/tcp_states.h). */
export const TCP_STATES: Readonly<Record<string, string>> = {
  ESTABLISHED: "01",
  SYN_SENT: "02",
  SYN_RECV: "03",
  FIN_WAIT1: "04",
  FIN_WAIT2: "05",
  TIME_WAIT: "06",
};

const seconds = (byDefault: number, minimum: number, description: string): Schema => ({
  type: "integer",
  minimum,
  default: byDefault,
  description,
});

export const schema: Schema = {
  type: "object",
  additionalProperties: false,
  properties: {
    host: {
      type: "string",
      minLength: 1,
      default: "127.0.0.1",
      description: "Whose port, as seen from the node.",
    },
    port: { type: "integer", minimum: 1, maximum: 65535, description: "The TCP port to wait for." },
    path: { type: "string", pattern: "^/", description: "The file on the node to wait for." },
    state: {
      type: "string",
      enum: ["started", "present", "stopped", "absent", "drained"],
      default: "started",
      description:
        "started and present: the port answers, the path exists; stopped and absent: no longer; drained: nobody is connected to the port.",
    },
    search_regex: {
      type: "string",
      minLength: 1,
      description: "A pattern that a line of the file, or of what the port says, has to match.",
    },
    timeout: seconds(300, 0, "Seconds to wait; without port and path the task only waits that long."),
    connect_timeout: seconds(5, 1, "Seconds that one try to connect may take."),
    delay: seconds(0, 0, "Seconds to wait before the first look."),
    sleep: seconds(1, 0, "Seconds between two looks."),
    msg: { type: "string", description: "What to say when it did not come about." },
    exclude_hosts: {
      type: "array",
      items: { type: "string" },
      description: "With state drained: addresses whose connections do not count.",
    },
    active_connection_states: {
      type: "array",
      items: { type: "string", enum: Object.keys(TCP_STATES) },
      default: Object.keys(TCP_STATES),
      description: "With state drained: the states of a connection that count.",
    },
  },
};
