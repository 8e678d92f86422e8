import type { Timeouts } from "./proxy-model.ts";
import type { Writer } from "./writer.ts";

/** In the order of a connection's life, whatever order the user wrote them in. */
const ORDER: readonly (keyof Timeouts)[] = [
  "connect",
  "client",
  "server",
  "http_request",
  "http_keep_alive",
  "queue",
  "check",
  "tunnel",
  "client_fin",
  "server_fin",
  "tarpit",
];

/** One line for each timeout that is set. */
export const timeoutLines = (out: Writer, timeouts: Timeouts): void => {
  for (const key of ORDER) out.setting("timeouts", `timeout ${key.replaceAll("_", "-")}`, timeouts[key]);
};
