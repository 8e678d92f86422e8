import type { Schema } from "../../core/schema.ts";
import { defineOrder } from "../../core/task.ts";

/** Parameters of wait_for_connection, under ansible.builtin.wait_for_connection's names; in seconds. */
interface WaitForConnectionParams {
  readonly connect_timeout: number;
  readonly delay: number;
  readonly sleep: number;
  readonly timeout: number;
}

const seconds = (byDefault: number, minimum: number, description: string): Schema => ({
  type: "integer",
  minimum,
  default: byDefault,
  description,
});

/** Waits until a node can be logged into and runs commands. */
export const waitForConnection = defineOrder<WaitForConnectionParams>({
  kind: "engine",
  name: "wait_for_connection",
  aliases: ["ansible.builtin.wait_for_connection"],
  summary: "Waits until a node can be logged into and runs commands.",
  schema: {
    type: "object",
    additionalProperties: false,
    properties: {
      connect_timeout: seconds(5, 1, "Seconds that one try may take."),
      delay: seconds(0, 0, "Seconds to wait before the first try."),
      sleep: seconds(1, 0, "Seconds between two tries."),
      timeout: seconds(600, 0, "Seconds to try for."),
    },
  },
  example: `- ansible.builtin.wait_for_connection:
    timeout: 300
`,
  order: ({ connect_timeout, delay, sleep, timeout }) => ({
    kind: "wait-for-connection",
    connectTimeoutMs: connect_timeout * 1000,
    delayMs: delay * 1000,
    sleepMs: Math.max(sleep * 1000, 100),
    timeoutMs: timeout * 1000,
  }),
});
