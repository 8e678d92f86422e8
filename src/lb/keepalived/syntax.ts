import type { SourceText } from "../../core/error.ts";
import type { SyntaxProblem, Word } from "../syntax.ts";

/** One line of a keepalived.conf. Nothing of the file is lost: the `raw` of all lines, joined, is the file byte for byte. */
export interface KeepalivedLine {
  /** Counts from 1. */
  readonly number: number;
  /** With its line ending. */
  readonly raw: string;
  /** The text behind `!` or `#`, without it; null for none. */
  readonly comment: string | null;
}

/** A statement of a keepalived.conf: `priority 101`, or with a block of others: `vrrp_instance VI_1 { … }`. */
export interface KeepalivedStatement {
  /**
   * Of a definition (`$NAME=text`) `$NAME=` and the text, whose lines are joined by line feeds; of `~SEQ(…)` and `~LST(…)`
   * that and the rest of the line. Empty where a `{` stands alone.
   */
  readonly words: readonly Word[];
  /** null: has no block. */
  readonly block: readonly KeepalivedStatement[] | null;
  /** `@name` or `@^name` before it: holds only on the machine of that name, or on all others. null: everywhere. */
  readonly condition: Word | null;
}

/** A keepalived.conf as it is written. Printing gives `source.text` back byte for byte. */
export interface KeepalivedSyntax {
  readonly source: SourceText;
  readonly lines: readonly KeepalivedLine[];
  readonly statements: readonly KeepalivedStatement[];
  /** Braces that do not match, a quote without its end. */
  readonly problems: readonly SyntaxProblem[];
}
