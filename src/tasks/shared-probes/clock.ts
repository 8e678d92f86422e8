import { type Probe, read, text } from "../../core/probe.ts";

/** The node's own time, in seconds since the epoch; null where it cannot tell. */
export const nodeTime = (): Probe<number | null> =>
  read("date +%s", (answer) => {
    const seconds = text(answer);
    return answer.code === 0 && /^\d+$/.test(seconds) ? Number(seconds) : null;
  });
