import { SIMPLE_ESCAPES } from "../core/python-literal.ts";
/** One word of a line of arguments, and where it starts. */
export interface ArgumentWord {
  readonly text: string;
  readonly offset: number;
}

/** `copy: src=a dest="b c"` taken apart: options, and the text that is none. */
export interface KeyValues {
  readonly options: readonly { readonly name: string; readonly value: string; readonly offset: number }[];
  /** The rest with its blanks; null where there is none. */
  readonly rest: string | null;
  /** A quote or a template that stays open. */
  readonly unclosed: boolean;
}

/** The words of a line: quotes and templates hold blanks together. */
export const splitWords = (
  text: string,
): { readonly words: readonly ArgumentWord[]; readonly unclosed: boolean } => {
  const words: ArgumentWord[] = [];
  const closers: string[] = [];
  let quote: string | null = null;
  let start: number | null = null;
  for (let index = 0; index < text.length; index += 1) {
    const char = text[index] ?? "";
    const pair = text.slice(index, index + 2);
    if (quote === null && closers.length === 0 && (char === " " || char === "\n")) {
      if (start !== null) words.push({ text: text.slice(start, index), offset: start });
      start = null;
      continue;
    }
    start ??= index;
    if (pair === closers.at(-1)) {
      closers.pop();
      index += 1;
    } else if (pair === "{{" || pair === "{%" || pair === "{#") {
      closers.push(pair === "{{" ? "}}" : pair === "{%" ? "%}" : "#}");
      index += 1;
    } else if ((char === '"' || char === "'") && text[index - 1] !== "\\" && closers.length === 0) {
      if (quote === null) quote = char;
      else if (quote === char) quote = null;
    }
  }
  if (start !== null) words.push({ text: text.slice(start), offset: start });
  return { words, unclosed: quote !== null || closers.length > 0 };
};

/** What a line of free-form text may still take as options. */
const FREE_FORM_OPTIONS = new Set([
  "creates",
  "removes",
  "chdir",
  "executable",
  "warn",
  "stdin",
  "stdin_add_newline",
  "strip_empty_ends",
]);

/** Reads `key=value` words; with `freeForm` only command's own options count and all else is the command. */
export const readKeyValues = (text: string, freeForm: boolean): KeyValues => {
  const { words, unclosed } = splitWords(text);
  const options: { name: string; value: string; offset: number }[] = [];
  const others: ArgumentWord[] = [];
  for (const word of words) {
    const match = /^([^=]*[^=\\])=([\s\S]*)$/.exec(word.text);
    const name = match?.[1]?.trim() ?? "";
    if (match === null || (freeForm && !FREE_FORM_OPTIONS.has(name)) || /[\s{"']/.test(name)) {
      others.push(word);
      continue;
    }
    const value = decodeEscapes(match[2] ?? "");
    options.push({ name, value: unquote(value.trim()), offset: word.offset + (match[1] ?? "").length + 1 });
  }
  const rest = joinWords(text, others, words);
  return { options, rest: rest === "" ? null : freeForm ? rest : rest.replaceAll("\\=", "="), unclosed };
};

/** The words that are no options with the blanks that stood before them, as Ansible puts a command together again. */
const joinWords = (text: string, kept: readonly ArgumentWord[], all: readonly ArgumentWord[]): string => {
  let joined = "";
  for (const [index, word] of all.entries()) {
    const before = all[index - 1];
    const blanks = before === undefined ? "" : text.slice(before.offset + before.text.length, word.offset);
    if (!kept.includes(word)) continue;
    const continued = before?.text === "\\" && blanks.startsWith("\n");
    if (word.text === "\\" && text[word.offset + 1] === "\n") continue;
    const gap = continued ? " ".repeat(Math.max(1, blanks.length - 1)) : blanks.replace(/\n $/, "\n");
    joined += (joined === "" ? "" : gap) + word.text;
  }
  const last = all.at(-1);
  const trailing = last === undefined ? "" : text.slice(last.offset + last.text.length);
  return joined === "" || last === undefined || !kept.includes(last) ? joined : joined + trailing;
};

const decodeEscapes = (text: string): string =>
  text.includes("\\")
    ? text.replace(
        /\\(?:U([0-9a-fA-F]{8})|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([0-7]{1,3})|([\\'"abfnrtv]))/g,
        (_, long?: string, short?: string, byte?: string, octal?: string, simple?: string) =>
          simple !== undefined
            ? (SIMPLE_ESCAPES[simple] ?? simple)
            : String.fromCodePoint(
                Math.min(
                  0x10ffff,
                  octal === undefined
                    ? Number.parseInt(long ?? short ?? byte ?? "0", 16)
                    : Number.parseInt(octal, 8),
                ),
              ),
      )
    : text;

const unquote = (text: string): string =>
  text.length > 1 && /^["']/.test(text) && text.at(-1) === text[0] && text.at(-2) !== "\\"
    ? text.slice(1, -1)
    : text;
