import type { SourceText } from "../../core/error.ts";
import type { SyntaxProblem, Word } from "../syntax.ts";

/** One line of a haproxy.cfg. Nothing of the file is lost: the `raw` of all lines, joined, is the file byte for byte. */
export interface HaproxyLine {
  /** Counts from 1. */
  readonly number: number;
  /** With its line ending. */
  readonly raw: string;
  /** Empty for a blank line, for one that is only a comment, and for a `[scope]`. */
  readonly words: readonly Word[];
  /** The text behind `#`, without it; null for none. */
  readonly comment: string | null;
}

/** A section: the line that opens it, and the lines up to the next one. */
export interface HaproxySection {
  /** `global`, `defaults`, `frontend`, `peers`, … and what no version knows. */
  readonly keyword: string;
  readonly name: Word | null;
  readonly header: HaproxyLine;
  readonly lines: readonly HaproxyLine[];
}

/** A haproxy.cfg as it is written. */
export interface HaproxySyntax {
  readonly source: SourceText;
  /** Lines before the first section. */
  readonly preamble: readonly HaproxyLine[];
  readonly sections: readonly HaproxySection[];
  readonly problems: readonly SyntaxProblem[];
}
