import type { SourceText } from "../../core/error.ts";
import type { SyntaxProblem, Word } from "../syntax.ts";
import type { KeepalivedLine, KeepalivedStatement, KeepalivedSyntax } from "./syntax.ts";
import { growTree } from "./tree.ts";
import { type PlaceOf, splitComment } from "./words.ts";

/** A keepalived.conf as it is written. Never throws: what keepalived would stumble over is in `problems`. */
export const parseKeepalived = (source: SourceText): KeepalivedSyntax => {
  const lines: KeepalivedLine[] = [];
  const tree = growTree();
  let definition: Definition | null = null;
  for (const [index, raw] of (source.text.match(/[^\n]*\n|[^\n]+$/g) ?? []).entries()) {
    const number = index + 1;
    const { content, comment } = splitComment(raw.replace(/[\r\n]+$/, ""));
    lines.push({ number, raw, comment });
    const placeOf: PlaceOf = (offset, length) => ({ source, line: number, column: offset + 1, length });
    if (definition !== null) {
      const more = continued(content);
      definition.texts.push(more.text);
      if (more.continues) continue;
      tree.add(defined(definition));
      definition = null;
      continue;
    }
    const begun: Definition | null = beginDefinition(content, placeOf);
    if (begun === null) tree.addLine(content, placeOf);
    else if (begun.continues) definition = begun;
    else tree.add(defined(begun));
  }
  if (definition !== null) tree.add(defined(definition));
  const { statements, problems } = tree.end();
  return { source, lines, statements, problems: [...problems, ...nulBytes(source)] };
};

/** The file that was parsed, byte for byte. */
export const printKeepalived = ({ lines }: KeepalivedSyntax): string => lines.map(({ raw }) => raw).join("");

interface Definition {
  readonly condition: Word | null;
  readonly name: Word;
  readonly value: Word;
  readonly texts: string[];
  readonly continues: boolean;
}

/** `$NAME=text`; with a backslash at its end the next line belongs to it as well. */
const beginDefinition = (content: string, placeOf: PlaceOf): Definition | null => {
  const [, before, name, blanks, value] =
    /^([ \t]*(?:@\S+[ \t]+)?)(\$[A-Za-z_]\w*=)([ \t]*)(.*)$/s.exec(content) ?? [];
  if (before === undefined || name === undefined || blanks === undefined || value === undefined) return null;
  const condition = before.trim();
  const at = before.length + name.length + blanks.length;
  const { text, continues } = continued(value);
  return {
    condition:
      condition === ""
        ? null
        : { text: condition, raw: condition, at: placeOf(before.indexOf("@"), condition.length) },
    name: { text: name, raw: name, at: placeOf(before.length, name.length) },
    value: { text, raw: value, at: placeOf(at, Math.max(1, value.length)) },
    texts: [text],
    continues,
  };
};

const continued = (content: string): { readonly text: string; readonly continues: boolean } => {
  const continues = content.endsWith("\\");
  return { text: (continues ? content.slice(0, -1) : content).trim(), continues };
};

const defined = ({ condition, name, value, texts }: Definition): KeepalivedStatement => ({
  condition,
  block: null,
  words: [name, { ...value, text: texts.filter((text) => text !== "").join("\n") }],
});

const nulBytes = (source: SourceText): readonly SyntaxProblem[] =>
  source.text.split("\n").flatMap((text, index): readonly SyntaxProblem[] => {
    const offset = text.indexOf("\0");
    if (offset === -1) return [];
    const at = { source, line: index + 1, column: offset + 1, length: 1 };
    return [{ at, message: "a NUL byte: keepalived ignores the line", severity: "error" }];
  });
