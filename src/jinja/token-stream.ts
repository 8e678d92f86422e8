import type { LbplayError } from "../core/error.ts";
import type { JinjaSettings } from "./environment.ts";
import { type Locate, syntaxError, type Token, type TokenKind } from "./lexer.ts";

/** A reader of tokens, one ahead. */
export interface TokenStream {
  readonly current: () => Token;
  readonly peek: () => Token;
  readonly next: () => Token;
  /** True if the current token is of that kind and, if given, has that text. */
  readonly is: (kind: TokenKind, text?: string) => boolean;
  /** Takes the current token if it is that one. */
  readonly skip: (kind: TokenKind, text?: string) => boolean;
  /** Takes the current token, which must be that one. */
  readonly expect: (kind: TokenKind, text?: string) => Token;
  /** Where the last taken token ended. */
  readonly end: () => number;
  readonly fail: (message: string, token?: Token, hint?: string | null) => LbplayError;
  readonly settings: JinjaSettings;
}

/** How a token is called in a message. */
const describe = (kind: TokenKind, text: string | undefined): string => {
  if (text !== undefined && text !== "") return `'${text}'`;
  switch (kind) {
    case "end":
      return "the end of the template";
    case "block-end":
      return "the end of the statement block";
    case "variable-end":
      return "the end of the print statement";
    default:
      return `a ${kind}`;
  }
};

/** A stream over tokens. */
export const createTokenStream = (
  tokens: readonly Token[],
  locate: Locate,
  settings: JinjaSettings,
): TokenStream => {
  let index = 0;
  const last = tokens.at(-1);
  if (last === undefined) throw new Error("a template without an end token");
  const current = (): Token => tokens[index] ?? last;
  const peek = (): Token => tokens[index + 1] ?? last;
  const next = (): Token => {
    const token = current();
    index += 1;
    return token;
  };
  const is = (kind: TokenKind, text?: string): boolean => {
    const token = current();
    return token.kind === kind && (text === undefined || token.text === text);
  };
  const skip = (kind: TokenKind, text?: string): boolean => {
    if (!is(kind, text)) return false;
    index += 1;
    return true;
  };
  const fail = (message: string, token = current(), hint: string | null = null): LbplayError =>
    syntaxError(message, locate(token.offset, Math.max(1, token.text.length)), hint);
  const expect = (kind: TokenKind, text?: string): Token => {
    if (is(kind, text)) return next();
    const token = current();
    throw fail(`expected ${describe(kind, text)}, found ${describe(token.kind, token.text.trim())}`);
  };
  const end = (): number => {
    const token = tokens[index - 1];
    return token === undefined ? 0 : token.offset + token.text.length;
  };
  return { current, peek, next, is, skip, expect, end, fail, settings };
};
