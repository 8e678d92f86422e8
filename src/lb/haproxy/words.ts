import type { Place } from "../../core/error.ts";
import type { SyntaxProblem, Word } from "../syntax.ts";

/** What a line consists of. */
export interface LineWords {
  readonly words: readonly Word[];
  /** The text behind `#`; null for none. */
  readonly comment: string | null;
  readonly problems: readonly SyntaxProblem[];
}

/** HAProxy takes no more words in a line. */
const MOST_WORDS = 64;

/**
 * A line cut into words by HAProxy's rules (parse_line of its tools.c, configuration manual section 2.2): blanks separate,
 * `'…'` takes everything as it is, `"…"` knows escapes and variables, `#` outside of quotes begins a comment even within
 * a word, and a carriage return ends the line. Variables stay as they are written, and `[scope]` lines have no words. `placeOf` says where an offset is.
 */
export const lineWords = (line: string, placeOf: (offset: number, length: number) => Place): LineWords => {
  if (/^\s*\[/.test(line)) return { words: [], comment: null, problems: [] };
  const words: Word[] = [];
  const problems: SyntaxProblem[] = [];
  const report = (
    offset: number,
    length: number,
    message: string,
    severity: SyntaxProblem["severity"] = "error",
  ) => problems.push({ at: placeOf(offset, Math.max(1, length)), message, severity });

  let comment: string | null = null;
  let start: number | null = null;
  let text = "";
  let quote: { readonly mark: string; readonly offset: number } | null = null;
  let offset = 0;

  const endWord = () => {
    if (start === null) return;
    const raw = line.slice(start, offset);
    words.push({ text, raw, at: placeOf(start, raw.length) });
    if (text === "")
      report(
        start,
        raw.length,
        "an empty word ends the line: HAProxy ignores what follows, and from 3.3 on refuses it",
        "warning",
      );
    start = null;
    text = "";
  };

  const refuse = (at: number, length: number, message: string) => {
    report(at, length, message);
    offset = endOf(line, at);
    text += line.slice(at, offset);
  };

  while (offset < line.length) {
    const char = line.charAt(offset);
    if (quote === null && (BLANK.test(char) || (char === "\r" && offset === 0))) {
      endWord();
      // Behind a blank, or where a line begins, a carriage return is one more blank.
      offset += /^[ \t\v\f\r]+/.exec(line.slice(offset))?.[0].length ?? 1;
      continue;
    }
    if (char === "\n" || char === "\r" || char === "\0") break;
    if (quote === null && char === "#") {
      endWord();
      comment = line.slice(offset + 1).replace(/\r?\n?$/, "");
      break;
    }
    start ??= offset;
    if ((char === '"' || char === "'") && (quote === null || quote.mark === char)) {
      quote = quote === null ? { mark: char, offset } : null;
      offset += 1;
    } else if (char === "\\" && quote?.mark !== "'") {
      const escaped = readEscape(line, offset, quote !== null);
      if (escaped === null)
        refuse(
          offset,
          4,
          "\\x is followed by two hexadecimal digits, as in \\x20; write \\\\x for a backslash and an x",
        );
      else {
        if (offset + 1 >= endOf(line, offset))
          report(
            offset,
            1,
            "a backslash at the end does not continue the line: HAProxy takes it as a character",
            "warning",
          );
        text += escaped.text;
        offset += escaped.length;
      }
    } else if (char === "$" && quote?.mark === '"') {
      const variable = readVariable(line, offset);
      if (typeof variable === "string") refuse(offset, endOf(line, offset) - offset, variable);
      else {
        text += line.slice(offset, offset + variable.length);
        offset += variable.length;
      }
    } else {
      text += char;
      offset += 1;
    }
  }
  if (comment === null) endWord();

  const rest = comment === null ? line.slice(offset).replace(/\r?\n?$/, "") : "";
  if (rest.startsWith("\0"))
    report(offset, rest.length, "a NUL byte ends the line: HAProxy refuses the file");
  else if (rest !== "")
    report(offset, rest.length, "a carriage return ends the line: HAProxy ignores what follows", "warning");
  if (quote !== null && !problems.some(({ severity }) => severity === "error"))
    report(
      quote.offset,
      endOf(line, quote.offset) - quote.offset,
      `the quote ${quote.mark} that opens here is not closed in this line`,
    );
  const surplus = words[MOST_WORDS];
  if (surplus !== undefined)
    report(
      surplus.at.column - 1,
      surplus.raw.length,
      `more than ${MOST_WORDS} words in a line: HAProxy refuses it`,
    );
  return { words, comment, problems };
};

const BLANK = /[ \t\v\f]/;

/** Where the text of a line, from an offset on, ends and its line ending begins. */
const endOf = (line: string, from: number): number => {
  const end = line.slice(from).search(/[\r\n\0]/);
  return end === -1 ? line.length : from + end;
};

const CONTROL: ReadonlyMap<string, string> = new Map([
  ["t", "\t"],
  ["n", "\n"],
  ["r", "\r"],
]);

/** What a backslash and what follows mean; null for `\x` without its digits. */
const readEscape = (
  line: string,
  offset: number,
  inQuotes: boolean,
): { readonly text: string; readonly length: number } | null => {
  const next = line.charAt(offset + 1);
  if (next === "x") {
    const digits = /^[0-9A-Fa-f]{2}/.exec(line.slice(offset + 2, offset + 4))?.[0];
    return digits === undefined
      ? null
      : { text: String.fromCharCode(Number.parseInt(digits, 16)), length: 4 };
  }
  const control = CONTROL.get(next);
  if (control !== undefined) return { text: control, length: 2 };
  if (next !== "" && ` \\#'"${inQuotes ? "$" : ""}`.includes(next)) return { text: next, length: 2 };
  return { text: "\\", length: 1 };
};

/** The length of `$NAME`, `${NAME}`, `${NAME-default}`, `${NAME[*]}`, or what is wrong with it. */
const readVariable = (line: string, offset: number): { readonly length: number } | string => {
  const rest = line.slice(offset, endOf(line, offset));
  const name = /^\$(\{?)(?:[A-Za-z_]\w*|\.(?:LINE|FILE|SECTION)(?!\w))/.exec(rest);
  if (name === null)
    return "a variable's name begins with a letter or an underscore; for a dollar sign write \\$ or use '…' instead of \"…\"";
  if (name[1] === "") return { length: name[0].length };
  const braced = /^\$\{\.?\w*(\[\*\])?(-[^}]*)?\}/.exec(rest);
  return braced === null
    ? "the brace of the variable that opens here is not closed"
    : { length: braced[0].length };
};
