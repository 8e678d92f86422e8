import { LbplayError, type Place, type SourceText } from "../core/error.ts";

/** A syntax error as the YAML library reports it: an offset and a code. */
export interface SyntaxFault {
  readonly code: string;
  readonly message: string;
  readonly pos: readonly [number, number];
}

/** A YAML syntax error in words of the person who typed the file. */
export const syntaxError = (
  source: SourceText,
  fault: SyntaxFault,
  place: (offset: number, length: number) => Place,
): LbplayError => {
  const [start, end] = fault.pos;
  const line = lineAround(source.text, start);
  const unquoted = unquotedTemplate(line.text);
  if (unquoted !== null) return unquotedError(place(line.start + unquoted, 2));
  const said = sentences[fault.code] ?? null;
  const length = Math.max(1, Math.min(end, line.end) - start);
  return new LbplayError({
    code: "E_YAML",
    message:
      said?.message ?? `not valid YAML: ${fault.message.replace(/ at line \d+, column \d+:?[\s\S]*$/, "")}`,
    at: place(start, length),
    hint: hintFor(line.text) ?? said?.hint ?? null,
  });
};

/** `key: {{ x }}` without quotes: YAML takes the braces for mappings. */
export const unquotedError = (at: Place): LbplayError =>
  new LbplayError({
    code: "E_UNQUOTED_TEMPLATE",
    message: "a value that starts with {{ must be quoted, or YAML takes it for a mapping",
    at,
    hint: 'quote the whole value: key: "{{ name }}"',
  });

const sentences: Readonly<Record<string, { readonly message: string; readonly hint: string | null }>> = {
  TAB_AS_INDENT: {
    message: "a tab is used for indentation; YAML allows only spaces",
    hint: "replace the tab by spaces",
  },
  BLOCK_AS_IMPLICIT_KEY: {
    message:
      "a mapping cannot start here: the line has a second `key:`, or is indented more than the line above allows",
    hint: "quote the value if it contains `: `, or put the lines of one mapping at the same indentation",
  },
  MULTILINE_IMPLICIT_KEY: {
    message: "expected `key: value`, found a text without a colon before the next key",
    hint: "a colon needs a space after it",
  },
  BAD_INDENT: {
    message: "the indentation does not fit the lines above",
    hint: "put items of one level at the same column",
  },
  MISSING_CHAR: { message: "something that was opened is not closed, or a colon is missing", hint: null },
  BAD_SCALAR_START: { message: "a plain value cannot start with this character", hint: "quote the value" },
  BAD_DQ_ESCAPE: {
    message: "not an escape that double quotes know",
    hint: "use single quotes, or write the backslash twice",
  },
  BAD_ALIAS: {
    message: "an alias needs a name right after the *",
    hint: "quote the value if it starts with *",
  },
  MULTIPLE_DOCS: { message: "expected one YAML document, found a second one", hint: "remove the line `---`" },
  UNEXPECTED_TOKEN: { message: "unexpected text here", hint: "quote the whole value" },
};

const hintFor = (line: string): string | null => {
  const glued = /^\s*(?:- )?([A-Za-z_][\w-]*):([^\s/:].*)$/.exec(line);
  if (glued !== null) return `a colon needs a space after it: ${glued[1]}: ${(glued[2] ?? "").trim()}`;
  return null;
};

/** The column offset of an unquoted `{{` that starts a value, or null. */
const unquotedTemplate = (line: string): number | null => {
  const match = /^(\s*(?:- +)*(?:[\w.-]+: +)?)\{\{/.exec(line);
  return match === null || match[1]?.trim() === "" ? null : (match[1] ?? "").length;
};

const lineAround = (
  text: string,
  offset: number,
): { readonly text: string; readonly start: number; readonly end: number } => {
  const start = text.lastIndexOf("\n", Math.max(0, offset - 1)) + 1;
  const newline = text.indexOf("\n", start);
  const end = newline === -1 ? text.length : newline;
  return { text: text.slice(start, end), start, end };
};
