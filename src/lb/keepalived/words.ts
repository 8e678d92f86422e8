import type { Place } from "../../core/error.ts";
import type { SyntaxProblem, Word } from "../syntax.ts";

/** Says where an offset of a line is. */
export type PlaceOf = (offset: number, length: number) => Place;

/** A word, or one of the braces that open and close a block. */
export type Token =
  | { readonly kind: "word"; readonly word: Word }
  | { readonly kind: "open" | "close"; readonly at: Place };

/** The part of a line that keepalived reads, and its comment (null for none). */
export const splitComment = (line: string): { readonly content: string; readonly comment: string | null } => {
  let quoted = false;
  for (let offset = 0; offset < line.length; offset += 1) {
    const char = line.charAt(offset);
    if (char === '"') quoted = !quoted;
    else if (char === "\\") offset += 1;
    else if (!quoted && (char === "#" || char === "!"))
      return { content: line.slice(0, offset), comment: line.slice(offset + 1) };
  }
  return { content: line, comment: null };
};

/** Keywords whose value is a command: within it `'…'` groups too, and a backslash takes the next character. */
const COMMANDS: ReadonlySet<string> = new Set([
  "lvs_notify_fifo_script",
  "misc_path",
  "notify",
  "notify_backup",
  "notify_deleted",
  "notify_down",
  "notify_fault",
  "notify_fifo_script",
  "notify_master",
  "notify_master_rx_lower_pri",
  "notify_stop",
  "notify_up",
  "quorum_down",
  "quorum_up",
  "script",
  "shutdown_script",
  "startup_script",
  "vrrp_notify_fifo_script",
]);

/**
 * The words and braces of a line without its comment, by keepalived's rules (read_line and alloc_strvec of its parser.c):
 * blanks and double quotes separate words, and a brace outside of quotes stands for itself wherever it is.
 */
export const lineTokens = (content: string, placeOf: PlaceOf) => {
  const tokens: Token[] = [];
  const problems: SyntaxProblem[] = [];
  let first: string | null = null;
  let offset = 0;
  while (offset < content.length) {
    const rest = content.slice(offset);
    const char = rest.charAt(0);
    if (BLANK.test(char)) {
      offset += 1;
      continue;
    }
    if (char === "{" || char === "}") {
      tokens.push({ kind: char === "{" ? "open" : "close", at: placeOf(offset, 1) });
      first = null;
      offset += 1;
      continue;
    }
    const { raw, text, closed }: Read =
      first !== null && COMMANDS.has(first) ? commandWord(rest) : plainWord(rest);
    const at = placeOf(offset, raw.length);
    if (!closed)
      problems.push({
        at,
        message: "the quote that opens here is not closed in this line: keepalived drops the word",
        severity: "error",
      });
    tokens.push({ kind: "word", word: { text, raw, at } });
    first ??= text;
    offset += raw.length;
  }
  return { tokens, problems };
};

const BLANK = /[ \t\v\f\r\n]/;

interface Read {
  readonly raw: string;
  readonly text: string;
  readonly closed: boolean;
}

/** A word up to a blank, a brace or a quote; or what stands between two quotes. The braces of `${NAME}` belong to it. */
const plainWord = (rest: string): Read => {
  if (rest.startsWith('"')) {
    const end = rest.indexOf('"', 1);
    if (end === -1) return { raw: rest, text: rest.slice(1), closed: false };
    return { raw: rest.slice(0, end + 1), text: rest.slice(1, end), closed: true };
  }
  const raw = /^(?:\$\{\w+(?:[ \t]+\w+)*\}|[^ \t\v\f\r\n"{}])+/.exec(rest)?.[0] ?? rest.charAt(0);
  return { raw, text: raw.replace(/\\([#!])/g, "$1"), closed: true };
};

/** A word of a command: quotes of both kinds may stand in its middle. */
const commandWord = (rest: string): Read => {
  let text = "";
  let quote = "";
  let offset = 0;
  for (; offset < rest.length; offset += 1) {
    const char = rest.charAt(offset);
    if (char === "\\") {
      text += rest.slice(offset, offset + 2);
      offset += 1;
    } else if (quote !== "") {
      if (char === quote) quote = "";
      else text += char;
    } else if (char === '"' || char === "'") quote = char;
    else if (char === "$" && /^\$\{\w+\}/.test(rest.slice(offset))) {
      const end = rest.indexOf("}", offset);
      text += rest.slice(offset, end + 1);
      offset = end;
    } else if (BLANK.test(char) || char === "{" || char === "}") break;
    else text += char;
  }
  offset = Math.min(offset, rest.length);
  return { raw: rest.slice(0, offset), text, closed: quote === "" };
};
