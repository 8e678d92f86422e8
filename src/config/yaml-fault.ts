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
  const said = sentences.find(({ code, words }) => code === fault.code && words.test(fault.message));
  const length = Math.max(1, Math.min(end, line.end) - start);
  return new LbplayError({
    code: "E_YAML",
    message: said?.message ?? `not valid YAML: ${fault.message}`,
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

/** What a fault of the library means; the first whose code and words fit counts. */
const sentences: readonly {
  readonly code: string;
  readonly words: RegExp;
  readonly message: string;
  readonly hint: string | null;
}[] = [
  {
    code: "TAB_AS_INDENT",
    words: /./,
    message: "a tab is used for indentation; YAML allows only spaces",
    hint: "replace the tab by spaces",
  },
  {
    code: "BLOCK_AS_IMPLICIT_KEY",
    words: /./,
    message:
      "a mapping cannot start here: a second `key:` on the line, or lines below that are indented more",
    hint: "quote the value if it contains `: `, or put the keys of one mapping at the same column",
  },
  {
    code: "MULTILINE_IMPLICIT_KEY",
    words: /./,
    message: "expected `key: value`, found a text without a colon before the next key",
    hint: "a colon needs a space after it",
  },
  {
    code: "BAD_INDENT",
    words: /^Flow/,
    message: "a list or mapping that [ or { opened is not closed here",
    hint: "close it, and indent all its lines more than its key",
  },
  {
    code: "BAD_INDENT",
    words: /./,
    message: "the indentation does not fit the lines above",
    hint: "put the keys of one mapping, and the items of one list, at the same column",
  },
  {
    code: "MISSING_CHAR",
    words: /quote/,
    message: "a quote is opened and not closed",
    hint: "close the quote",
  },
  {
    code: "MISSING_CHAR",
    words: /^Sequence item/,
    message: "the indentation does not fit the lines above",
    hint: "put the keys of one mapping at the same column, or start a new item with `- `",
  },
  {
    code: "MISSING_CHAR",
    words: /^Implicit map keys/,
    message: "expected `key: value`, found a text without a colon",
    hint: "a colon needs a space after it",
  },
  {
    code: "BAD_SCALAR_START",
    words: /./,
    message: "a plain value cannot start with this character",
    hint: "quote the value",
  },
  {
    code: "BAD_DQ_ESCAPE",
    words: /./,
    message: "not an escape that double quotes know",
    hint: "use single quotes, or write the backslash twice",
  },
  {
    code: "BAD_ALIAS",
    words: /./,
    message: "an alias or anchor needs a name right after the * or &",
    hint: "quote the value if it starts with * or &",
  },
  {
    code: "MULTIPLE_DOCS",
    words: /./,
    message: "expected one YAML document, found a second one",
    hint: "remove the line `---`",
  },
  {
    code: "UNEXPECTED_TOKEN",
    words: /block-seq-ind/,
    message: "a list item cannot start on the line of its key",
    hint: "put `- ` on the next line, or quote the value if it starts with a dash",
  },
  {
    code: "UNEXPECTED_TOKEN",
    words: /^Block scalar header/,
    message: "after | or > the text starts on the next line",
    hint: "quote the value if it starts with | or >",
  },
  { code: "UNEXPECTED_TOKEN", words: /./, message: "unexpected text here", hint: "quote the whole value" },
];

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
