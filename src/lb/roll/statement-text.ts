import type { KeepalivedStatement } from "../keepalived/syntax.ts";

/** Statements as text without what keepalived does not read: comments, indents, quotes. */
export const blockText = (statements: readonly KeepalivedStatement[]): string =>
  statements
    .map(({ words, block }) => {
      const line = words.map(({ text }) => JSON.stringify(text)).join(" ");
      return block === null ? line : `${line} {\n${blockText(block)}\n}`;
    })
    .join("\n");
