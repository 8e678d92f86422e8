import { LbplayError, type Place } from "../core/error.ts";
import type { JinjaSettings } from "./environment.ts";

/** What a token is; operators carry their own text as kind. */
export type TokenKind =
  | "data"
  | "variable-begin"
  | "variable-end"
  | "block-begin"
  | "block-end"
  | "name"
  | "string"
  | "integer"
  | "float"
  | "operator"
  | "end";

/** A token of a template; `text` is its source (strings with quotes), `offset` where that starts. */
export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly offset: number;
}

/** Maps an offset of the template's text to a place in the user's file. */
export type Locate = (offset: number, length: number) => Place | null;

/** A syntax error of a template. */
export const syntaxError = (message: string, at: Place | null, hint: string | null = null): LbplayError =>
  new LbplayError({ code: "E_TEMPLATE_SYNTAX", message, at, hint });

const OPERATORS = [
  "//", "**", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{", "}", ">", "<", "=", ".",
  ":", "|", ",", ";",
]; // biome-ignore format: one glance

const quoteRegex = (text: string): string => text.replace(/[$()*+.?[\\\]^{|}]/g, "\\$&");

const operatorPattern = OPERATORS.map(quoteRegex).join("|");

/** In the order in which Jinja2 tries them. */
const TAG_RULES: readonly (readonly [TokenKind | "space", RegExp])[] = [
  ["space", /\s+/uy],
  ["float", /(?<!\.)(?:\d+_)*\d+(?:(?:\.(?:\d+_)*\d+)?e[+-]?(?:\d+_)*\d+|\.(?:\d+_)*\d+)/iuy],
  ["integer", /0b(?:_?[01])+|0o(?:_?[0-7])+|0x(?:_?[\da-f])+|[1-9](?:_?\d)*|0(?:_?0)*/iuy],
  ["name", /[\p{L}\p{N}\p{M}_\p{Pc}]+/uy],
  ["string", /'(?:[^'\\]|\\[\s\S])*'|"(?:[^"\\]|\\[\s\S])*"/uy],
  ["operator", new RegExp(operatorPattern, "uy")],
];

const CLOSING: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };

/** What of the template's text was read, and the tokens so far. */
interface Reading {
  readonly text: string;
  readonly settings: JinjaSettings;
  readonly locate: Locate;
  readonly tokens: Token[];
  position: number;
  lineStarting: boolean;
}

/** The tokens of a template, white space around tags already treated as the settings say. */
export const tokenize = (text: string, settings: JinjaSettings, locate: Locate): readonly Token[] => {
  const reading: Reading = { text, settings, locate, tokens: [], position: 0, lineStarting: true };
  const begin = beginPattern(settings);
  for (;;) {
    begin.lastIndex = reading.position;
    const match = begin.exec(text);
    if (match === null) {
      pushData(reading, reading.position, text.length);
      break;
    }
    readTag(reading, match);
  }
  reading.tokens.push({ kind: "end", text: "", offset: text.length });
  return reading.tokens;
};

/** The tokens of a bare expression. */
export const tokenizeExpression = (
  text: string,
  settings: JinjaSettings,
  locate: Locate,
): readonly Token[] => {
  const reading: Reading = { text, settings, locate, tokens: [], position: 0, lineStarting: true };
  readInside(reading, null);
  reading.tokens.push({ kind: "end", text: "", offset: text.length });
  return reading.tokens;
};

/** Whatever may begin a tag: longer starts win, raw before other blocks. */
const beginPattern = (settings: JinjaSettings): RegExp => {
  const raw = `(?<raw>${quoteRegex(settings.blockStart)}(?<rawsign>[-+]?)\\s*raw\\s*(?:-${quoteRegex(settings.blockEnd)}\\s*|${quoteRegex(settings.blockEnd)}))`;
  const starts: readonly (readonly [string, string])[] = [
    ["comment", settings.commentStart],
    ["block", settings.blockStart],
    ["variable", settings.variableStart],
  ];
  const parts = [...starts]
    .sort((a, b) => b[1].length - a[1].length)
    .map(([name, start]) => `(?<${name}>${quoteRegex(start)}(?<${name}sign>[-+]?))`);
  return new RegExp([raw, ...parts].join("|"), "ug");
};

const readTag = (reading: Reading, match: RegExpExecArray): void => {
  const groups = match.groups ?? {};
  const sign = groups.rawsign ?? groups.commentsign ?? groups.blocksign ?? groups.variablesign ?? "";
  const isVariable = groups.variable !== undefined;
  pushData(reading, reading.position, dataEnd(reading, match.index, sign, isVariable));
  const after = match.index + match[0].length;
  reading.lineStarting = false;
  if (groups.comment !== undefined) skipComment(reading, match.index, after);
  else if (groups.raw !== undefined) readRaw(reading, match.index, after);
  else readCode(reading, match, after, isVariable);
};

/** Where the data before a tag ends, once `-` or lstrip took the white space off. */
const dataEnd = (reading: Reading, tagStart: number, sign: string, isVariable: boolean): number => {
  const data = reading.text.slice(reading.position, tagStart);
  if (sign === "-") return reading.position + data.replace(/\s+$/u, "").length;
  if (sign === "+" || isVariable || !reading.settings.lstripBlocks) return tagStart;
  const lineStart = data.lastIndexOf("\n") + 1;
  if (lineStart === 0 && !reading.lineStarting) return tagStart;
  return /^\s*$/u.test(data.slice(lineStart)) ? reading.position + lineStart : tagStart;
};

const pushData = (reading: Reading, from: number, to: number): void => {
  if (to > from) reading.tokens.push({ kind: "data", text: reading.text.slice(from, to), offset: from });
};

/** The end of a block, comment or raw section: `+` keeps, `-` strips what follows, trimBlocks takes one line feed. */
const endPattern = (end: string, settings: JinjaSettings, plus: boolean): string => {
  const quoted = quoteRegex(end);
  return `(?:${plus ? `\\+${quoted}|` : ""}-${quoted}\\s*|${quoted}${settings.trimBlocks ? "\\n?" : ""})`;
};

const moveTo = (reading: Reading, position: number): void => {
  reading.position = position;
  reading.lineStarting = position > 0 && reading.text[position - 1] === "\n";
};

const skipComment = (reading: Reading, start: number, from: number): void => {
  const end = new RegExp(endPattern(reading.settings.commentEnd, reading.settings, true), "ug");
  end.lastIndex = from;
  const match = end.exec(reading.text);
  if (match === null)
    throw syntaxError(
      "the comment is never closed",
      reading.locate(start, 2),
      closeHint(reading.settings.commentEnd),
    );
  moveTo(reading, match.index + match[0].length);
};

const closeHint = (end: string): string => `Close it with '${end}'.`;

const readRaw = (reading: Reading, start: number, from: number): void => {
  const { settings, text } = reading;
  const end = new RegExp(
    `${quoteRegex(settings.blockStart)}([-+]?)\\s*endraw\\s*${endPattern(settings.blockEnd, settings, true)}`,
    "ug",
  );
  end.lastIndex = from;
  const match = end.exec(text);
  if (match === null)
    throw syntaxError(
      "the raw block is never closed",
      reading.locate(start, 2),
      "Close it with '{% endraw %}'.",
    );
  reading.position = from;
  reading.lineStarting = text[from - 1] === "\n";
  pushData(reading, from, dataEnd(reading, match.index, match[1] ?? "", false));
  moveTo(reading, match.index + match[0].length);
};

const readCode = (reading: Reading, match: RegExpExecArray, after: number, isVariable: boolean): void => {
  const { settings, text } = reading;
  const kind = isVariable ? "variable" : "block";
  reading.tokens.push({ kind: `${kind}-begin`, text: match[0], offset: match.index });
  reading.position = after;
  const end = isVariable
    ? `-${quoteRegex(settings.variableEnd)}\\s*|${quoteRegex(settings.variableEnd)}`
    : endPattern(settings.blockEnd, settings, true);
  const closing = readInside(reading, new RegExp(end, "uy"));
  if (closing === null) {
    const wanted = isVariable ? settings.variableEnd : settings.blockEnd;
    throw syntaxError(
      `'${match[0]}' is never closed`,
      reading.locate(match.index, match[0].length),
      closeHint(wanted),
    );
  }
  reading.tokens.push({ kind: `${kind}-end`, text: closing, offset: reading.position });
  moveTo(reading, reading.position + closing.length);
  if (text.length === 0) throw new Error("a tag in an empty text");
};

/** Reads tokens until the end pattern (whose text it gives), or to the end of the text (null). */
const readInside = (reading: Reading, end: RegExp | null): string | null => {
  const { text, tokens } = reading;
  const open: string[] = [];
  while (reading.position < text.length) {
    if (end !== null && open.length === 0) {
      end.lastIndex = reading.position;
      const closing = end.exec(text);
      if (closing !== null) return closing[0];
    }
    const token = readToken(reading);
    reading.position += token.text.length;
    if (token.kind === "space") continue;
    if (token.kind === "operator") balance(reading, open, token.text, token.offset);
    tokens.push({ kind: token.kind, text: token.text, offset: token.offset });
  }
  return null;
};

const readToken = (reading: Reading): { kind: TokenKind | "space"; text: string; offset: number } => {
  const { text, position } = reading;
  for (const [kind, rule] of TAG_RULES) {
    rule.lastIndex = position;
    const match = rule.exec(text);
    if (match !== null) return { kind, text: match[0], offset: position };
  }
  const character = String.fromCodePoint(text.codePointAt(position) ?? 0);
  const isQuote = character === "'" || character === '"';
  throw syntaxError(
    isQuote ? "the string is never closed" : `unexpected character '${character}' in an expression`,
    reading.locate(position, 1),
    isQuote ? `Close it with ${character}.` : null,
  );
};

const balance = (reading: Reading, open: string[], operator: string, offset: number): void => {
  const closing = CLOSING[operator];
  if (closing !== undefined) {
    open.push(closing);
    return;
  }
  if (operator !== ")" && operator !== "]" && operator !== "}") return;
  const expected = open.pop();
  if (expected === undefined) throw syntaxError(`unexpected '${operator}'`, reading.locate(offset, 1));
  if (expected !== operator) {
    throw syntaxError(`unexpected '${operator}', expected '${expected}'`, reading.locate(offset, 1));
  }
};
