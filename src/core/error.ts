/** A text that was read, so that errors can show the lines around a place in it. */
export interface SourceText {
  /** The path as the user would type it. */
  readonly path: string;
  readonly text: string;
}

/** A position in a source: line and column count from 1; `length` is how many columns to underline. */
export interface Place {
  readonly source: SourceText;
  readonly line: number;
  readonly column: number;
  readonly length: number;
}

/**
 * A mistake that the user can mend: what was expected and found (`message`), where (`at`), what to do (`hint`).
 * `code` is stable (`E_UNKNOWN_KEY`, `E_UNDEFINED`, …) and is what tests and scripts look at.
 */
export class LbplayError extends Error {
  override readonly name = "LbplayError";
  readonly code: string;
  readonly at: Place | null;
  readonly hint: string | null;

  constructor(fault: {
    code: string;
    message: string;
    at?: Place | null;
    hint?: string | null;
    cause?: unknown;
  }) {
    super(fault.message, fault.cause === undefined ? undefined : { cause: fault.cause });
    this.code = fault.code;
    this.at = fault.at ?? null;
    this.hint = fault.hint ?? null;
  }
}

/** All mistakes of one input, collected before stopping: the user mends them in one go. */
export class LbplayErrors extends Error {
  override readonly name = "LbplayErrors";
  readonly errors: readonly LbplayError[];

  constructor(errors: readonly LbplayError[]) {
    super(errors.map((error) => error.message).join("\n"));
    this.errors = errors;
  }
}

/** `file:line:column`, or null where an error has no place. */
export const placeText = (at: Place | null): string | null =>
  at === null ? null : `${at.source.path}:${at.line}:${at.column}`;

/** The place of an offset (in UTF-16 units) in a source. */
export const placeAt = (source: SourceText, offset: number, length = 1): Place => {
  const before = source.text.slice(0, offset);
  const lineStart = before.lastIndexOf("\n") + 1;
  return { source, line: before.split("\n").length, column: offset - lineStart + 1, length };
};
