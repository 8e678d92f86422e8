import type { Timeouts } from "./model.ts";
import type { Writer } from "./writer.ts";

/** One line for each timeout that is set. */
export const timeoutLines = (out: Writer, timeouts: Timeouts): void => {
  for (const [key, value] of Object.entries(timeouts)) {
    if (value !== null) out.line("timeouts", `timeout ${key.replaceAll("_", "-")} ${value}`);
  }
};
