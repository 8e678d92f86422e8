import type { SourceText } from "../../core/error.ts";
import type { SyntaxProblem, Word } from "../syntax.ts";
import type { KeepalivedLine } from "./syntax.ts";
import { type PlaceOf, splitComment } from "./words.ts";

/** `$NAME=text`: what stands for a name from here on. */
export interface Definition {
  readonly kind: "definition";
  readonly condition: Word | null;
  /** `$NAME=`. */
  readonly name: Word;
  /** Its lines are joined by line feeds. */
  readonly value: Word;
}

/** What keepalived takes as one: a line without its comment, or a definition with all its lines. */
export type LogicalLine =
  | { readonly kind: "line"; readonly content: string; readonly placeOf: PlaceOf }
  | Definition;

/** The lines of a keepalived.conf as they are written and as keepalived takes them. */
export const logicalLines = (
  source: SourceText,
): {
  readonly written: readonly KeepalivedLine[];
  readonly logical: readonly LogicalLine[];
  readonly problems: readonly SyntaxProblem[];
} => {
  const problems: SyntaxProblem[] = [];
  const written: KeepalivedLine[] = [];
  const logical: LogicalLine[] = [];
  let open: { readonly begun: Definition; readonly texts: string[] } | null = null;
  const close = () => {
    if (open !== null) logical.push(withTexts(open.begun, open.texts));
    open = null;
  };
  for (const [index, raw] of (source.text.match(/[^\n]*\n|[^\n]+$/g) ?? []).entries()) {
    const number = index + 1;
    const { content, comment } = splitComment(raw.replace(/[\r\n]+$/, ""));
    written.push({ number, raw, comment });
    const placeOf: PlaceOf = (offset, length) => ({ source, line: number, column: offset + 1, length });
    const nul = raw.indexOf("\0");
    if (nul !== -1)
      problems.push({
        at: placeOf(nul, 1),
        message: "a NUL byte: keepalived ignores the line",
        severity: "error",
      });
    const begun: Definition | null = open === null ? definitionOf(content, placeOf) : null;
    if (open === null && begun === null) {
      logical.push({ kind: "line", content, placeOf });
      continue;
    }
    const { text, continues } = continued(begun === null ? content : begun.value.text);
    if (begun !== null) open = { begun, texts: [] };
    open?.texts.push(text);
    if (!continues) close();
  }
  close();
  return { written, logical, problems };
};

/** A line that begins a definition; with a backslash at its end the next one belongs to it as well. */
export const definitionOf = (content: string, placeOf: PlaceOf): Definition | null => {
  const [, before, name, blanks, value] =
    /^([ \t]*(?:@\S+[ \t]+)?)(\$[A-Za-z_]\w*=)([ \t]*)(.*)$/s.exec(content) ?? [];
  if (before === undefined || name === undefined || blanks === undefined || value === undefined) return null;
  const condition = before.trim();
  const at = before.length + name.length + blanks.length;
  return {
    kind: "definition",
    condition:
      condition === ""
        ? null
        : { text: condition, raw: condition, at: placeOf(before.indexOf("@"), condition.length) },
    name: { text: name, raw: name, at: placeOf(before.length, name.length) },
    value: { text: value.trimEnd(), raw: value, at: placeOf(at, Math.max(1, value.length)) },
  };
};

const continued = (content: string): { readonly text: string; readonly continues: boolean } => {
  const continues = content.endsWith("\\");
  return { text: (continues ? content.slice(0, -1) : content).trim(), continues };
};

const withTexts = (definition: Definition, texts: readonly string[]): Definition => ({
  ...definition,
  value: { ...definition.value, text: texts.filter((text) => text !== "").join("\n") },
});
