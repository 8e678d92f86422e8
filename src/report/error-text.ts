import { LbplayError, LbplayErrors, placeText } from "../core/error.ts";
import { TransportError } from "../core/transport.ts";
import { frameLines } from "./code-frame.ts";
import type { Palette } from "./palette.ts";

/**
 * What a user is shown of a mistake: place, message, code, the lines around it with the place underlined, what to do;
 * for several mistakes also how many. null for an error that is not the user's, which is a bug.
 */
export const errorText = (error: unknown, palette: Palette): string | null => {
  if (error instanceof LbplayErrors) {
    const texts = inOrder(error.errors).map((one) => mistakeText(one, palette));
    return `${texts.join("\n")}${countLine(error.errors.length, palette)}`;
  }
  if (error instanceof LbplayError) return mistakeText(error, palette);
  if (error instanceof TransportError) {
    return `${palette.failed("error")}: ${error.message} ${palette.faint(`[${error.fault}]`)}\n${hintLine(error.hint, palette)}`;
  }
  return null;
};

/** By file as they came, by place within a file. */
const inOrder = (errors: readonly LbplayError[]): readonly LbplayError[] => {
  const files = [...new Set(errors.map(fileOf))];
  return [...errors].sort(
    (a, b) =>
      files.indexOf(fileOf(a)) - files.indexOf(fileOf(b)) ||
      (a.at?.line ?? 0) - (b.at?.line ?? 0) ||
      (a.at?.column ?? 0) - (b.at?.column ?? 0),
  );
};

const fileOf = (error: LbplayError): string => error.at?.source.path ?? "";

const countLine = (count: number, palette: Palette): string =>
  count < 2 ? "" : `\n${palette.failed(`${count} errors`)}\n`;

/** What a user is shown of something that is probably a mistake, in the form of one. */
export const warningText = (warning: LbplayError, palette: Palette): string =>
  mistakeText(warning, palette, palette.predicted("warning"));

const mistakeText = (error: LbplayError, palette: Palette, word = palette.failed("error")): string => {
  const place = placeText(error.at);
  const head = `${place === null ? "" : `${palette.heading(place)}: `}${word}: ${error.message} ${palette.faint(`[${error.code}]`)}`;
  const frame = error.at === null ? [] : frameLines(error.at, palette);
  return `${[head, ...frame].join("\n")}\n${hintLine(error.hint, palette)}`;
};

const hintLine = (hint: string | null, palette: Palette): string =>
  hint === null ? "" : `${palette.predicted(`  hint: ${hint}`)}\n`;
