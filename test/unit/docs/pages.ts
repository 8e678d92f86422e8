import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The folder of the pages. */
export const DOCS = fileURLToPath(new URL("../../../docs/", import.meta.url));

/** A fenced block of a page. */
export interface Block {
  /** The page's path below docs/. */
  readonly page: string;
  /** Of the opening fence, counted from 1. */
  readonly line: number;
  /** What stands behind the fence: yaml, sh, … */
  readonly language: string;
  readonly text: string;
}

/** The fenced blocks of a page, in order; a fence that is not closed throws. */
export const blocksOf = (page: string): readonly Block[] => {
  const blocks: Block[] = [];
  let open: { readonly line: number; readonly language: string; readonly lines: string[] } | null = null;
  for (const [index, line] of readFileSync(DOCS + page, "utf8")
    .split("\n")
    .entries()) {
    if (!line.startsWith("```")) open?.lines.push(line);
    else if (open === null) open = { line: index + 1, language: line.slice(3), lines: [] };
    else {
      blocks.push({ page, line: open.line, language: open.language, text: `${open.lines.join("\n")}\n` });
      open = null;
    }
  }
  if (open !== null) throw new Error(`${page}:${open.line}: this block has no end`);
  return blocks;
};

/** A block that is a file: its first line is a comment with its path, and perhaps `for` what it is meant. */
export interface FileBlock extends Block {
  readonly path: string;
  /** E.g. `HAProxy 2.8`; null where nothing is said. */
  readonly meantFor: string | null;
}

/** The file that a block is; null where its first line does not name one. */
export const fileOf = (block: Block): FileBlock | null => {
  const named = /^# (\S+\.\w+)(?: for (.+))?\n/.exec(block.text);
  return named === null ? null : { ...block, path: named[1] ?? "", meantFor: named[2] ?? null };
};

/** The how-to pages. */
export const HOW_TOS: readonly string[] = readdirSync(`${DOCS}how-to`)
  .toSorted()
  .map((name) => `how-to/${name}`);

/** The files that a page shows, in order. */
export const filesOf = (page: string): readonly FileBlock[] =>
  blocksOf(page).flatMap((block) => fileOf(block) ?? []);

/** Whether a file holds variables. */
const holdsVariables = ({ path }: FileBlock): boolean => /^(group|host)_vars\/|^vars\//.test(path);

/** The variables that a page shows. */
export const settingsOf = (page: string): readonly FileBlock[] => filesOf(page).filter(holdsVariables);
