import type { LbplayError } from "../core/error.ts";
import { TransportError } from "../core/transport.ts";
import { errorText, warningText } from "../report/error-text.ts";
import { createPalette, wantsColour } from "../report/palette.ts";
import { EXIT } from "./exit-code.ts";
import type { Io } from "./io.ts";
import { Interrupted } from "./terminal.ts";

/** Prints an error that ended a command and gives the exit code: the user's mistakes with their places, a bug with its stack. */
export const tellError = (error: unknown, io: Io): number => {
  if (error instanceof Interrupted) return EXIT.interrupted;
  const palette = createPalette(wantsColour({ env: io.env, isTTY: io.stderr.isTTY }));
  const text = errorText(error, palette);
  if (text === null) {
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    io.stderr.write(`${palette.failed("lbplay has a bug")}, sorry. What it was at:\n\n${stack}\n`);
    return EXIT.bug;
  }
  io.stderr.write(text);
  return error instanceof TransportError ? EXIT.unreachable : EXIT.mistake;
};

/** Prints what is probably a mistake, but ends nothing. */
export const tellWarning = (warning: LbplayError, io: Io): void => {
  const palette = createPalette(wantsColour({ env: io.env, isTTY: io.stderr.isTTY }));
  io.stderr.write(warningText(warning, palette));
};
