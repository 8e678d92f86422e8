import type { EventSink } from "../core/event.ts";
import type { View } from "../report/listr.ts";
import { createPalette, wantsColour } from "../report/palette.ts";
import type { Io } from "./io.ts";
import type { RunOptions } from "./run-options.ts";

/** Milliseconds between two pictures of the live view: often enough for the eye. */
const PICTURE_INTERVAL_MS = 80;

/** The view that the options and the terminal ask for. It must be closed, also when the run throws. */
export const createReporter = async (
  { output, step, verbosity }: Pick<RunOptions, "output" | "step" | "verbosity">,
  { stdout, env }: Io,
): Promise<View> => {
  const palette = createPalette(wantsColour({ env, isTTY: stdout.isTTY }));
  const { write, columns, rows } = stdout;
  const kind = output === "auto" ? (stdout.isTTY && !step && env.TERM !== "dumb" ? "live" : "plain") : output;
  switch (kind) {
    case "json": {
      const { createJsonLinesSink } = await import("../report/json-lines.ts");
      return unmoved(createJsonLinesSink(write));
    }
    case "plain": {
      const { createPlainSink } = await import("../report/plain.ts");
      const options = { palette, verbosity, columns: columns(), write };
      return unmoved(createPlainSink(options));
    }
    case "live": {
      const { createLiveView } = await import("../report/listr.ts");
      const screen = { write, columns: () => columns() ?? 80, rows: () => rows() ?? 24 };
      return createLiveView({ palette, verbosity, screen, intervalMs: PICTURE_INTERVAL_MS });
    }
  }
};

/** A view that only appends lines needs neither pause nor close. */
const unmoved = (sink: EventSink): View => ({
  sink,
  pause: async () => undefined,
  close: async () => undefined,
});
