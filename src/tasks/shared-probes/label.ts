import { quote } from "../../core/shell.ts";

/**
 * A read's script with a comment in front that says what it asks. Verbose output and goldens name long reads by it;
 * to the shell it costs nothing.
 */
export const labelled = (label: string, lines: readonly string[]): string =>
  [`# ${label.replace(/[\r\n]/g, "?")}`, ...lines].join("\n");

/** A shell assignment of a fixed text, for a word that a script uses more than once. */
export const assign = (name: string, value: string): string => `${name}=${quote(value)}`;
