import type { SourceText } from "../../core/error.ts";
import type { SyntaxProblem, Word } from "../syntax.ts";

/** A statement of a keepalived.conf: `priority 101`, or with a block of others: `vrrp_instance VI_1 { … }`. */
export interface KeepalivedStatement {
  readonly words: readonly Word[];
  /** null: has no block. */
  readonly block: readonly KeepalivedStatement[] | null;
}

/** A keepalived.conf as it is written. Printing gives `source.text` back byte for byte. */
export interface KeepalivedSyntax {
  readonly source: SourceText;
  readonly statements: readonly KeepalivedStatement[];
  /** Braces that do not match, a quote without its end. */
  readonly problems: readonly SyntaxProblem[];
}
