import { LbplayError } from "./error.ts";

/**
 * A regular expression of Python's re as a RegExp that matches the same. `flags` are Python's letters: i, m, s, x and
 * a (ASCII: what bytes patterns and re.ASCII mean by \w, \d and \s). Throws LbplayError where JavaScript has no equal
 * (conditional groups, atomic groups, possessive repeats, flags for a part of the pattern).
 */
export const pythonRegExp = (source: string, flags = ""): RegExp => {
  const { rest, given } = leadingFlags(source);
  const all = flags + given;
  const context: Context = {
    source: rest,
    ascii: all.includes("a"),
    multiline: all.includes("m"),
    dotAll: all.includes("s"),
    verbose: all.includes("x"),
  };
  const translated = translate(context);
  try {
    return new RegExp(translated, all.includes("i") ? "vi" : "v");
  } catch (error) {
    throw fault(
      source,
      error instanceof Error ? error.message.replace(/^.*: /, "") : "it cannot be understood",
      error,
    );
  }
};

/** What is wrong with a Python regular expression, or null. */
export const regexpFault = (source: string): string | null => {
  try {
    pythonRegExp(source);
    return null;
  } catch (error) {
    if (error instanceof LbplayError) return error.message;
    throw error;
  }
};

interface Context {
  readonly source: string;
  readonly ascii: boolean;
  readonly multiline: boolean;
  readonly dotAll: boolean;
  readonly verbose: boolean;
}

/** A piece of the translation and where the source goes on. */
interface Piece {
  readonly text: string;
  readonly end: number;
}

const leadingFlags = (source: string): { rest: string; given: string } => {
  const found = /^\(\?([aiLmsux]+)\)/.exec(source);
  return found === null
    ? { rest: source, given: "" }
    : { rest: source.slice(found[0].length), given: found[1] ?? "" };
};

const translate = (context: Context): string => {
  let output = "";
  let at = 0;
  while (at < context.source.length) {
    const piece = pieceAt(context, at);
    output += piece.text;
    at = piece.end;
  }
  return output;
};

const pieceAt = (context: Context, at: number): Piece => {
  const char = charAt(context.source, at);
  switch (char) {
    case "\\":
      return escapeAt(context, at);
    case "[":
      return classAt(context, at);
    case "(":
      return groupAt(context, at);
    case "{":
      return repeatAt(context, at);
    case "*":
    case "+":
    case "?":
      return quantifierAt(context, at);
    case "^":
      return { text: context.multiline ? LINE_START : START, end: at + 1 };
    case "$":
      return { text: context.multiline ? LINE_END : END, end: at + 1 };
    case ".":
      return { text: context.dotAll ? "[\\s\\S]" : "[^\\n]", end: at + 1 };
    case "|":
    case ")":
      return { text: char, end: at + 1 };
    default:
      return context.verbose && /[\s#]/.test(char)
        ? skipVerbose(context, at)
        : { text: literal(char), end: at + char.length };
  }
};

/** Groups, so that a repeat after an anchor stays legal. `$` also matches before a line feed at the very end. */
const START = "(?:(?<![\\s\\S]))";
const END = "(?:(?=\\n?(?![\\s\\S])))";
const LINE_START = "(?:(?<=\\n)|(?<![\\s\\S]))";
const LINE_END = "(?:(?=\\n)|(?![\\s\\S]))";
const VERY_END = "(?:(?![\\s\\S]))";

const charAt = (source: string, at: number): string => String.fromCodePoint(source.codePointAt(at) ?? 0);

/** A character that means itself, inside a class and outside. */
const literal = (char: string): string =>
  /[A-Za-z0-9_\u0080-\u{10ffff}]/u.test(char)
    ? char
    : `\\x${(char.codePointAt(0) ?? 0).toString(16).padStart(2, "0")}`;

const skipVerbose = ({ source }: Context, at: number): Piece => {
  const lineEnd = source.indexOf("\n", at);
  const end = source[at] !== "#" ? at + 1 : lineEnd === -1 ? source.length : lineEnd + 1;
  return { text: "", end };
};

const quantifierAt = ({ source }: Context, at: number): Piece => {
  const char = source.charAt(at);
  if (source[at + 1] === "+") throw fault(source, "possessive repeats are not supported");
  return source[at + 1] === "?" ? { text: `${char}?`, end: at + 2 } : { text: char, end: at + 1 };
};

/** `{,3}` means from none; a brace that is no repeat means itself. */
const repeatAt = ({ source }: Context, at: number): Piece => {
  const found = /^\{(\d*)(,?)(\d*)\}(\??)/.exec(source.slice(at));
  if (found === null || (found[1] === "" && found[3] === "")) return { text: "\\{", end: at + 1 };
  const [whole, from, comma, to, lazy] = found;
  return { text: `{${from === "" ? "0" : from}${comma}${to}}${lazy}`, end: at + whole.length };
};

const groupAt = ({ source }: Context, at: number): Piece => {
  const rest = source.slice(at);
  const named = /^\(\?P<(\w+)>/.exec(rest);
  if (named !== null) return { text: `(?<${named[1]}>`, end: at + named[0].length };
  const again = /^\(\?P=(\w+)\)/.exec(rest);
  if (again !== null) return { text: `(?:\\k<${again[1]}>)`, end: at + again[0].length };
  if (rest.startsWith("(?#")) {
    const end = rest.indexOf(")");
    if (end === -1) throw fault(source, "a comment is not closed");
    return { text: "", end: at + end + 1 };
  }
  const plain = /^\((?:\?(?::|=|!|<=|<!))?(?!\?)/.exec(rest);
  if (plain === null) throw fault(source, `${rest.slice(0, 4)} is not supported`);
  return { text: plain[0], end: at + plain[0].length };
};

const UNICODE_CLASSES: Readonly<Record<string, string>> = {
  w: "\\p{L}\\p{N}_",
  d: "\\p{Nd}",
  s: "\\s\\x1c-\\x1f\\x85",
};
const ASCII_CLASSES: Readonly<Record<string, string>> = { w: "a-zA-Z0-9_", d: "0-9", s: " \\t\\n\\r\\f\\v" };

const shorthand = (letter: string, { ascii }: Context): string => {
  const members = (ascii ? ASCII_CLASSES : UNICODE_CLASSES)[letter.toLowerCase()] ?? "";
  return letter === letter.toLowerCase() ? `[${members}]` : `[^${members}]`;
};

const escapeAt = (context: Context, at: number): Piece => {
  const { source } = context;
  const char = charAt(source, at + 1);
  if (at + 1 >= source.length) throw fault(source, "it ends in a backslash");
  if (/[wWdDsS]/.test(char)) return { text: shorthand(char, context), end: at + 2 };
  if (char === "A") return { text: START, end: at + 2 };
  if (char === "Z") return { text: VERY_END, end: at + 2 };
  if (char === "b" || char === "B") return { text: boundary(char, context), end: at + 2 };
  const reference = /^\\([1-9]\d?)(?![0-7])/.exec(source.slice(at));
  if (reference !== null) return { text: `(?:\\${reference[1]})`, end: at + reference[0].length };
  return characterEscape(source, at);
};

/** JavaScript's own \b knows ASCII letters only. */
const boundary = (letter: string, context: Context): string => {
  if (context.ascii) return `\\${letter}`;
  const word = shorthand("w", context);
  return letter === "b"
    ? `(?:(?<=${word})(?!${word})|(?<!${word})(?=${word}))`
    : `(?:(?<=${word})(?=${word})|(?<!${word})(?!${word}))`;
};

const CONTROLS: Readonly<Record<string, string>> = {
  a: "\\x07",
  f: "\\f",
  n: "\\n",
  r: "\\r",
  t: "\\t",
  v: "\\v",
};

/** An escape that stands for one character, inside a class or outside. */
const characterEscape = (source: string, at: number): Piece => {
  const rest = source.slice(at);
  const code = /^\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))/.exec(rest);
  if (code !== null) {
    const value = Number.parseInt(code[1] ?? code[2] ?? code[3] ?? "", 16);
    return { text: `\\u{${value.toString(16)}}`, end: at + code[0].length };
  }
  const octal = /^\\(0[0-7]{0,2}|[1-3][0-7]{2})/.exec(rest);
  if (octal !== null) {
    const value = Number.parseInt(octal[1] ?? "0", 8);
    return { text: `\\u{${value.toString(16)}}`, end: at + octal[0].length };
  }
  const char = charAt(source, at + 1);
  const control = Object.hasOwn(CONTROLS, char) ? CONTROLS[char] : undefined;
  if (control !== undefined) return { text: control, end: at + 2 };
  if (/[A-Za-z0-9]/.test(char)) throw fault(source, `\\${char} means nothing`);
  return { text: literal(char), end: at + 1 + char.length };
};

/** A set of characters. A `]` that comes first means itself. */
const classAt = (context: Context, at: number): Piece => {
  const { source } = context;
  const negated = source[at + 1] === "^";
  let next = at + (negated ? 2 : 1);
  const first = next;
  let members = "";
  while (next < source.length && (source[next] !== "]" || next === first)) {
    const from = memberAt(context, next);
    const isRange = source[from.end] === "-" && source[from.end + 1] !== "]" && from.end + 1 < source.length;
    if (!isRange) {
      members += from.text;
      next = from.end;
      continue;
    }
    const to = memberAt(context, from.end + 1);
    if (from.text.startsWith("[") || to.text.startsWith("["))
      throw fault(source, "a range needs two characters");
    members += `${from.text}-${to.text}`;
    next = to.end;
  }
  if (next >= source.length) throw fault(source, "a [ is not closed");
  return { text: `[${negated ? "^" : ""}${members}]`, end: next + 1 };
};

const memberAt = (context: Context, at: number): Piece => {
  const { source } = context;
  const char = charAt(source, at);
  if (char !== "\\") return { text: literal(char), end: at + char.length };
  const letter = charAt(source, at + 1);
  if (/[wWdDsS]/.test(letter)) return { text: shorthand(letter, context), end: at + 2 };
  if (letter === "b") return { text: "\\x08", end: at + 2 };
  return characterEscape(source, at);
};

/**
 * A replacement text of Python's re (`\1`, `\g<name>`, `\n`) as a function of the match. Throws LbplayError for an
 * escape that means nothing.
 */
export const pythonReplacement = (template: string): ((match: RegExpExecArray) => string) => {
  const parts = template.split(/(\\(?:g<\w+>|[1-9]\d?|0[0-7]{0,2}|[\s\S]|$))/);
  const pieces = parts.map((part, index) =>
    index % 2 === 0 ? () => part : replacementPiece(part, template),
  );
  return (match) => pieces.map((piece) => piece(match)).join("");
};

const REPLACEMENT_CONTROLS: Readonly<Record<string, string>> = {
  a: "\u0007",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

const replacementPiece = (part: string, template: string): ((match: RegExpExecArray) => string) => {
  const name = /^\\g<(\w+)>$/.exec(part)?.[1] ?? /^\\([1-9]\d?)$/.exec(part)?.[1];
  if (name !== undefined) return (match) => groupText(match, name, template);
  if (/^\\0/.test(part)) return () => String.fromCharCode(Number.parseInt(part.slice(1), 8));
  const char = part.slice(1);
  const control = Object.hasOwn(REPLACEMENT_CONTROLS, char) ? REPLACEMENT_CONTROLS[char] : undefined;
  if (control !== undefined) return () => control;
  if (/^[A-Za-z]$/.test(char) || char === "") throw fault(template, `\\${char} means nothing`);
  return () => (char === "\\" ? "\\" : part);
};

/** A group that took no part is empty; one that does not exist is a mistake. */
const groupText = (match: RegExpExecArray, name: string, template: string): string => {
  if (/^\d+$/.test(name)) {
    if (Number(name) >= match.length) throw fault(template, `there is no group ${name}`);
    return match[Number(name)] ?? "";
  }
  if (match.groups === undefined || !(name in match.groups))
    throw fault(template, `there is no group ${name}`);
  return match.groups[name] ?? "";
};

const fault = (source: string, reason: string, cause?: unknown): LbplayError =>
  new LbplayError({
    code: "E_REGEXP",
    message: `the regular expression ${JSON.stringify(source)} cannot be used: ${reason}`,
    cause,
  });
