import type { EventSink } from "../core/event.ts";

/** Output for programs: each event as JSON on a line of its own, fields as in core/event.ts. */
export const createJsonLinesSink =
  (write: (text: string) => void): EventSink =>
  (event) =>
    write(`${JSON.stringify(event)}\n`);
